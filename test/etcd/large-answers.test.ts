/** Answers of the gateway that are larger than what is held at once. */
import { expect, it } from 'vitest';
import { MAX_WHOLE_ANSWER } from '../../src/etcd/gateway/answer.ts';
import { EtcdProcess } from './process.ts';

const b64 = (text: string): string => btoa(text);
const ALL = { key: b64('k'), range_end: b64('l') };
const VALUE = 'v'.repeat(1_000_000);

async function call(etcd: EtcdProcess, path: string, body: unknown): Promise<any> {
  return (await etcd.fetch(`/v3/${path}`, { body: JSON.stringify(body) })).json();
}

function filled(keys: number): EtcdProcess {
  const etcd = new EtcdProcess();
  for (let i = 0; i < keys; i++) etcd.store.put({ key: `k${String(i).padStart(3, '0')}`, value: VALUE });
  return etcd;
}

it('a range is read as it is taken, all of it at one revision', async () => {
  const etcd = filled(6);
  const response = await etcd.fetch('/v3/kv/range', { body: JSON.stringify(ALL) });
  // What comes meanwhile is not in it.
  etcd.store.put({ key: 'k003', value: 'new' });
  etcd.store.put({ key: 'k9', value: 'new' });
  const { header, kvs, count, more } = (await response.json()) as any;
  expect(kvs.map((kv: any) => `${atob(kv.key)} ${atob(kv.value).length}`)).toEqual(
    ['k000', 'k001', 'k002', 'k003', 'k004', 'k005'].map((key) => `${key} ${VALUE.length}`),
  );
  expect({ count, more, revision: header.revision }).toEqual({ count: '6', more: undefined, revision: '7' });
  const some = await call(etcd, 'kv/range', { ...ALL, limit: 4 });
  expect([some.kvs.length, some.count, some.more]).toEqual([4, '7', true]);
  const past = await call(etcd, 'kv/range', { ...ALL, revision: 4 });
  expect([past.kvs.length, past.count]).toEqual([3, '3']);
});

it('what has to be whole has a bound', async () => {
  const keys = Math.ceil(MAX_WHOLE_ANSWER / VALUE.length);
  const etcd = filled(keys - 1);
  const sorted = { ...ALL, sort_order: 'DESCEND', sort_target: 'MOD' };
  expect((await call(etcd, 'kv/range', sorted)).kvs).toHaveLength(keys - 1);
  etcd.store.put({ key: 'k999', value: VALUE });
  const refused = { code: 8, message: expect.stringContaining('grpc: trying to send message larger than max') };
  expect(await call(etcd, 'kv/range', sorted)).toMatchObject(refused);
  const twice = { success: Array.from({ length: 20 }, () => ({ request_range: { ...ALL, limit: 2 } })) };
  expect(await call(etcd, 'kv/txn', twice)).toMatchObject(refused);
  expect(await call(etcd, 'kv/deleterange', { ...ALL, prev_kv: true })).toMatchObject(refused);
  expect((await call(etcd, 'kv/deleterange', ALL)).deleted).toBe(String(keys));
});
