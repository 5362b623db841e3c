/** A real kube-apiserver on a real etcd, where both are on the PATH: what Diorama is compared with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { accessSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { Client } from './http.ts';
import type { Target } from './rows.ts';

const TOKEN = 'benchmark-of-the-real-server';
const START_SECONDS = 60;

function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

export interface RealServer extends Target {
  stop(): Promise<void>;
}

/** Undefined where a program is not there. `folder`: for its state. @throws Error if it does not come up. */
export async function startRealServer(folder: string): Promise<RealServer | undefined> {
  const [etcd, apiserver] = [onPath('etcd'), onPath('kube-apiserver')];
  if (!etcd || !apiserver) return undefined;
  const state = join(folder, 'real');
  mkdirSync(state);
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const key = join(state, 'sa.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(state, 'tokens.csv'), `${TOKEN},admin,admin,system:masters\n`, { mode: 0o600 });
  const children: ChildProcess[] = [];
  const run = (program: string, args: string[]): void => {
    const log = openSync(join(state, `${children.length}.log`), 'w');
    children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
  };
  const [clientURL, peerURL] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  run(etcd, [
    `--data-dir=${join(state, 'etcd')}`,
    `--listen-client-urls=${clientURL}`,
    `--advertise-client-urls=${clientURL}`,
    `--listen-peer-urls=${peerURL}`,
    `--initial-advertise-peer-urls=${peerURL}`,
    `--initial-cluster=default=${peerURL}`,
  ]);
  run(apiserver, [
    `--etcd-servers=${clientURL}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(state, 'certs')}`,
    `--token-auth-file=${join(state, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // It has nobody who would make the default service account.
    '--disable-admission-plugins=ServiceAccount',
  ]);
  const url = `https://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    }
  };
  try {
    await untilReady(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: 'kube-apiserver', url, token: TOKEN, stop };
}

async function untilReady(url: string): Promise<void> {
  for (let waited = 0; waited < START_SECONDS; waited += 0.5) {
    const client = new Client(url, TOKEN);
    const ready = await client.send('GET', '/api/v1/namespaces/default').catch(() => undefined);
    client.close();
    if (ready?.status === 200) return;
    await sleep(500);
  }
  throw new Error(`kube-apiserver was not ready within ${START_SECONDS} s`);
}
