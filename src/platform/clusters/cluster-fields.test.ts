/** The same wrong value is refused in the same words wherever it is given: to a new cluster, a change, a fork, a token, a clock, a file. */

import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { FORMAT, FORMAT_VERSION } from '../../etcd/snapshot-file.ts';
import {
  MAX_BEHAVIOURS,
  MAX_CLOCK_SPEED,
  MAX_NAME_LENGTH,
  MAX_REVISION,
  MAX_SEED_LENGTH,
  MAX_TTL_SECONDS,
} from '../limits.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

let cluster: { id: string; token: string };
beforeAll(async () => {
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: '{"nodes":0}' });
  cluster = (await made.json()) as typeof cluster;
});

const MAKING = {
  name: 'imported',
  seed: 'seed',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.244.0.0/16',
  nodePortRange: [30000, 32767],
  components: { scheduler: true, kubelet: true, kubeProxy: true, controllers: { 'deployment-controller': true } },
  clock: { start: 1_800_000_000_000, speed: 1, paused: false },
};
const HEADER = { format: FORMAT, version: FORMAT_VERSION, revision: 100, time: 1_800_000_000_000, making: MAKING };

/** `given` with the value at the place that the path names. */
function changed(given: LooseObject, [first, ...rest]: (string | number)[], value: unknown): LooseObject {
  if (first === undefined) return value;
  const copy = Array.isArray(given) ? [...given] : { ...given };
  copy[first] = changed(copy[first] ?? {}, rest, value);
  return copy;
}

type Path = (string | number)[];

async function send(method: string, path: string, body: unknown): Promise<{ status: number; detail: string }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${cluster.token}` };
  const answer = await worker.fetch(ORIGIN + path, { method, headers, body: JSON.stringify(body) });
  return { status: answer.status, detail: ((await answer.json()) as LooseObject).detail };
}

/** Who takes a field, by the words with which it says where what is wrong is. */
const TAKERS = {
  creation: (path: Path, value: unknown) => send('POST', '/v1/clusters', changed({}, path, value)),
  change: (path: Path, value: unknown) => send('PATCH', `/v1/clusters/${cluster.id}`, changed({}, path, value)),
  fork: (path: Path, value: unknown) => send('POST', `/v1/clusters/${cluster.id}/forks`, changed({}, path, value)),
  token: (path: Path, value: unknown) =>
    send('POST', `/v1/clusters/${cluster.id}/tokens`, changed({ role: 'view' }, path, value)),
  clock: (path: Path, value: unknown) => send('PATCH', `/v1/clusters/${cluster.id}/clock`, changed({}, path, value)),
  query: async (path: Path, value: unknown) => {
    const headers = { authorization: `Bearer ${cluster.token}` };
    const url = `${ORIGIN}/v1/clusters/${cluster.id}/export?${path[0]}=${value}`;
    const answer = await worker.fetch(url, { headers });
    return { status: answer.status, detail: ((await answer.json()) as LooseObject).detail };
  },
  file: async (path: Path, value: unknown) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const body = `${JSON.stringify(changed(HEADER, path, value))}\n`;
    const answer = await worker.fetch(`${ORIGIN}/v1/clusters/import`, { method: 'POST', headers, body });
    return { status: answer.status, detail: ((await answer.json()) as LooseObject).detail };
  },
};
type Taker = keyof typeof TAKERS;

/** The words after the place: `/clock/speed: …`, `Line 1: making.clock.speed: ….` */
const wordsOf = (taker: Taker, detail: string): string =>
  taker === 'file' ? detail.replace(/^Line 1: \S+: (.*)\.$/s, '$1') : detail.replace(/^\S+: /, '');

interface Field {
  /** Where each taker has it. */
  at: Partial<Record<Taker, Path>>;
  wrong: unknown[];
  /** What all take. */
  right: unknown;
}

const FIELDS: Record<string, Field> = {
  name: {
    at: { creation: ['name'], change: ['name'], fork: ['name'], file: ['making', 'name'] },
    wrong: ['', 'Not A Name', 'a_b', '-a', 'a'.repeat(MAX_NAME_LENGTH + 1), 5, null, true, [], {}],
    right: 'a'.repeat(MAX_NAME_LENGTH),
  },
  seed: {
    at: { creation: ['seed'], file: ['making', 'seed'] },
    wrong: ['', 'x'.repeat(MAX_SEED_LENGTH + 1), 0.5, null, true, [], {}],
    right: 7,
  },
  ttl: {
    at: { creation: ['ttl'], change: ['ttl'], fork: ['ttl'], token: ['ttl'] },
    wrong: [0, -1, 0.5, MAX_TTL_SECONDS + 1, '60', null, true, []],
    right: MAX_TTL_SECONDS,
  },
  revision: {
    at: { fork: ['revision'], file: ['revision'] },
    wrong: [0, -1, 1.5, MAX_REVISION + 1, '5', null, true, []],
    right: 1,
  },
  'a revision that is written': {
    at: { fork: ['revision'], query: ['revision'], file: ['revision'] },
    wrong: [0, -1, 1.5, MAX_REVISION + 1],
    right: 1,
  },
  'the speed of the clock': {
    at: { creation: ['clock', 'speed'], clock: ['speed'], file: ['making', 'clock', 'speed'] },
    wrong: [0, -1, MAX_CLOCK_SPEED + 1, '2', null, true, []],
    right: MAX_CLOCK_SPEED,
  },
  'whether the clock stands': {
    at: { creation: ['clock', 'paused'], clock: ['paused'], file: ['making', 'clock', 'paused'] },
    wrong: ['yes', 1, null, []],
    right: true,
  },
  'the range of services': {
    at: { creation: ['serviceCIDR'], file: ['making', 'serviceCIDR'] },
    wrong: [
      '',
      'x',
      '10.96.0.0',
      '10.96.0.1/16',
      '10.096.0.0/16',
      '0x0a.0x60.0.0/16',
      '::ffff:10.96.0.0/112',
      'fd00::/48',
      '10.0.0.0/8',
      '127.0.0.0/16',
      5,
      null,
    ],
    right: '10.97.0.0/16',
  },
  'the range of pods': {
    at: { creation: ['podCIDR'], file: ['making', 'podCIDR'] },
    wrong: ['', '10.244.0.0/23', '10.0.0.0/8', '172.18.0.0/16', 'fd00::/48', 5, null],
    right: '10.245.0.0/16',
  },
  'a switch': {
    at: { creation: ['components', 'job-controller'], file: ['making', 'components', 'controllers', 'job-controller'] },
    wrong: ['off', 1, null, []],
    right: false,
  },
  'a switch of nothing': {
    at: { creation: ['components'], file: ['making', 'components', 'controllers'] },
    wrong: [
      { 'no-such-controller': true },
      { constructor: true },
      { job: true, 'job-controller': false },
      { resourceclaim: true },
      'all',
      true,
    ],
    right: { job: false },
  },
  behaviours: {
    at: { creation: ['behaviours'], file: ['making', 'behaviours'] },
    wrong: [
      {},
      'none',
      [5],
      [{}],
      [{ match: {}, ready: 'no' }],
      [{ match: {}, other: true }],
      [{ match: { labels: { a: 5 } } }],
      Array(MAX_BEHAVIOURS + 1).fill({ match: {} }),
    ],
    right: [{ match: { image: 'nginx*' }, pace: 'realistic' }],
  },
};

describe.each(Object.entries(FIELDS))('%s', (_, { at, wrong, right }) => {
  const takers = Object.entries(at) as [Taker, Path][];

  it.each(wrong.map((value) => [JSON.stringify(value)!.slice(0, 60), value]))('cannot be %s', async (_, value) => {
    const words: Record<string, string> = {};
    for (const [taker, path] of takers) {
      const { status, detail } = await TAKERS[taker](path, value);
      expect([taker, status], detail).toEqual([taker, taker === 'file' ? 400 : 422]);
      words[taker] = wordsOf(taker, detail);
    }
    expect(Object.values(words)[0]).not.toBe('');
    expect(new Set(Object.values(words)).size, JSON.stringify(words)).toBe(1);
  });

  it('is taken by all when it is right', async () => {
    for (const [taker, path] of takers) {
      if (taker === 'query') continue;
      const { status, detail } = await TAKERS[taker](path, right);
      expect([taker, status < 300], detail).toEqual([taker, true]);
    }
  });
});
