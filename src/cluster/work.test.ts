import { describe, expect, it } from 'vitest';
import type { KeyValue } from '../etcd/types.ts';
import { MAX_REQUESTS_IN_FLIGHT } from '../platform/limits.ts';
import { IN_FLIGHT_WINDOW_MS, InFlight, MAX_CLUSTERS } from './in-flight.ts';
import {
  MAX_PAUSE_MS,
  MAX_RULE_STEPS,
  MAX_WATCH_UNITS,
  proposalUnits,
  readUnits,
  resetUnits,
  rulesUnits,
  WorkBudget,
} from './work.ts';

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
  ranges: [],
  compare: [],
  steps: [[{ put: { key: 'k', value: 'x'.repeat(bytes) } }]],
});

it('small things cost little, and large ones by their bytes', () => {
  expect(readUnits([range(kv(1000))])).toBe(1);
  expect(readUnits([range(kv(1000)), range()])).toBe(2);
  expect(readUnits([range(...Array.from({ length: 64 }, () => kv(16 * 1024)))])).toBe(65);
  expect(proposalUnits(put(1000), 0)).toBe(2);
  expect(proposalUnits(put(1024 * 1024), 0)).toBe(66);
});

it("a node's rules cost what it takes to come to them, and never more than may be made", () => {
  expect([0, 16 * 1024 - 1, 16 * 1024].map(rulesUnits)).toEqual([1, 1, 2]);
  expect(rulesUnits(MAX_RULE_STEPS)).toBe(1526);
  expect(rulesUnits(1000 * MAX_RULE_STEPS)).toBe(1526);
});

it('a reset costs a beginning, and what is taken back', () => {
  expect([0, 19, 20, 100_000].map(resetUnits)).toEqual([20, 20, 21, 5020]);
});

it('writes cost more where many watch, up to ten seats', () => {
  expect([0, 99, 100, 1000, 5000].map((watches) => proposalUnits(put(1), watches))).toEqual([2, 2, 3, 12, 12]);
});

it('an object that has spent its budget is let alone until it has gathered again', () => {
  const budget = new WorkBudget({ perSecond: 100, burst: 50 }, 0);
  expect(budget.spend(49, 0)).toBe(0);
  expect(budget.spend(1, 0)).toBe(10);
  expect(budget.spend(30, 0)).toBe(310);
  expect(budget.spend(0, 309)).toBe(1);
  expect(budget.spend(0, 310)).toBe(0);
});

it('its components rest as well, but never for long', () => {
  const budget = new WorkBudget({ perSecond: 100, burst: 50 }, 0);
  expect(budget.pause(0)).toBe(0);
  budget.spend(59, 0);
  expect(budget.pause(0)).toBe(100);
  budget.spend(500, 0);
  expect(budget.pause(0)).toBe(1000);
  expect(budget.pause(100_000)).toBe(0);
});

describe('what is done at the same time', () => {
  const NOW = 1_800_000_000_000;
  const forever = () => new Promise<string>(() => {});
  const at = (inFlight: InFlight, id: string, work: () => Promise<string>, now = NOW) =>
    inFlight.run(id, now, work, () => 'refused');
  const done = () => Promise.resolve('done');

  it('is so much for each cluster, and no more', async () => {
    const inFlight = new InFlight(2);
    const ends: (() => void)[] = [];
    const waits = () => new Promise<string>((fulfil) => ends.push(() => fulfil('done')));
    const running = [at(inFlight, 'a', waits), at(inFlight, 'a', waits)];
    expect(await at(inFlight, 'a', done)).toBe('refused');
    expect(await at(inFlight, 'b', done)).toBe('done');
    for (const end of ends) end();
    expect(await Promise.all(running)).toEqual(['done', 'done']);
    await expect(at(inFlight, 'a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect([await at(inFlight, 'a', done), await at(inFlight, 'a', done)]).toEqual(['done', 'done']);
  });

  it('is not taken for good by requests that never end', async () => {
    const inFlight = new InFlight(2);
    void at(inFlight, 'a', forever);
    void at(inFlight, 'a', forever, NOW + IN_FLIGHT_WINDOW_MS);
    expect(await at(inFlight, 'a', done, NOW + IN_FLIGHT_WINDOW_MS)).toBe('refused');
    expect(await at(inFlight, 'a', done, NOW + 2 * IN_FLIGHT_WINDOW_MS)).toBe('done');
    expect(await at(inFlight, 'a', done, NOW + 9 * IN_FLIGHT_WINDOW_MS)).toBe('done');
  });
});

it('a write costs more the more watch it, up to a limit', () => {
  const units = (watches: number): number => proposalUnits(put(0), watches) - proposalUnits(put(0), 0);
  expect([0, 99, 100, 100 * MAX_WATCH_UNITS - 1].map(units)).toEqual([0, 0, 1, MAX_WATCH_UNITS - 1]);
  expect([100 * MAX_WATCH_UNITS, 1e6].map(units)).toEqual([MAX_WATCH_UNITS, MAX_WATCH_UNITS]);
});

it('a cluster’s own components rest as long as it is in debt, up to a limit', () => {
  const pause = (debt: number): number => {
    const budget = new WorkBudget({ perSecond: 1000, burst: 0 }, 0);
    budget.spend(debt, 0);
    return budget.pause(0);
  };
  // And one unit that the next piece takes.
  expect(pause(MAX_PAUSE_MS - 2)).toBe(MAX_PAUSE_MS - 1);
  expect([MAX_PAUSE_MS - 1, MAX_PAUSE_MS, 9999].map(pause)).toEqual([MAX_PAUSE_MS, MAX_PAUSE_MS, MAX_PAUSE_MS]);
});

it('so many clusters are known to have requests in flight', async () => {
  const flight = new InFlight(1);
  const never = new Promise<string>(() => {});
  const run = (id: string): Promise<string> =>
    flight.run(
      id,
      0,
      () => never,
      () => 'refused',
    );
  const answered = (id: string): Promise<string> =>
    flight.run(
      id,
      0,
      async () => 'done',
      () => 'refused',
    );
  void run('first');
  for (let i = 1; i < MAX_CLUSTERS; i++) void run(`c${i}`);
  expect(await answered('first')).toBe('refused');
  void run('one more');
  expect([await answered('one more'), await answered('first')].filter((answer) => answer === 'done').length).toBe(0);
  // The one that was asked of longest ago is forgotten, and begins anew.
  expect(await answered('c1')).toBe('done');
});

it('serves so many requests of a cluster at once, and refuses the next', async () => {
  const inFlight = new InFlight(MAX_REQUESTS_IN_FLIGHT);
  let end = (): void => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = () =>
    inFlight.run(
      'a',
      0,
      () => until.then(() => 'served'),
      () => 'refused',
    );
  const under = Array.from({ length: MAX_REQUESTS_IN_FLIGHT }, () => run());
  expect(await run()).toBe('refused');
  end();
  expect(new Set(await Promise.all(under))).toEqual(new Set(['served']));
  expect(await run()).toBe('served');
});
