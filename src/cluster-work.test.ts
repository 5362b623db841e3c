import { expect, it } from 'vitest';
import { readUnits, txnUnits, WorkBudget } from './cluster-work.ts';
import type { KeyValue } from './etcd/types.ts';
import { InFlight } from './in-flight.ts';

const kv = (bytes: number): KeyValue => ({
  key: 'k',
  value: 'x'.repeat(bytes),
  createRevision: 1,
  modRevision: 1,
  version: 1,
  lease: '0',
});
const range = (...kvs: KeyValue[]) => ({ revision: 1, kvs, more: false, count: kvs.length });
const put = (bytes: number) => ({
  compare: [],
  success: [{ put: { key: 'k', value: 'x'.repeat(bytes) } }],
  failure: [],
});

it('small things cost little, and large ones by their bytes', () => {
  expect(readUnits([range(kv(1000))])).toBe(1);
  expect(readUnits([range(kv(1000)), range()])).toBe(2);
  expect(readUnits([range(...Array.from({ length: 64 }, () => kv(16 * 1024)))])).toBe(65);
  expect(txnUnits(put(1000), 0)).toBe(2);
  expect(txnUnits(put(1024 * 1024), 0)).toBe(66);
});

it('writes cost more where many watch, up to ten seats', () => {
  expect([0, 99, 100, 1000, 5000].map((watches) => txnUnits(put(1), watches))).toEqual([2, 2, 3, 12, 12]);
});

it('an object that has spent its budget is let alone until it has gathered again', () => {
  const budget = new WorkBudget({ perSecond: 100, burst: 50 }, 0);
  expect(budget.spend(49, 0)).toBe(0);
  expect(budget.spend(1, 0)).toBe(10);
  expect(budget.spend(30, 0)).toBe(310);
  expect(budget.spend(0, 309)).toBe(1);
  expect(budget.spend(0, 310)).toBe(0);
});

it('so much is done at the same time for each cluster, and no more', async () => {
  const inFlight = new InFlight(2);
  const ends: (() => void)[] = [];
  const run = (id: string) =>
    inFlight.run(
      id,
      () => new Promise<string>((fulfil) => ends.push(() => fulfil('done'))),
      () => 'refused',
    );
  const running = [run('a'), run('a')];
  expect(await run('a')).toBe('refused');
  running.push(run('b'));
  for (const end of ends) end();
  expect(await Promise.all(running)).toEqual(['done', 'done', 'done']);
  await expect(
    inFlight.run(
      'a',
      () => Promise.reject(new Error('broken')),
      () => 'refused',
    ),
  ).rejects.toThrow('broken');
  const again = [run('a'), run('a')];
  for (const end of ends) end();
  expect(await Promise.all(again)).toEqual(['done', 'done']);
});
