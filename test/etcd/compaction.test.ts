/** A compaction goes on part by part: it ends as if it had been made at once, whatever comes in between. */
import { describe, expect, it } from 'vitest';
import { constantBase } from '../../src/etcd/base.ts';
import { COMPACTION_PART } from '../../src/etcd/compaction.ts';
import { AFTER_ALL_KEYS } from '../../src/etcd/log.ts';
import { overPlaces, Places } from '../../src/etcd/places.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { createRandom } from '../../src/simulation/random.ts';

const base = constantBase(new Map(['b1', 'b2'].map((key) => [key, 'default'])));
const KEYS = ['b1', 'b2', ...Array.from({ length: 20 }, (_, i) => `k${i}`)];
const ALL = { key: '\0', rangeEnd: '\0' };

const rows = (store: Store): number => Number(store.sql.exec('SELECT count(*) FROM etcd_log')[0]![0]);
const POINTS = overPlaces('all', 'SELECT * FROM places');
const points = ({ sql }: Store): unknown[][] => sql.exec(...new Places(sql).over(POINTS, '', AFTER_ALL_KEYS, -1));

function write(store: Store, random: ReturnType<typeof createRandom>, count: number): void {
  for (let i = 0; i < count; i++) {
    const key = KEYS[random.integer(KEYS.length)]!;
    if (random.integer(4) === 0) store.deleteRange({ key });
    else if (random.integer(10) === 0) store.deleteRange({ key: 'k', rangeEnd: 'l' });
    else store.put({ key, value: `v${store.revision}` });
  }
}

describe('a compaction', () => {
  it.each(Array.from({ length: 8 }, (_, i) => `seed ${i}`))('ends as one that is made at once, %s', (seed) => {
    const [whole, parts] = [new Store(nodeSql(), { base }), new Store(nodeSql(), { base })];
    const sql = parts.sql as ReturnType<typeof nodeSql>;
    let store = parts;
    const [one, other, chance] = ['a', 'a', 'b'].map((purpose) => createRandom(seed, purpose)) as [
      ReturnType<typeof createRandom>,
      ReturnType<typeof createRandom>,
      ReturnType<typeof createRandom>,
    ];
    const both = (work: (store: Store) => void) => {
      work(whole);
      work(store);
    };
    const writeBoth = (count: number) => {
      write(whole, one, count);
      write(store, other, count);
    };
    writeBoth(300);
    both((s) => s.markBeginning());
    for (let round = 0; round < 6; round++) {
      writeBoth(700);
      const least = Math.max(whole.compactRevision, 0) + 1;
      const revision = least + chance.integer(whole.revision - least + 1);
      both((s) => s.compact(revision));
      whole.compaction.finish();
      for (let i = 0; store.compaction.isUnderWay && i < chance.integer(4); i++) {
        store.compaction.goOn();
        writeBoth(3);
        // As after a crash.
        if (chance.integer(3) === 0) store = new Store(sql, { base });
      }
      whole.compaction.finish();
      expect(store.compactRevision).toBe(revision);
      expect(store.range({ ...ALL, revision })).toEqual(whole.range({ ...ALL, revision }));
      expect(store.range(ALL)).toEqual(whole.range(ALL));
      expect(() => store.range({ ...ALL, revision: revision - 1 })).toThrow('compacted');
    }
    store.compaction.finish();
    expect(rows(store)).toBe(rows(whole));
    expect(points(store)).toEqual(points(whole));
    expect(store.hash(0)).toEqual(whole.hash(0));
    both((s) => s.returnToBeginning());
    const again = new Store(sql, { base });
    expect(again.range(ALL)).toEqual(whole.range(ALL));
    again.compaction.finish();
    expect(rows(again)).toBe(rows(whole));
  });

  it('goes on after a return to the beginning that comes in between', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    const random = createRandom('s', 'w');
    write(store, random, 2000);
    store.markBeginning();
    const then = store.range(ALL);
    const { revision } = store;
    store.compact(revision - 1);
    write(store, random, 2000);
    store.compact(store.revision);
    expect(store.compaction.isUnderWay).toBe(true);
    store.returnToBeginning();
    const again = new Store(sql);
    expect(again.range(ALL)).toEqual(then);
    write(again, random, 2000);
    again.compact(again.revision);
    again.compaction.finish();
    // What there is, and deletions at the compaction's own revision.
    expect(rows(again)).toBeLessThan(KEYS.length * 2);
  });

  it('looks at so many changes in one part', () => {
    for (const [changes, isOver] of [
      [COMPACTION_PART - 1, true],
      [COMPACTION_PART, false],
    ] as const) {
      const store = new Store(nodeSql());
      for (let i = 0; i < changes; i++) store.put({ key: 'k', value: `${i}` });
      store.compact(store.revision);
      expect(!store.compaction.isUnderWay).toBe(isOver);
      expect(rows(store)).toBe(1);
    }
  });

  it('is a part of many that are of one revision', () => {
    const store = new Store(nodeSql());
    for (let i = 0; i < 2 * COMPACTION_PART; i++) store.put({ key: `k${i}`, value: 'v' });
    store.deleteRange({ key: 'k', rangeEnd: 'l' });
    store.put({ key: 'last', value: 'v' });
    store.compact(store.revision);
    let parts = 1;
    for (; store.compaction.isUnderWay; parts++) store.compaction.goOn();
    expect(parts).toBe(5);
    expect(rows(store)).toBe(1);
    expect(points(store)).toHaveLength(1);
  });

  it('of 100,000 revisions keeps nobody waiting for 50 ms at once', { timeout: 120_000 }, () => {
    const store = new Store(nodeSql());
    const value = 'v'.repeat(500);
    store.atomically(() => {
      for (let i = 0; i < 100_000; i++) store.put({ key: `k${i % 1000}`, value });
    });
    const times: number[] = [];
    const part = (work: () => void) => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
    };
    part(() => store.compact(store.revision));
    while (store.compaction.isUnderWay) part(() => store.compaction.goOn());
    expect(rows(store)).toBe(1000);
    expect(times.length).toBeGreaterThan(100_000 / COMPACTION_PART);
    // What others in this process do, such as collecting garbage, is in the worst of them.
    expect(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]).toBeLessThan(50);
  });

  it('is finished for whoever asks for all of the log', () => {
    const store = new Store(nodeSql());
    for (let i = 0; i < 3 * COMPACTION_PART; i++) store.put({ key: 'k', value: `${i}` });
    store.compact(store.revision);
    expect(rows(store)).toBeGreaterThan(1);
    store.hash(0);
    expect(rows(store)).toBe(1);
  });
});
