import { expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/etcd/gateway/outlet.ts';
import { TURN_LIMITS } from '../../src/simulation/turn-budget.ts';
import { EtcdProcess } from './process.ts';

type Answer = Record<string, any>;

const b64 = (text: string): string => btoa(text);

async function call(etcd: EtcdProcess, path: string, body: unknown = {}): Promise<Answer> {
  const response = await etcd.fetch(`/v3/${path}`, { body: JSON.stringify(body) });
  return { status: response.status, ...((await response.json()) as Answer) };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

it('gives a lock to who waits for it when the holder unlocks, or when its lease ends', async () => {
  const etcd = new EtcdProcess();
  const leases = [];
  for (const TTL of [60, 5, 600]) leases.push((await call(etcd, 'lease/grant', { TTL })).ID);
  const first = await call(etcd, 'lock/lock', { name: b64('l'), lease: leases[0] });
  const got: string[] = [];
  const second = call(etcd, 'lock/lock', { name: b64('l'), lease: leases[1] }).then(() => got.push('second'));
  const third = call(etcd, 'lock/lock', { name: b64('l'), lease: leases[2] }).then(() => got.push('third'));
  await turn();
  expect(got).toEqual([]);
  await call(etcd, 'lock/unlock', { key: first.key });
  await second;
  await turn();
  expect(got).toEqual(['second']);
  etcd.advance(6);
  await third;
  expect(got).toEqual(['second', 'third']);
});

it('shows an observer each leader and each value it proclaims', async () => {
  const etcd = new EtcdProcess();
  const socket = await etcd.connect('/v3/election/observe', {});
  socket.deliver(JSON.stringify({ name: b64('e') }));
  const [one, two] = [
    (await call(etcd, 'lease/grant', { TTL: 60 })).ID,
    (await call(etcd, 'lease/grant', { TTL: 60 })).ID,
  ];
  const { leader } = await call(etcd, 'election/campaign', { name: b64('e'), lease: one, value: b64('a') });
  const next = call(etcd, 'election/campaign', { name: b64('e'), lease: two, value: b64('b') });
  await turn();
  await call(etcd, 'election/proclaim', { leader, value: b64('a2') });
  await call(etcd, 'election/resign', { leader });
  await next;
  expect(socket.received.map((text) => atob(JSON.parse(text).result.kv.value))).toEqual(['a', 'a2', 'b']);
});

it('refuses leases at its quota, until some are revoked', async () => {
  const etcd = new EtcdProcess({ quotaBytes: 100_000 });
  const grant = (id: number) => call(etcd, 'lease/grant', { ID: String(id), TTL: 60 });
  let granted = 0;
  let answer = await grant(1);
  for (; answer.status === 200 && granted < 20_000; answer = await grant(granted + 1)) granted++;
  expect(answer).toEqual({ status: 429, code: 8, message: 'etcdserver: mvcc: database space exceeded' });
  expect(granted).toBeGreaterThan(200);
  const { alarms } = await call(etcd, 'maintenance/alarm');
  expect(alarms).toMatchObject([{ alarm: 'NOSPACE' }]);
  for (let id = 1; id <= granted; id++) await call(etcd, 'lease/revoke', { ID: String(id) });
  await call(etcd, 'maintenance/alarm', { action: 'DEACTIVATE', ...alarms[0] });
  expect((await grant(1)).status).toBe(200);
});

it('ends so many leases with a request, and the others with the next ones', async () => {
  const etcd = new EtcdProcess();
  const over = TURN_LIMITS.pieces + 10;
  for (let id = 1; id <= over + 1; id++) {
    await call(etcd, 'lease/grant', { ID: String(id), TTL: id > over ? 600 : 5 });
  }
  etcd.now += 10_000;
  expect((await call(etcd, 'lease/leases')).leases).toHaveLength(11);
  expect((await call(etcd, 'lease/leases')).leases).toEqual([{ ID: String(over + 1) }]);
});

it('refuses puts at its quota, still reads and deletes, and recovers after compaction and disarming', async () => {
  const etcd = new EtcdProcess({ quotaBytes: 400_000 });
  const put = (key: string) => call(etcd, 'kv/put', { key: b64(key), value: b64('x'.repeat(1000)) });
  let answer = await put('k');
  for (let i = 0; answer.status === 200 && i < 1000; i++) answer = await put('k');
  expect(answer).toEqual({ status: 429, code: 8, message: 'etcdserver: mvcc: database space exceeded' });
  expect((await call(etcd, 'maintenance/alarm')).alarms).toMatchObject([{ alarm: 'NOSPACE' }]);
  expect((await etcd.fetch('/health', { method: 'GET' })).status).toBe(503);
  expect((await call(etcd, 'lease/grant', { TTL: 5 })).status).toBe(429);
  expect((await call(etcd, 'kv/range', { key: b64('k') })).count).toBe('1');
  expect((await call(etcd, 'kv/deleterange', { key: b64('k') })).deleted).toBe('1');
  expect((await call(etcd, 'kv/compaction', { revision: String(etcd.store.revision) })).status).toBe(200);
  const [alarm] = (await call(etcd, 'maintenance/alarm')).alarms;
  await call(etcd, 'maintenance/alarm', { action: 'DEACTIVATE', ...alarm });
  expect((await put('k')).status).toBe(200);
  expect((await call(etcd, 'maintenance/alarm')).alarms).toBeUndefined();
});

it('keeps many watches on one stream apart', async () => {
  const etcd = new EtcdProcess();
  const socket = await etcd.connect('/v3/watch', {});
  const create = (request: Answer): void => socket.deliver(JSON.stringify({ create_request: request }));
  create({ key: b64('a') });
  create({ key: b64('b') });
  create({ key: b64('a'), range_end: b64('c'), watch_id: '9', prev_kv: true });
  etcd.store.put({ key: 'a', value: '1' });
  etcd.store.put({ key: 'b', value: '1' });
  socket.deliver(JSON.stringify({ cancel_request: { watch_id: '0' } }));
  etcd.store.put({ key: 'a', value: '2' });
  const seen = socket.received.map((text) => JSON.parse(text).result as Answer).filter((answer) => answer.events);
  expect(
    seen.map((answer) => `${answer.watch_id ?? 0}: ${atob(answer.events[0].kv.key)}@${answer.header.revision}`),
  ).toEqual(['0: a@2', '9: a@2', '1: b@3', '9: b@3', '9: a@4']);
  expect(seen[4]!.events[0].prev_kv.mod_revision).toBe('2');
});

it('cuts a large batch of history into fragments where the watch asks for it', async () => {
  const etcd = new EtcdProcess();
  for (let i = 0; i < 4; i++) etcd.store.put({ key: `k${i}`, value: 'x'.repeat(1_000_000) });
  const socket = await etcd.connect('/v3/watch', {});
  const watch = { key: b64('k'), range_end: b64('l'), start_revision: '2', fragment: true };
  socket.deliver(JSON.stringify({ create_request: watch }));
  const batches = socket.received.slice(1).map((text) => JSON.parse(text).result as Answer);
  expect(batches.map((batch) => [batch.fragment ?? false, batch.events.length])).toEqual([
    [true, 1],
    [true, 1],
    [true, 1],
    [false, 1],
  ]);
});

it('takes a token for as long as it is used', async () => {
  const etcd = new EtcdProcess();
  await call(etcd, 'auth/user/add', { name: 'root', password: 'pw' });
  await call(etcd, 'auth/user/grant', { user: 'root', role: 'root' });
  await call(etcd, 'auth/enable');
  const { token } = await call(etcd, 'auth/authenticate', { name: 'root', password: 'pw' });
  const list = () => etcd.fetch('/v3/auth/user/list', { body: '{}', headers: { authorization: token } });
  for (let i = 0; i < 5; i++) {
    etcd.advance(200);
    expect((await list()).status).toBe(200);
  }
  etcd.advance(301);
  expect((await list()).status).toBe(401);
});

it('says how it is', async () => {
  const etcd = new EtcdProcess();
  const get = async (path: string): Promise<string> => (await etcd.fetch(path, { method: 'GET' })).text();
  expect(await get('/health')).toBe('{"health":"true","reason":""}');
  expect(await get('/livez')).toBe('ok\n');
  expect(await get('/readyz?verbose')).toBe(
    '[+]non_learner ok\n[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\nok\n',
  );
  expect(JSON.parse(await get('/version'))).toEqual({ etcdserver: '3.7.1', etcdcluster: '3.7.0', storage: '3.7.0' });
});

it('tells a watch whose user may not read, in its stream, and lets it go on', async () => {
  const etcd = new EtcdProcess();
  await call(etcd, 'auth/user/add', { name: 'root', password: 'pw' });
  await call(etcd, 'auth/user/grant', { user: 'root', role: 'root' });
  await call(etcd, 'auth/enable');
  const reasonFor = async (headers: Record<string, string>): Promise<string> => {
    const socket = await etcd.connect('/v3/watch', headers);
    socket.deliver(JSON.stringify({ create_request: { key: b64('a') } }));
    return JSON.parse(socket.received[0]!).result.cancel_reason;
  };
  expect(await reasonFor({ authorization: 'nonsense' })).toBe(
    'rpc error: code = Unauthenticated desc = etcdserver: invalid auth token',
  );
  expect(await reasonFor({})).toBe('rpc error: code = InvalidArgument desc = etcdserver: user name is empty');
});

it('refuses a message that gives two of which one may be', async () => {
  const etcd = new EtcdProcess();
  const op = { request_range: { key: b64('a') }, request_put: { key: b64('a') } };
  const answer = await call(etcd, 'kv/txn', { success: [op] });
  expect([answer.status, answer.code]).toEqual([400, 3]);
  expect(answer.message).toMatch(/^proto:/);
  const twice = await etcd.fetch('/v3/kv/range', { body: '{"key":"YQ==", "limit":1, "key" : "YQ=="}' });
  expect(await twice.json()).toMatchObject({ code: 3 });
  const nested = { compare: [{ key: b64('a"{') }], success: [{ request_range: { key: b64('a') } }] };
  expect((await call(etcd, 'kv/txn', nested)).status).toBe(200);
});

it('leaves the revision of the users as it is when a role is granted again', async () => {
  const etcd = new EtcdProcess();
  await call(etcd, 'auth/role/add', { name: 'r' });
  await call(etcd, 'auth/user/add', { name: 'ann', password: 'x' });
  for (const role of ['r', 'r', 'root', 'root']) await call(etcd, 'auth/user/grant', { user: 'ann', role });
  expect((await call(etcd, 'auth/status')).authRevision).toBe('5');
});

it('tells what is true of the store as metrics', async () => {
  const etcd = new EtcdProcess();
  await call(etcd, 'kv/put', { key: b64('a'), value: b64('1') });
  const response = await etcd.fetch('/metrics', { method: 'GET' });
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  for (const line of [
    'etcd_debugging_mvcc_current_revision 2',
    'etcd_debugging_mvcc_keys_total 1',
    'etcd_server_has_leader 1',
  ])
    expect(text.split('\n')).toContain(line);
});

it('reads no more of a request than it takes', async () => {
  const etcd = new EtcdProcess();
  const part = new Uint8Array(64 * 1024).fill(0x20);
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken++;
      controller.enqueue(part);
    },
  });
  const response = await etcd.fetch('/v3/kv/put', { body, duplex: 'half' } as RequestInit);
  expect([response.status, await response.json()]).toEqual([
    429,
    {
      code: 8,
      message: `grpc: received message larger than max (${MAX_BODY_BYTES + part.length} vs. ${MAX_BODY_BYTES})`,
    },
  ]);
  expect(taken).toBeLessThanOrEqual(MAX_BODY_BYTES / part.length + 3);
});
