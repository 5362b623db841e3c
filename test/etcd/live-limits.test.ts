/** How much may be live: refused as etcd refuses what does not fit into its database. */
import { describe, expect, it } from 'vitest';
import { MAX_KEYS, MAX_LIVE_BYTES } from '../../src/cluster/store-limits.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';

const EXCEEDED = 'etcdserver: mvcc: database space exceeded';
const ALL = { key: '\0', rangeEnd: '\0' };

describe('what is live', () => {
  it('is so many keys at the most', () => {
    const store = new Store(nodeSql(), { live: { keys: MAX_KEYS, bytes: MAX_LIVE_BYTES } });
    store.atomically(() => {
      for (let i = 0; i < MAX_KEYS; i++) store.put({ key: `k${i}`, value: '' });
    });
    const { revision } = store;
    expect(() => store.put({ key: 'k', value: '' })).toThrow(EXCEEDED);
    expect([store.noSpace, store.revision, store.range({ ...ALL, countOnly: true }).count]).toEqual([
      true,
      revision,
      MAX_KEYS,
    ]);
    // As etcd: until the alarm is taken back nothing is put, and all may be deleted.
    expect(() => store.put({ key: 'k0', value: '' })).toThrow(EXCEEDED);
    store.deleteRange({ key: 'k0' });
    expect(() => store.put({ key: 'k', value: '' })).toThrow(EXCEEDED);
    store.setNoSpace(false);
    store.put({ key: 'k', value: '' });
    expect(() => store.txn({ compare: [], success: [{ put: { key: 'one more', value: '' } }], failure: [] })).toThrow(
      EXCEEDED,
    );
  });

  it('is so many bytes at the most', () => {
    const store = new Store(nodeSql(), { live: { keys: MAX_KEYS, bytes: MAX_LIVE_BYTES } });
    const part = MAX_LIVE_BYTES / 128;
    const value = 'v'.repeat(part - 'k00'.length);
    for (let i = 0; i < 128; i++) store.put({ key: `k${String(i).padStart(2, '0')}`.slice(0, 3), value });
    for (let i = 0; i < 28; i++) store.put({ key: `x${String(i).padStart(2, '0')}`, value });
    expect(store.full).toBe(false);
    expect(() => store.put({ key: 'k00', value: `${value}v` })).toThrow(EXCEEDED);
    store.setNoSpace(false);
    // As much as there was, or less, may be put at any time.
    store.put({ key: 'k00', value: value.replace('v', 'w') });
    store.put({ key: 'k00', value: value.slice(1) });
    store.put({ key: 'k00', value });
    expect(() => store.put({ key: 'k', value: '' })).toThrow(EXCEEDED);
  });

  it('may be more in a store that had more before there was a limit, as long as it does not grow', () => {
    const sql = nodeSql();
    const before = new Store(sql);
    for (let i = 0; i < 10; i++) before.put({ key: `k${i}`, value: 'value' });
    const store = new Store(sql, { live: { keys: 5, bytes: 20 } });
    expect(store.full).toBe(true);
    store.put({ key: 'k1', value: 'other' });
    store.put({ key: 'k1', value: '' });
    store.deleteRange({ key: 'k2' });
    expect(() => store.put({ key: 'k2', value: '' })).toThrow(EXCEEDED);
  });

  it('is counted of a transaction as a whole, and none of it is left when it is too much', () => {
    const store = new Store(nodeSql(), { live: { keys: 2, bytes: 100 } });
    store.put({ key: 'a', value: '' });
    const put = (key: string) => ({ put: { key, value: '' } });
    const swap = [{ deleteRange: { key: 'a' } }, put('b'), put('c')];
    store.txn({ compare: [], success: swap, failure: [] });
    expect(() => store.txn({ compare: [], success: [put('d'), put('e')], failure: [] })).toThrow(EXCEEDED);
    expect(store.range(ALL).kvs.map(({ key }) => key)).toEqual(['b', 'c']);
  });
});
