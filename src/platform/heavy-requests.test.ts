import { describe, expect, it } from 'vitest';
import { HeavyRequests, whenRead } from './heavy-requests.ts';
import {
  HEAVY_BYTES,
  HEAVY_SEAT_MS,
  HEAVY_WAIT_MS,
  MAX_HEAVY_BYTES,
  MAX_HEAVY_BYTES_OF_CLUSTER,
  MAX_QUESTION_LENGTH,
} from './limits.ts';

const NOW = 1_800_000_000_000;
const LIST = new URL('https://a/api/v1/pods');

describe('what an answer will weigh', () => {
  const expected = (path: string, stored: number, method = 'GET', heavy = new HeavyRequests()): number =>
    heavy.expected('a', new Request('https://a', { method }), new URL(path, 'https://a'), stored);

  it('is little in a small cluster, and supposed of whole lists in a large one', () => {
    expect(expected('/api/v1/pods', HEAVY_BYTES - 1)).toBe(0);
    expect(expected('/api/v1/pods', HEAVY_BYTES)).toBe(HEAVY_BYTES);
    for (const path of [
      '/api/v1/pods?limit=500',
      '/api/v1/namespaces/default/pods/a',
      '/version',
      '/api/v1/pods?watch=1',
    ])
      expect([path, expected(path, 10 * HEAVY_BYTES)]).toEqual([path, 0]);
    expect(expected('/api/v1/pods', 10 * HEAVY_BYTES, 'DELETE')).toBe(0);
  });

  it('is what it was the last time to the same question', () => {
    const heavy = new HeavyRequests();
    heavy.remember('a', LIST, HEAVY_BYTES);
    expect(expected('/api/v1/pods', 0, 'GET', heavy)).toBe(HEAVY_BYTES);
    expect(expected('/api/v1/pods?fieldSelector=a', 0, 'GET', heavy)).toBe(0);
    heavy.remember('a', LIST, HEAVY_BYTES - 1);
    expect(expected('/api/v1/pods', 10 * HEAVY_BYTES, 'GET', heavy)).toBe(0);
    const long = `/api/v1/pods?fieldSelector=${'x'.repeat(MAX_QUESTION_LENGTH)}`;
    heavy.remember('a', new URL(long, 'https://a'), HEAVY_BYTES);
    expect(expected(long, 0, 'GET', heavy)).toBe(0);
  });
});

describe('seats', () => {
  it('are so many for a cluster, and given back', () => {
    const heavy = new HeavyRequests();
    const first = heavy.take('a', MAX_HEAVY_BYTES_OF_CLUSTER - HEAVY_BYTES, NOW)!;
    expect(heavy.take('a', HEAVY_BYTES + 1, NOW)).toBeUndefined();
    expect(heavy.take('a', HEAVY_BYTES, NOW)).toBeDefined();
    heavy.giveBack(first);
    expect(heavy.take('a', HEAVY_BYTES + 1, NOW)).toBeDefined();
  });

  it('are so many for all, but each cluster has one', () => {
    const heavy = new HeavyRequests();
    const ids = Array.from({ length: 8 }, (_, i) => `c${i}`);
    for (const id of ids) expect(heavy.take(id, MAX_HEAVY_BYTES / 8, NOW)).toBeDefined();
    expect(heavy.take('c0', HEAVY_BYTES, NOW)).toBeUndefined();
    expect(heavy.take('another', 2 * MAX_HEAVY_BYTES, NOW)).toBeDefined();
    expect(heavy.take('another', 1, NOW)).toBeUndefined();
    // However many clusters there are: each adds its one, and no second.
    for (let i = 0; i < 100; i++) {
      expect(heavy.take(`d${i}`, HEAVY_BYTES, NOW)).toBeDefined();
      expect(heavy.take(`d${i}`, HEAVY_BYTES, NOW)).toBeUndefined();
    }
  });

  it('come back by themselves from a client that is gone', () => {
    const heavy = new HeavyRequests();
    heavy.take('a', MAX_HEAVY_BYTES_OF_CLUSTER, NOW);
    expect(heavy.take('a', 1, NOW + HEAVY_SEAT_MS - 1)).toBeUndefined();
    expect(heavy.take('a', 1, NOW + HEAVY_SEAT_MS)).toBeDefined();
  });

  it('are waited for, and not for ever', async () => {
    const heavy = new HeavyRequests();
    const seat = heavy.take('a', MAX_HEAVY_BYTES_OF_CLUSTER, NOW)!;
    const waiting = heavy.wait('a', 1, () => NOW);
    heavy.giveBack(seat);
    expect(await waiting).toBeDefined();
    heavy.take('b', MAX_HEAVY_BYTES_OF_CLUSTER, NOW);
    let now = NOW;
    const instants = () => {
      now += HEAVY_WAIT_MS / 2;
      return now;
    };
    expect(await heavy.wait('b', 1, instants)).toBeUndefined();
  });
});

it('an answer is over when it is read, when it is left, and when there is nothing to read', async () => {
  const over: string[] = [];
  const read = whenRead(new Response('text', { status: 201, headers: { a: 'b' } }), () => over.push('read'));
  expect([read.status, read.headers.get('a'), over]).toEqual([201, 'b', []]);
  expect(await read.text()).toBe('text');
  await expect.poll(() => over).toEqual(['read']);
  await whenRead(new Response('text'), () => over.push('left')).body!.cancel();
  await expect.poll(() => over).toEqual(['read', 'left']);
  whenRead(new Response(null), () => over.push('nothing'));
  expect(over).toEqual(['read', 'left', 'nothing']);
});
