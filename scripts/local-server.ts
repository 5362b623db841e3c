/**
 * The local server: workerd itself on the built bundle, with all state in one folder.
 *
 *     const server = await startServer({stateDir: folder});
 *     await fetch(`${server.url}/v1/clusters`, …);
 *     await server.stop();
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { addressesOf, bracketed } from './local/addresses.ts';
import { localCertificates } from './local/certificates.ts';
import { D1_WORKER, writeWorker } from './local/installation.ts';
import { sweepObjects } from './local/object-sweep.ts';
import { workerdBinary } from './local/platform.ts';
import { openStateFolder, privately } from './local/state-folder.ts';
import { lockState, type StateLock } from './local/state-lock.ts';
import { workerdConfig } from './local/workerd-config.ts';

export interface ServerOptions {
  /** A free one by default, as is `httpsPort`. */
  port?: number;
  httpsPort?: number;
  /** The name or address to listen at; loopback by default. */
  host?: string;
  stateDir: string;
  /** Whether an earlier start's bundle in `stateDir` is to be used again. */
  bundled?: boolean;
  /** Bindings of the Worker: `HOSTS`, `LIMITS`, `TRUST_FORWARDED_FOR`; see src/platform/. */
  settings?: Record<string, string>;
}

export interface LocalServer {
  /** `http://localhost:PORT`, or the host that it listens at; and its twin with TLS. */
  url: string;
  httpsUrl: string;
  /** The URLs, with and without TLS, by which other machines reach it, if any do. */
  reachedAt: { url: string; httpsUrl: string }[];
  /** PEM of the authority that signed the https door's certificate. */
  ca: string;
  pid: number;
  /** Ends it in order; with open streams, after two seconds in any case. */
  stop(): Promise<void>;
  /** Ends it on the spot, as a crash would. */
  kill(): Promise<void>;
  /** Fulfilled when the process has ended, by whatever cause. */
  exited: Promise<void>;
}

const START_SECONDS = 30;
const STOP_MILLISECONDS = 2000;

/** Whether the port can be had; port 0 asks for any. Answers the port. */
function claimPort(port: number, host: string): Promise<number> {
  return new Promise((fulfil, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => fulfil(typeof address === 'object' && address ? address.port : port));
    });
  });
}

/** Fulfilled when both doors are open; workerd tells so on its control pipe. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((fulfil, reject) => {
    const open = new Set<string>();
    const timer = setTimeout(
      () => reject(new Error(`workerd did not listen within ${START_SECONDS} s`)),
      START_SECONDS * 1000,
    );
    let text = '';
    child.stdio[3]!.on('data', (chunk: Buffer) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as { event: string; socket?: string };
        if (message.event === 'listen' && message.socket) open.add(message.socket);
      }
      if (open.has('http') && open.has('https')) {
        clearTimeout(timer);
        fulfil();
      }
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`workerd ended at its start (${signal ?? code})`));
    });
  });
}

/** @throws StateTaken if another server has the folder. */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const program = workerdBinary();
  const stateDir = resolve(options.stateDir);
  const objectsDir = join(stateDir, 'v3/do');
  const databaseDir = join(stateDir, 'v3/d1');
  openStateFolder(stateDir, [objectsDir, databaseDir]);
  const lock = await lockState(stateDir);
  try {
    return await serve(options, program, { stateDir, objectsDir, databaseDir }, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serve(
  options: ServerOptions,
  program: string,
  { stateDir, objectsDir, databaseDir }: { stateDir: string; objectsDir: string; databaseDir: string },
  lock: StateLock,
): Promise<LocalServer> {
  const host = (options.host ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  const addresses = addressesOf(host);
  sweepObjects(objectsDir, databaseDir, Date.now());
  const [port, httpsPort] = [await claimPort(options.port ?? 0, host), await claimPort(options.httpsPort ?? 0, host)];
  const bundle = join(stateDir, 'worker.js');
  const [{ ca, server }] = await Promise.all([
    localCertificates(stateDir, addresses.certified),
    options.bundled || writeWorker(bundle),
  ]);
  const database = join(stateDir, 'd1.worker.js');
  copyFileSync(D1_WORKER, database);
  chmodSync(database, 0o600);
  const configFile = join(stateDir, 'workerd.capnp');
  const settings = options.settings ?? {};
  const config = workerdConfig({
    host: bracketed(host),
    localHost: addresses.local,
    port,
    httpsPort,
    ca,
    server,
    objectsDir,
    databaseDir,
    settings,
  });
  writeFileSync(configFile, config, { mode: 0o600 });
  const child = privately(() =>
    spawn(program, ['serve', configFile, '--control-fd=3'], {
      cwd: dirname(configFile),
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    }),
  );
  const exited = new Promise<void>((fulfil) =>
    child.once('exit', () => {
      lock.release();
      fulfil();
    }),
  );
  if (child.pid !== undefined) lock.serves(child.pid, `http://${addresses.local}:${port}`);
  const leaveNothing = () => child.kill('SIGKILL');
  process.once('exit', leaveNothing);
  exited.then(() => process.off('exit', leaveNothing));
  await listening(child);

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
    await exited;
    clearTimeout(timer);
  };
  return {
    url: `http://${addresses.local}:${port}`,
    httpsUrl: `https://${addresses.local}:${httpsPort}`,
    reachedAt: addresses.reached.map((name) => ({
      url: `http://${name}:${port}`,
      httpsUrl: `https://${name}:${httpsPort}`,
    })),
    ca,
    pid: child.pid!,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    exited,
  };
}
