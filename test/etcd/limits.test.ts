/** etcd's limits through its gateway: at each of them it does what is asked, one beyond it refuses and changes nothing. */
import { expect, it } from 'vitest';
import { MAX_DEPTH } from '../../src/etcd/gateway/proto-json.ts';
import { MAX_LEASE_TTL, MIN_LEASE_TTL } from '../../src/etcd/lease.ts';
import { MAX_TXN_OPS } from '../../src/etcd/request-check.ts';
import { EtcdProcess } from './process.ts';

type Answer = Record<string, any>;

async function call(etcd: EtcdProcess, path: string, body: string): Promise<Answer> {
  const response = await etcd.fetch(`/v3/${path}`, { body });
  return { status: response.status, ...((await response.json()) as Answer) };
}

const KEYS = JSON.stringify({ key: btoa('\0'), range_end: btoa('\0') });

it('grants leases of as many seconds as it can count, and none that are too short', async () => {
  const etcd = new EtcdProcess();
  const grant = (TTL: number): Promise<Answer> => call(etcd, 'lease/grant', JSON.stringify({ TTL }));
  expect(await grant(MAX_LEASE_TTL)).toMatchObject({ status: 200, TTL: String(MAX_LEASE_TTL) });
  expect(await grant(MAX_LEASE_TTL + 1)).toMatchObject({ status: 400, message: 'etcdserver: too large lease TTL' });
  expect(await grant(MIN_LEASE_TTL - 1)).toMatchObject({ TTL: String(MIN_LEASE_TTL) });
  expect(await grant(MIN_LEASE_TTL + 1)).toMatchObject({ TTL: String(MIN_LEASE_TTL + 1) });
  expect((await call(etcd, 'lease/leases', '{}')).leases).toHaveLength(3);
});

it('does so many operations in one transaction', async () => {
  const etcd = new EtcdProcess();
  const put = (count: number): Promise<Answer> =>
    call(
      etcd,
      'kv/txn',
      JSON.stringify({ success: Array.from({ length: count }, (_, i) => ({ request_put: { key: btoa(`k${i}`) } })) }),
    );
  expect(await put(MAX_TXN_OPS + 1)).toMatchObject({
    status: 400,
    message: 'etcdserver: too many operations in txn request',
  });
  expect((await call(etcd, 'kv/range', KEYS)).count).toBeUndefined();
  expect(await put(MAX_TXN_OPS)).toMatchObject({ status: 200, succeeded: true });
  expect((await call(etcd, 'kv/range', KEYS)).count).toBe(String(MAX_TXN_OPS));
});

it('reads messages so deep in one another', async () => {
  const etcd = new EtcdProcess();
  // A transaction and the operation that has it are two messages.
  const nested = (depth: number): Promise<Answer> => {
    const [open, close] = ['{"success":[{"request_txn":', '}]}'];
    return call(etcd, 'kv/txn', `${open.repeat(depth / 2)}{}${close.repeat(depth / 2)}`);
  };
  expect((await nested(MAX_DEPTH)).message).toBe('proto: exceeded max recursion depth');
  expect((await nested(MAX_DEPTH - 2)).message).not.toBe('proto: exceeded max recursion depth');
});
