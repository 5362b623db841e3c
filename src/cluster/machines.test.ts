import { expect, it } from 'vitest';
import type { PodTarget } from '../apiserver/streams/session-wire.ts';
import type { Image } from '../machine/image.ts';
import { imageOf, TEST_START } from '../machine/test-machine.ts';
import { node, viewOfObjects } from '../network/world/test-cluster.ts';
import { MAX_MACHINE_BYTES, MAX_MACHINES } from './held-machines.ts';
import { Machines } from './machines.ts';

const CONFIG = 'config';

const podOf = (name: string, config: string, runs: boolean): object => ({
  metadata: { namespace: 'default', name, uid: name },
  spec: {
    nodeName: 'node-0',
    containers: [{ name: 'c', image: 'busybox', command: ['program'] }],
    volumes: [{ name: CONFIG, configMap: { name: config } }],
  },
  status: {
    phase: 'Running',
    podIP: '10.244.0.5',
    containerStatuses: runs
      ? [{ name: 'c', restartCount: 0, state: { running: { startedAt: new Date(TEST_START).toISOString() } } }]
      : [],
  },
});

const target = (pod: string): PodTarget => ({ namespace: 'default', pod, uid: pod });

/** The machines of pods, each by the text of its ConfigMap; without an image none of their containers runs yet. */
function opened(configs: Record<string, string>, image?: Image) {
  const names = Object.keys(configs);
  const pods = new Map(names.map((name) => [name, podOf(name, name, image !== undefined)]));
  const maps = new Map(names.map((name) => [name, { metadata: { name }, data: { key: configs[name] } }]));
  const rest = viewOfObjects({ nodes: [node(0)] });
  const known: Record<string, Map<string, object>> = { pods, configmaps: maps };
  const get = (resource: string, namespace: string | undefined, name: string) =>
    known[resource]?.get(name) ?? rest.get(resource as 'pods', namespace as string, name);
  const machines = new Machines({
    seed: 'a',
    reader: () => ({ ...rest, get }) as typeof rest,
    clusterDNS: '10.96.0.10',
    imageFor: () => image ?? imageOf({}),
    network: {
      connect: () => {
        throw new Error('nobody connects');
      },
      ask: () => {
        throw new Error('nobody asks');
      },
    },
    wake: () => undefined,
  });
  const look = (name: string) => machines.machine(target(name), TEST_START)!;
  /** Whether its machine is in memory. */
  const isHeld = (name: string): boolean => machines.let('default', name)?.hasMachine ?? false;
  return { machines, look, isHeld };
}

it('keeps so many machines, and forgets whoever was not asked for the longest', () => {
  const names = Array.from({ length: MAX_MACHINES + 1 }, (_, i) => `p${i}`);
  const { look, isHeld } = opened(Object.fromEntries(names.map((name) => [name, ''])));
  for (const name of names.slice(0, MAX_MACHINES)) look(name);
  // The first is asked for again.
  const first = look('p0');
  expect(look('p0')).toBe(first);
  look(names.at(-1)!);
  expect(names.filter((name) => !isHeld(name))).toEqual(['p1']);
});

it('keeps so many bytes of machines, of whoever was asked for last', () => {
  const bare = opened({ a: '' }).look('a').size;
  const half = 'x'.repeat(MAX_MACHINE_BYTES / 2 - bare);
  const heldOf = (a: string, b: string): boolean[] => {
    const { look, isHeld } = opened({ a, b, c: '' });
    expect(look('a').size + look('b').size).toBe(MAX_MACHINE_BYTES + a.length + b.length - 2 * half.length);
    look('c');
    return [isHeld('a'), isHeld('b'), isHeld('c')];
  };
  expect(heldOf(half, half)).toEqual([true, true, true]);
  expect(heldOf(half, `${half}x`)).toEqual([false, true, true]);
});

it('makes a machine that was forgotten again, as it was', () => {
  const image = imageOf({
    '/bin/program': {
      program: function* (process) {
        yield* process.write(1, `${process.random()}\n`);
        yield* process.sleep(1_000_000);
        return 0;
      },
    },
  });
  const { machines, look } = opened({ a: '' }, image);
  const before = look('a');
  const [line] = before.log('c');
  machines.let('default', 'a');
  expect(look('a')).not.toBe(before);
  expect(line).toBeDefined();
  expect(look('a').log('c')).toEqual([line]);
});

it('lets a program that is wrong crash, and nobody else', () => {
  const image = imageOf({
    '/bin/program': {
      // biome-ignore lint/correctness/useYield: it fails at once.
      program: function* () {
        throw new TypeError('it is undefined');
      },
    },
  });
  const { look } = opened({ a: '' }, image);
  expect(look('a').end('c')).toMatchObject({ exitCode: 139, signal: 11 });
});
