import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Env } from '../cluster/env.ts';
import { constantBase } from './base.ts';
import { durableSql } from './sql-durable.ts';
import { Store } from './store.ts';
import type { KeyValue } from './types.ts';

const kv = (key: string, modRevision: number): KeyValue => ({
  key,
  value: key,
  createRevision: modRevision,
  modRevision,
  version: 1,
  lease: '0',
});

it('has the order of a revision’s keys from the log, and remembers nothing of the revisions itself', async () => {
  await runInDurableObject((env as unknown as Env).CLUSTER.getByName('restoreorder'), (_, { storage }) => {
    const store = new Store(durableSql(storage));
    expect(store.restore().add([kv('a', 5), kv('b', 7), kv('c', 5)])).toBeUndefined();
    const restore = store.restore();
    expect(restore.add([kv('d', 5), kv('e', 7), kv('a', 5)])).toBe(2);
    restore.finish(9);
    const rows = [...storage.sql.exec('SELECT key, revision, sub FROM etcd_log ORDER BY revision, sub').raw()];
    expect(rows).toEqual([
      ['a', 5, 0],
      ['c', 5, 1],
      ['d', 5, 2],
      ['b', 7, 0],
      ['e', 7, 1],
    ]);
    expect([store.revision, store.compactRevision]).toEqual([9, 9]);
  });
});

it('counts what it brings, and remembers nothing of what was taken back', async () => {
  await runInDurableObject((env as unknown as Env).CLUSTER.getByName('restorecounts'), (_, { storage }) => {
    const base = constantBase(new Map([['base', 'text']]));
    const store = new Store(durableSql(storage), { base, live: { keys: 3, bytes: 1000 } });
    const restore = store.restore();
    expect(store.full).toBe(false);
    expect(restore.add([kv('a', 5), kv('b', 5), kv('c', 5)])).toBeUndefined();
    expect(store.full).toBe(true);
    const broken: KeyValue = {
      ...kv('e', 6),
      get value(): string {
        throw new Error('broken');
      },
    };
    expect(() => restore.add([kv('d', 6), { ...kv('base', 1), value: 'text' }, broken])).toThrow('broken');
    expect([store.range({ key: 'd' }).kvs, store.range({ key: 'base' }).count]).toEqual([[], 1]);
    expect(restore.add([kv('d', 6)])).toBeUndefined();
    // What the base layer has and the other state had not is gone.
    restore.finish(9);
    expect(store.range({ key: 'base' }).kvs).toEqual([]);
    expect(store.full).toBe(true);
    store.deleteRange({ key: 'd' });
    expect(store.full).toBe(false);
  });
});
