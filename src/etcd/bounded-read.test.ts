import { expect, it } from 'vitest';
import { MAX_READ_BYTES, readIfRoom, readRest, readWithin } from './bounded-read.ts';
import type { KeyValue, RangeRequest, RangeResponse } from './types.ts';

const kvs: KeyValue[] = Array.from({ length: 10 }, (_, i) => ({
  key: `k${i}`,
  value: 'v'.repeat(100),
  createRevision: 1,
  modRevision: 1,
  version: 1,
  lease: '0',
}));

function range({ key, limit = 0, maxBytes = Number.POSITIVE_INFINITY }: RangeRequest): RangeResponse {
  const from = kvs.filter((kv) => kv.key >= key);
  const limited = limit > 0 ? from.slice(0, limit) : from;
  const found = limited.slice(0, Math.max(1, Math.floor(maxBytes / 100)));
  const cut = found.length < limited.length;
  return { revision: 7, kvs: found, more: found.length < from.length, count: from.length, ...(cut ? { cut } : {}) };
}

const all: RangeRequest = { key: 'k', rangeEnd: 'l' };

it('cuts what is more than may cross at once, and puts it together again', async () => {
  const [first, second] = readWithin(range, [all, all], 1000);
  expect([first!.kvs.length, first!.cut, second!.kvs.length, second!.cut]).toEqual([10, undefined, 1, true]);
  const asked: RangeRequest[] = [];
  const whole = await readRest(all, second!, 7, async (request) => {
    asked.push(request);
    return readWithin(range, [request], 300)[0]!;
  });
  expect(whole).toEqual({ revision: 7, kvs, more: false, count: 10 });
  expect(asked.every(({ revision }) => revision === 7)).toBe(true);
});

it('leaves a limit and a part that was asked for as they are', async () => {
  const limited = { ...all, limit: 4 };
  const [first] = readWithin(range, [limited], 200);
  const four = await readRest(limited, first!, 7, async (request) => readWithin(range, [request], 200)[0]!);
  expect([four.kvs.length, four.more, four.count]).toEqual([4, true, 10]);
  const part = { ...all, maxBytes: 300 };
  const [cut] = readWithin(range, [part], 1000);
  expect(await readRest(part, cut!, 7, () => Promise.reject(new Error('not asked')))).toBe(cut);
});

it('says for how much there should be room before it reads it', () => {
  const read = (allowed: number, request = all) => readIfRoom(range, [request], allowed);
  const whole = readWithin(range, [all], MAX_READ_BYTES)[0]!.kvs;
  const bytes = whole.reduce((sum, { value }) => sum + value.length, 0);
  expect(read(bytes)).toMatchObject([{ kvs: whole }]);
  const guess = read(bytes - 1);
  expect(guess).toEqual({ heavy: expect.any(Number) });
  expect((guess as { heavy: number }).heavy).toBeGreaterThan(bytes);
  // What is asked for in parts needs no more room than a part.
  const part = { ...all, maxBytes: bytes - 1 };
  expect(read(bytes - 1, part)).toMatchObject([{ cut: true }]);
  expect(read(1, part)).toMatchObject({ heavy: expect.any(Number) });
});
