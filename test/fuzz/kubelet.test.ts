/**
 * Pods whose commands, probes and hooks are made to be hard to read, each taken through its whole life: what a kubelet makes of a
 * stranger's script never costs more CPU than an input may. `FUZZ_INPUTS` says how many, `FUZZ_SEED` which.
 */
import { expect, it } from 'vitest';
import { type Random, seeded } from '../etcd/script.ts';
import { type Json, pod } from '../simulation/pods.ts';
import { createSandbox } from '../simulation/sandbox.ts';
import { gauged } from './gauge.ts';
import { below, mutatedText, pick } from './mutate.ts';

const PODS = Math.ceil(Number(process.env.FUZZ_INPUTS ?? 100_000) / 1000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** A sandbox keeps what it was asked; now and then a new one is cheaper. */
const PODS_IN_ONE = 50;
const PATH = '/api/v1/namespaces/default/pods';

const BEGINNINGS = [
  '',
  'sleep',
  'trap x',
  "trap '",
  'trap ',
  'exec',
  'exec x',
  'echo x >',
  'touch /tmp/x;',
  'cat',
  ':',
];
const MIDDLES = [
  ' ',
  '\n',
  ';',
  '>',
  '> a ',
  "'",
  '"',
  'a',
  '-',
  '/',
  'trap x ',
  "trap 'a' ",
  'exec ',
  'sleep ',
  ' & ',
];
const ENDS = ['', '$x', '|', '(', ';x', ' TERM', ' wait', ' > /tmp/x', "'"];

function hostileText(random: Random): string {
  const middle = pick(random, MIDDLES);
  const length = pick(random, [3, 300, 4000, 40_000]);
  return pick(random, BEGINNINGS) + middle.repeat(Math.ceil(length / middle.length)) + pick(random, ENDS);
}

function command(random: Random): string[] {
  const plain = pick(random, ['trap "sleep 1; exit 3" TERM; sleep 9 & wait', 'exec sleep 9', 'echo > /tmp/x; sleep 5']);
  const script = random() < 0.2 ? mutatedText(random, plain) : hostileText(random);
  return pick(random, [
    ['sh', '-c', script],
    ['/bin/bash', '-ec', script],
    [script],
    ['cat', script],
    ['cat', '/tmp/x'],
  ]);
}

function probe(random: Random): Json {
  return {
    ...pick<Json>(random, [
      { tcpSocket: { port: 80 } },
      { httpGet: { port: 80, path: hostileText(random) } },
      { grpc: { port: 80 } },
      { exec: { command: command(random) } },
    ]),
    periodSeconds: 1 + below(random, 20),
  };
}

function hostilePod(random: Random): Json {
  const action = (): Json => (random() < 0.5 ? { exec: { command: command(random) } } : { httpGet: { port: 80 } });
  const containers = Array.from({ length: random() < 0.1 ? 20 : 1 + below(random, 2) }, (_, i) => ({
    name: `c${i}`,
    image: pick(random, ['busybox', 'nginx', 'example.com/a/b:1']),
    command: command(random),
    readinessProbe: probe(random),
    livenessProbe: probe(random),
    lifecycle: { postStart: action(), preStop: action() },
  }));
  return pod('x', { containers, terminationGracePeriodSeconds: pick(random, [0, 1, 30]) });
}

it(`${PODS} pods of hostile scripts`, { timeout: 60_000 + PODS * 500 }, async () => {
  const random = seeded(SEED);
  let sandbox = createSandbox(1);
  // Probes run each second: what comes due in one is a turn.
  const seconds = (count: number) => Array.from({ length: count }, () => () => sandbox.advance(1000));
  for (let i = 0; i < PODS; i++) {
    if (i % PODS_IN_ONE === 0) sandbox = createSandbox(1);
    const object = hostilePod(random);
    const text = JSON.stringify(object);
    let made: Json;
    await gauged(
      () => text,
      text.length,
      async () => {
        made = await sandbox.request('POST', PATH, object);
      },
      ...seconds(15),
      () => sandbox.request('DELETE', `${PATH}/x`),
      ...seconds(60),
      async () => {
        if (made.kind === 'Pod') expect((await sandbox.request('GET', `${PATH}/x`)).code).toBe(404);
      },
    );
    const defects = sandbox.errors.filter((error) => /(?:Type|Range|Reference)Error/.test(error));
    expect(defects).toEqual([]);
  }
});

it('a pod of many containers with probes costs in proportion to their number', async () => {
  const cpu = async (count: number): Promise<number> => {
    const sandbox = createSandbox(1);
    const containers = Array.from({ length: count }, (_, i) => ({
      name: `c${i}`,
      image: 'busybox',
      command: ['sh', '-c', 'sleep 9; echo a; sleep 8'],
      readinessProbe: { tcpSocket: { port: 80 } },
    }));
    expect((await sandbox.request('POST', PATH, pod('x', { containers }))).kind).toBe('Pod');
    const start = process.threadCpuUsage();
    sandbox.advance(15_000);
    return process.threadCpuUsage(start).user / 1000;
  };
  await cpu(50);
  // With its status and its managers some 1.4 MB: more is more than etcd takes. What is square is so in each try.
  let ratio = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && ratio >= 10; tries++) {
    const few = await cpu(250);
    ratio = (await cpu(1000)) / few;
  }
  expect(ratio).toBeLessThan(10);
});
