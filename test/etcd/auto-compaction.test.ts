import { expect, it } from 'vitest';
import { AutoCompaction } from '../../src/etcd/auto-compaction.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';

const HOUR = 3_600_000;

it('keeps the last revisions readable and no many more', () => {
  const store = new Store(nodeSql());
  const compaction = new AutoCompaction(store, { revisions: 500, age: 0 });
  for (let i = 0; i < 5000; i++) {
    store.put({ key: `k${i % 10}`, value: String(i) });
    compaction.check(0);
    expect(store.revision - Math.max(store.compactRevision, 1)).toBeLessThan(1600);
  }
  expect(store.range({ key: 'k', rangeEnd: 'l', revision: store.revision - 500 }).count).toBe(10);
  expect(store.range({ key: 'k', rangeEnd: 'l' }).kvs.map((kv) => kv.version)).toEqual(Array(10).fill(500));
});

it('keeps what is younger than its age, also across a restart', () => {
  const sql = nodeSql();
  const store = new Store(sql);
  const revisionAt: number[] = [];
  for (let hour = 0; hour < 24; hour++) {
    new AutoCompaction(store, { revisions: 0, age: 5 * HOUR }).check(hour * HOUR);
    store.put({ key: 'k', value: String(hour) });
    revisionAt.push(store.revision);
  }
  expect(store.range({ key: 'k', revision: revisionAt[19]! }).kvs[0]!.value).toBe('19');
  expect(() => store.range({ key: 'k', revision: revisionAt[12]! })).toThrow('compacted');
});
