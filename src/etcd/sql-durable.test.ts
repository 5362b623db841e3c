import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { constantBase } from './base.ts';
import type { Sql } from './sql.ts';
import { durableSql } from './sql-durable.ts';
import { Store } from './store.ts';

/** Runs `work` on the database of a Durable Object of its own. */
function onDatabase(name: string, work: (sql: Sql) => void): Promise<void> {
  const stub = (env as unknown as { CLUSTER: DurableObjectNamespace }).CLUSTER.getByName(name);
  return runInDurableObject(stub, (_instance: unknown, state: DurableObjectState) => work(durableSql(state.storage)));
}

it('keeps keys and values as they are, bytes that are no text included', async () => {
  await onDatabase('bytes', (sql) => {
    const store = new Store(sql);
    const key = 'k\0\u0001\u00fe';
    const value = new Uint8Array([0, 255, 128]);
    store.put({ key, value });
    store.put({ key: 'text', value: 'é\u{1f600}' });
    const again = new Store(sql);
    expect(again.range({ key: '\0', rangeEnd: '\0' }).kvs.map((kv) => [kv.key, kv.value])).toEqual([
      [key, value],
      ['text', 'é\u{1f600}'],
    ]);
  });
});

it('undoes a transaction that throws, and goes on', async () => {
  await onDatabase('undo', (sql) => {
    const store = new Store(sql);
    const seen: number[] = [];
    store.subscribe((commit) => seen.push(commit.revision));
    expect(() =>
      store.atomically(() => {
        store.put({ key: 'a', value: '1' });
        store.put({ key: 'b', value: '1', ignoreLease: true });
      }),
    ).toThrow('etcdserver: key not found');
    expect(store.revision).toBe(1);
    store.atomically(() => {
      store.put({ key: 'a', value: '1' });
      store.put({ key: 'b', value: '1' });
      expect(seen).toEqual([]);
    });
    expect(seen).toEqual([2, 3]);
    expect(new Store(sql).range({ key: 'a', rangeEnd: 'c' }).kvs.map((kv) => kv.modRevision)).toEqual([2, 3]);
  });
});

it('writes one row a put, and none for default objects', async () => {
  await onDatabase('rows', (sql) => {
    const rows = (): number => sql.exec('SELECT count(*) FROM etcd_log')[0]![0] as number;
    const defaults = Array.from({ length: 100 }, (_, i) => [`default${i}`, 'x'] as const);
    const store = new Store(sql, { base: constantBase(defaults) });
    expect(rows()).toBe(0);
    expect(store.range({ key: 'default', rangeEnd: 'e' }).count).toBe(100);
    for (let i = 0; i < 10; i++) store.put({ key: 'k', value: String(i) });
    expect(rows()).toBe(10);
    expect(sql.exec('SELECT count(*) FROM etcd_current')[0]![0]).toBe(0);
  });
});
