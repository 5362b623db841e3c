import { expect, it } from 'vitest';
import { EtcdProcess } from './process.ts';
import { type Random, seeded } from './script.ts';

const UNARY = `kv/range kv/put kv/deleterange kv/txn kv/compaction
  lease/grant lease/revoke lease/timetolive lease/leases kv/lease/revoke kv/lease/timetolive kv/lease/leases
  cluster/member/add cluster/member/remove cluster/member/update cluster/member/list cluster/member/promote
  maintenance/alarm maintenance/status maintenance/defragment maintenance/hash maintenance/hashkv
  maintenance/transfer-leadership maintenance/downgrade
  auth/disable auth/status auth/authenticate auth/user/add auth/user/get auth/user/list auth/user/delete
  auth/user/changepw auth/user/grant auth/user/revoke auth/role/add auth/role/get auth/role/list auth/role/delete
  auth/role/grant auth/role/revoke lock/unlock election/proclaim election/leader election/resign`.split(/\s+/);
const STREAMS = ['watch', 'lease/keepalive', 'maintenance/snapshot', 'election/observe'];

const FIELDS = `key value range_end rangeEnd limit revision sort_order sort_target keys_only count_only min_mod_revision
  max_create_revision lease prev_kv ignore_value ignore_lease compare success failure target result version create_revision
  request_range request_put request_delete_range request_txn physical TTL ID keys name password options user role perm
  permType peerURLs isLearner action alarm memberID targetID leader rev create_request cancel_request progress_request
  watch_id start_revision filters fragment __proto__ constructor nonsense`.split(/\s+/);

const SCALARS: unknown[] = [
  'Zm9v',
  'Zm8',
  'AA==',
  '!!!',
  '',
  '/wD-',
  0,
  1,
  -1,
  1.5,
  '7',
  '-9223372036854775808',
  '9223372036854775807',
  '99999999999999999999',
  1e300,
  true,
  false,
  null,
  'ASCEND',
  'VALUE',
  'NOPE',
  99,
  'http://localhost:2380',
  '3.6.0',
  'x'.repeat(5000),
  '\u0000\ud800',
];

function randomValue(random: Random, depth: number): unknown {
  const choice = random();
  if (depth > 0 && choice < 0.2)
    return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1));
  if (depth > 0 && choice < 0.45) return randomObject(random, depth - 1);
  return SCALARS[Math.floor(random() * SCALARS.length)];
}

function randomObject(random: Random, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = Math.floor(random() * 6); i > 0; i--) {
    object[FIELDS[Math.floor(random() * FIELDS.length)]!] = randomValue(random, depth);
  }
  return object;
}

/** Mostly JSON, sometimes cut short or doubled. */
function randomBody(random: Random): string {
  const body = JSON.stringify(random() < 0.9 ? randomObject(random, 4) : randomValue(random, 2)) ?? '';
  const choice = random();
  if (choice < 0.05) return body.slice(0, Math.floor(random() * body.length));
  if (choice < 0.08) return `${body}${body}`;
  return choice < 0.1 ? `${body}]` : body;
}

async function expectIntact(etcd: EtcdProcess, what: string): Promise<void> {
  const response = await etcd.fetch('/v3/kv/range', { body: JSON.stringify({ key: btoa('\u00fecanary') }) });
  expect(await response.json(), what).toMatchObject({ kvs: [{ value: btoa('alive') }] });
}

it('answers whatever it is sent with an answer or one of its errors, and stays as it was', async () => {
  const random = seeded(7);
  for (const path of UNARY) {
    const etcd = new EtcdProcess();
    for (let i = 0; i < 100; i++) {
      etcd.store.put({ key: '\u00fecanary', value: 'alive' });
      const body = randomBody(random);
      const response = await etcd.fetch(`/v3/${path}`, { body });
      const answer = (await response.json()) as { code?: number; message?: string };
      const what = `${path} ${body}: ${response.status} ${JSON.stringify(answer)}`;
      if (response.status === 200) expect(typeof answer, what).toBe('object');
      else {
        // 13 would be an exception that nobody expected.
        expect([2, 3, 5, 8, 9, 11, 15], what).toContain(answer.code);
        expect(answer.message, what).toBeTruthy();
      }
      // What it did on purpose, such as raising an alarm or deleting the key, is no harm.
      if (etcd.backend.members.alarms().length > 0 || etcd.store.range({ key: '\u00fecanary' }).count === 0) break;
      await expectIntact(etcd, what);
    }
  }
});

it('takes whatever a stream is sent, over HTTP and WebSocket', async () => {
  const random = seeded(8);
  for (const path of STREAMS) {
    for (let i = 0; i < 100; i++) {
      const etcd = new EtcdProcess();
      etcd.store.put({ key: '\u00fecanary', value: 'alive' });
      const body = randomBody(random);
      const response = await etcd.fetch(`/v3/${path}`, { body });
      expect(response.status).toBe(200);
      const socket = await etcd.connect(`/v3/${path}`, {});
      socket.deliver(body);
      etcd.store.put({ key: 'foo', value: 'x' });
      socket.close();
      await response.body!.cancel();
      await expectIntact(etcd, `${path} ${body}`);
      for (const text of socket.received) expect(text).not.toMatch(/"code":13/);
    }
  }
});

it('has no other paths, and no other methods', async () => {
  const etcd = new EtcdProcess();
  for (const path of ['/v3/', '/v3/kv', '/v3/kv/range/', '/v3/__proto__', '/v3/constructor']) {
    expect((await etcd.fetch(path, { body: '{}' })).status, path).toBe(404);
  }
  for (const path of [...UNARY, ...STREAMS]) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await etcd.fetch(`/v3/${path}`, { method })).status, `${method} ${path}`).toBe(501);
    }
  }
});

it('closes a WebSocket whose message has no end', async () => {
  const etcd = new EtcdProcess();
  const socket = await etcd.connect('/v3/watch', {});
  socket.deliver('{"create_request":{"key":"');
  for (let i = 0; i < 8; i++) socket.deliver('x'.repeat(1024 * 1024 - 100));
  expect(socket.closed).toBe(false);
  socket.deliver('x'.repeat(1024 * 1024));
  expect(socket.closed).toBe(true);
});
