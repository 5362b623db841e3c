/** etcd's limits through its gateway: at each of them it does what is asked, one beyond it refuses and changes nothing. */
import { expect, it } from 'vitest';
import { MAX_QUEUED_BYTES } from '../../src/etcd/gateway/gateway.ts';
import { MAX_PUSHED_SNAPSHOT } from '../../src/etcd/gateway/maintenance.ts';
import { MAX_DEPTH } from '../../src/etcd/gateway/proto-json.ts';
import { MAX_SOCKET_CHARACTERS } from '../../src/etcd/gateway/socket.ts';
import { MAX_LEASE_TTL, MIN_LEASE_TTL } from '../../src/etcd/lease.ts';
import { MAX_QUEUED_BATCHES, watchStore } from '../../src/etcd/local-storage.ts';
import { MAX_LIMIT } from '../../src/etcd/range.ts';
import { MAX_TXN_OPS } from '../../src/etcd/request-check.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
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

it('answers with all keys there are, however many more may be answered', async () => {
  const etcd = new EtcdProcess();
  for (const key of ['a', 'b', 'c']) etcd.store.put({ key, value: 'v' });
  const keysOf = (limit: number): string[] =>
    etcd.store.range({ key: 'a', rangeEnd: '\0', limit }).kvs.map(({ key }) => key);
  for (const limit of [MAX_LIMIT - 1, MAX_LIMIT, MAX_LIMIT + 1, Number.MAX_SAFE_INTEGER])
    expect(keysOf(limit)).toEqual(['a', 'b', 'c']);
  expect(keysOf(2)).toEqual(['a', 'b']);
});

it('has so many batches wait for a reader in its own process, and ends who is further behind', async () => {
  const store = new Store(nodeSql());
  const slow = watchStore(store, { key: 'k' });
  let isTooSlow = false;
  void slow.tooSlow?.then(() => {
    isTooSlow = true;
  });
  for (let i = 0; i < MAX_QUEUED_BATCHES; i++) store.put({ key: 'k', value: `${i}` });
  await turn();
  expect(isTooSlow).toBe(false);
  store.put({ key: 'k', value: 'last' });
  await turn();
  expect(isTooSlow).toBe(true);
  let batches = 0;
  for await (const _ of slow) batches++;
  expect(batches).toBe(MAX_QUEUED_BATCHES + 1);
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

it('keeps so many answers on a stream of lines for who does not take them, and then ends it', async () => {
  const etcd = new EtcdProcess();
  const lease = await call(etcd, 'lease/grant', '{"TTL":60}');
  const keepAlives = async (count: number): Promise<{ lines: number; characters: number }> => {
    const response = await etcd.fetch('/v3/lease/keepalive', { body: JSON.stringify({ ID: lease.ID }).repeat(count) });
    for (let i = 0; i < 20; i++) await turn();
    const text = await response.text();
    return { lines: text.split('\n').length - 1, characters: text.length };
  };
  const one = await keepAlives(1);
  const most = Math.floor(MAX_QUEUED_BYTES / one.characters);
  expect(await keepAlives(most)).toEqual({ lines: most, characters: most * one.characters });
  // The one that goes beyond it is sent still, and nothing after it.
  const { lines } = await keepAlives(most + 100);
  expect(lines - most).toBeLessThanOrEqual(1);
});

it('sends a snapshot of so many bytes over a WebSocket', async () => {
  const snapshotOf = async (bytes: number): Promise<Answer> => {
    const etcd = new EtcdProcess();
    const VALUE = 1024 * 1024;
    for (let i = 0; i * VALUE < bytes; i++)
      etcd.store.put({ key: `k${i}`, value: 'v'.repeat(Math.min(VALUE, bytes - i * VALUE)) });
    const socket = await etcd.connect('/v3/maintenance/snapshot', {});
    socket.deliver('{}');
    while (!socket.closed) await turn();
    return JSON.parse(socket.received.at(-1)!);
  };
  const SMALL = 256 * 1024;
  expect((await snapshotOf(MAX_PUSHED_SNAPSHOT - SMALL)).result.blob).toBeTruthy();
  expect((await snapshotOf(MAX_PUSHED_SNAPSHOT)).error.message).toContain('is sent by POST, not over a WebSocket');
});

it('sends so many characters over a WebSocket, of which nobody knows whether they were read', async () => {
  const etcd = new EtcdProcess();
  const socket = await etcd.connect('/v3/watch', {});
  socket.deliver(JSON.stringify({ create_request: { key: btoa('k') } }));
  const VALUE = 1024 * 1024;
  const sent = (): number => socket.received.reduce((sum, text) => sum + text.length, 0);
  while (!socket.closed && sent() < 2 * MAX_SOCKET_CHARACTERS) {
    etcd.store.put({ key: 'k', value: 'v'.repeat(VALUE) });
    await turn();
  }
  expect(socket.closed).toBe(true);
  // The next event, in base64, would have been too much.
  expect(sent()).toBeLessThanOrEqual(MAX_SOCKET_CHARACTERS);
  expect(sent()).toBeGreaterThan(MAX_SOCKET_CHARACTERS - 1.5 * VALUE);
});
