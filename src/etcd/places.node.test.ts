import { describe, expect, it } from 'vitest';
import { createRandom } from '../simulation/random.ts';
import { constantBase } from './base.ts';
import { LiveUsage } from './live-usage.ts';
import { Log } from './log.ts';
import { MAX_ASIDE, MAX_ASIDE_CHANGES, MAX_ASIDE_CHARACTERS, MAX_OVERLAID } from './places.ts';
import { nodeSql } from './sql-node.node.ts';
import { Store } from './store.ts';

const ALL = { key: '\0', rangeEnd: '\0' };
const FIRST = "UPDATE etcd_meta SET value = 1 WHERE name = 'version'";

const pointed = ({ sql }: Pick<Store, 'sql'>): number => Number(sql.exec('SELECT count(*) FROM etcd_current')[0]![0]);
const keyOf = (i: number): string => `k${String(i).padStart(6, '0')}`;

function fill(store: Store, from: number, to: number, key = keyOf): void {
  store.atomically(() => {
    for (let i = from; i < to; i++) store.put({ key: key(i), value: `v${i}` });
  });
}

describe('places are aside until they are', () => {
  it.each([
    [`of ${MAX_ASIDE} keys`, MAX_ASIDE, MAX_ASIDE, keyOf],
    [`of ${MAX_ASIDE_CHANGES} changes`, MAX_ASIDE_CHANGES, 1, () => 'k'],
    [`of ${MAX_ASIDE_CHARACTERS} characters`, 4, 4, (i: number) => `${i}`.padEnd(MAX_ASIDE_CHARACTERS / 4, 'x')],
  ] as const)('%s', (_, changes, keys, key) => {
    const store = new Store(nodeSql());
    fill(store, 0, changes - 1, key);
    expect(pointed(store)).toBe(0);
    fill(store, changes - 1, changes, key);
    expect(pointed(store)).toBe(keys);
    // From then on those that come are.
    fill(store, changes, 2 * changes - 1, (i) => `other${key(i)}`);
    expect(pointed(store)).toBe(keys);
  });

  it(`more than ${MAX_OVERLAID} of a range that is read`, () => {
    for (const ask of [ALL, { ...ALL, countOnly: true }, { ...ALL, limit: 1 }, { ...ALL, revision: 2 }]) {
      const store = new Store(nodeSql());
      fill(store, 0, MAX_OVERLAID);
      fill(store, 0, MAX_OVERLAID, (i) => `\u00ff${i}`);
      for (const written of [0, MAX_OVERLAID + 1]) {
        // One that remembers no answer.
        new Store(store.sql).range({ ...ask, rangeEnd: 'l' });
        expect(pointed(store)).toBe(written);
        store.put({ key: 'k', value: 'one more' });
      }
      store.range({ ...ALL, limit: 1 });
      expect(new Store(store.sql).range(ALL)).toEqual(store.range(ALL));
    }
  });

  it('written again and again, a key at a time', () => {
    const store = new Store(nodeSql());
    const changes = (): number => Number(store.sql.exec('SELECT total_changes()')[0]![0]);
    const before = changes();
    for (let i = 0; i < MAX_ASIDE_CHANGES - 1; i++) store.put({ key: keyOf(i % 10), value: 'v' });
    expect(changes() - before).toBe(MAX_ASIDE_CHANGES - 1);
  });
});

describe('places that are aside', () => {
  it('are read again by who comes after a crash, those of before among them', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    fill(store, 0, MAX_ASIDE + 100);
    store.put({ key: keyOf(1), value: 'again' });
    store.deleteRange({ key: keyOf(2) });
    store.deleteRange({ key: keyOf(MAX_ASIDE + 1) });
    const again = new Store(sql);
    expect(again.range(ALL)).toEqual(store.range(ALL));
    expect(again.range({ ...ALL, countOnly: true }).count).toBe(MAX_ASIDE + 98);
    expect(again.range({ key: keyOf(1) }).kvs[0]).toMatchObject({ value: 'again', version: 2 });
    expect(again.range({ key: keyOf(2) }).count).toBe(0);
  });

  it('are as they were once a transaction is taken back, be it one that wrote them', () => {
    const store = new Store(nodeSql());
    fill(store, 0, 10);
    const before = store.range(ALL);
    for (const keys of [5, MAX_ASIDE]) {
      const failing = () =>
        store.atomically(() => {
          fill(store, 5, 5 + keys);
          throw new Error('no');
        });
      expect(failing).toThrow('no');
      expect(store.range(ALL)).toEqual(before);
      expect(pointed(store)).toBe(0);
    }
    store.put({ key: keyOf(3), value: 'after' });
    expect(new Store(store.sql).range(ALL)).toEqual(store.range(ALL));
  });

  it('go with their keys in a compaction, be it the first that is done after a crash', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    fill(store, 0, 2);
    store.snapshot((log) => log.places.settle(log.revision));
    store.deleteRange({ key: keyOf(0) });
    store.put({ key: 'last', value: 'v' });
    new Store(sql).compact(store.revision);
    expect(sql.exec('SELECT key FROM etcd_current')).toEqual([[keyOf(1)]]);
  });

  it('are none of a store that was written before there were any', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    fill(store, 0, 10);
    store.snapshot((log) => log.places.settle(log.revision));
    sql.exec("DELETE FROM etcd_meta WHERE name = 'pointed'");
    sql.exec(FIRST);
    const log = new Log(sql, constantBase([]));
    expect([log.meta('version'), log.meta('pointed')]).toEqual([2, store.revision]);
    expect(log.places.aside(keyOf(1))).toBeUndefined();
    expect(new Store(sql).range(ALL)).toEqual(store.range(ALL));
  });
});

/** Reads of every kind, of places that are aside and of those that are not: the same of both stores. */
function expectSame(some: Store, whole: Store, past: number): void {
  const splice = { head: '{', before: '<', after: '>', since: 0 };
  const ranges = [ALL, { key: 'k', rangeEnd: 'l' }, { key: 'k1', rangeEnd: 'k2' }, { key: 'b1' }, { key: 'k3' }];
  const ways = [
    {},
    { keysOnly: true },
    { limit: 3 },
    { countOnly: true },
    { splice },
    { splice, limit: 4 },
    { maxBytes: 40 },
  ];
  const read = (store: Store) => [
    ...ranges.flatMap((range) =>
      ways.flatMap((way) => [0, past].map((revision) => JSON.stringify(store.range({ ...range, ...way, revision })))),
    ),
    ...ranges.map((range) => store.bytesIn(range, 100)),
    store.snapshot((log) => new LiveUsage(log).current),
  ];
  expect(read(some)).toEqual(read(whole));
}

describe('a store', () => {
  it.each(Array.from({ length: 4 }, (_, i) => `seed ${i}`))(
    'answers as one whose places are all written, %s',
    (seed) => {
      const base = constantBase(['b1', 'b2', 'k15'].map((key) => [key, '{"b":0}']));
      const random = createRandom(seed, 'places');
      const [sql, other] = [nodeSql(), nodeSql()];
      let some = new Store(sql, { base });
      const whole = new Store(other, { base });
      const both = (work: (store: Store) => void): void => {
        work(some);
        work(whole);
        whole.snapshot((log) => log.places.settle(log.revision));
      };
      both((store) => store.markBeginning());
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < 8; i++) {
          const key = [`b${random.integer(3)}`, `k${random.integer(30)}`][random.integer(2)]!;
          const value = `{"v":${round},"i":${i}}`;
          if (random.integer(3) === 0) both((store) => store.deleteRange({ key }));
          else both((store) => store.put({ key, value }));
        }
        // Some of them are written, at times; as after a crash, at others.
        if (random.integer(8) === 0) some.snapshot((log) => log.places.settle(log.revision));
        if (random.integer(4) === 0) some = new Store(sql, { base });
        const least = Math.max(some.compactRevision, 1);
        const past = least + random.integer(some.revision - least + 1);
        if (past > some.compactRevision && random.integer(6) === 0) both((store) => store.compact(past));
        expectSame(some, whole, past);
        if (random.integer(20) === 0) {
          both((store) => store.returnToBeginning());
          some = new Store(sql, { base });
          expectSame(some, whole, some.revision);
        }
      }
    },
  );
});
