/** A store that goes back to its beginning is just what it was then, whatever was written and compacted since. */
import { describe, expect, it } from 'vitest';
import { constantBase } from '../../src/etcd/base.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { createRandom } from '../../src/simulation/random.ts';

const base = constantBase(
  new Map([
    ['b1', 'default'],
    ['b2', 'default'],
    ['b3', 'default'],
  ]),
);
const KEYS = ['b1', 'b2', 'b3', ...Array.from({ length: 12 }, (_, i) => `k${i}`)];
const ALL = { key: '\0', rangeEnd: '\0' };

function writer(store: Store, seed: string): () => void {
  const random = createRandom(seed, 'writes');
  const pick = (n: number): number => random.integer(n);
  return () => {
    const key = KEYS[pick(KEYS.length)]!;
    if (pick(3) === 0) store.deleteRange({ key });
    else store.put({ key, value: `v${store.revision}` });
    if (pick(9) === 0 && store.revision > store.compactRevision + 1) {
      const from = Math.max(store.compactRevision, 0) + 1;
      store.compact(from + pick(store.revision - from + 1));
    }
  };
}

describe('the beginning', () => {
  it.each(Array.from({ length: 60 }, (_, i) => `seed ${i}`))('comes back, %s', (seed) => {
    const sql = nodeSql();
    let store = new Store(sql, { base });
    const write = writer(store, seed);
    for (let i = 0; i < 40; i++) write();
    store.markBeginning();
    const { revision } = store;
    const then = store.range(ALL);
    for (let round = 0; round < 3; round++) {
      const again = writer(store, `${seed} ${round}`);
      for (let i = 0; i < 10 + 40 * round; i++) again();
      store.returnToBeginning();
      store = new Store(sql, { base });
      expect(store.revision).toBe(revision);
      expect(store.range(ALL)).toEqual(then);
      expect(store.range({ ...ALL, revision })).toEqual(then);
      expect(store.hasBeginning).toBe(true);
    }
    // It goes on as any store does.
    store.put({ key: 'k1', value: 'next' });
    expect(store.revision).toBe(revision + 1);
    expect(store.range({ key: 'k1' }).kvs[0]!.value).toBe('next');
    expect(store.range({ ...ALL, revision }).kvs).toEqual(then.kvs);
  });

  it('has its history, if that was not compacted', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    for (const value of ['1', '2', '3']) store.put({ key: 'a', value });
    store.markBeginning();
    store.put({ key: 'a', value: '4' });
    store.returnToBeginning();
    const again = new Store(sql);
    expect([2, 3, 4].map((revision) => again.range({ key: 'a', revision }).kvs[0]!.value)).toEqual(['1', '2', '3']);
    expect(again.history({ key: 'a', startRevision: 2 }).events).toHaveLength(3);
  });

  it('has no leases, and no users', () => {
    const sql = nodeSql();
    const store = new Store(sql);
    store.markBeginning();
    store.grantLease('7', 60, 0);
    store.put({ key: 'a', value: '1', lease: '7' });
    store.setMeta('auth', 'on');
    store.setNoSpace(true);
    store.returnToBeginning();
    const again = new Store(sql);
    expect([again.leases(), again.nextLeaseExpiry(), again.meta('auth'), again.noSpace]).toEqual([
      [],
      undefined,
      undefined,
      false,
    ]);
    again.put({ key: 'a', value: '1' });
  });

  it('costs nothing while nothing is compacted, and is not there unless it is marked', () => {
    const store = new Store(nodeSql());
    expect(store.hasBeginning).toBe(false);
    expect(() => store.returnToBeginning()).toThrow('no beginning');
    store.markBeginning();
    for (let i = 0; i < 50; i++) store.put({ key: 'a', value: String(i) });
    const kept = (): unknown => store.sql.exec('SELECT count(*) FROM etcd_beginning')[0]![0];
    expect(kept()).toBe(0);
    store.compact(40);
    expect(kept()).toBe(1);
  });
});
