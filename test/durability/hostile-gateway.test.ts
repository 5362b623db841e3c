/** Bodies that somebody wrote to do harm, at every path of the gateway: one of etcd's errors, and the store as it was. */
import { expect, it } from 'vitest';
import { EtcdProcess } from '../etcd/process.ts';

const PATHS =
  `kv/range kv/put kv/deleterange kv/txn kv/compaction lease/grant lease/revoke lease/timetolive lease/leases
  cluster/member/add cluster/member/remove cluster/member/update cluster/member/promote maintenance/alarm
  maintenance/hashkv maintenance/downgrade auth/enable auth/user/add auth/user/get auth/user/changepw auth/user/grant
  auth/role/add auth/role/grant auth/role/revoke lock/unlock election/proclaim election/leader election/resign`.split(
    /\s+/,
  );

const KEY = btoa('canary');
const VALUE = btoa('alive');
/** What etcd takes in one request, and some. */
const HUGE = 'A'.repeat(4 * 1024 * 1024);
const DEEP = 20_000;

const put = { request_put: { key: KEY, value: btoa('changed') } };
const compare = { key: KEY, target: 'VERSION', version: '1', result: 'EQUAL' };
const nested = (levels: number): string => `${'{"success":[{"request_txn":'.repeat(levels)}{}${'}]}'.repeat(levels)}`;

const BODIES: Record<string, string> = {
  nothing: '',
  'a list': '[]',
  'a number': '7',
  null: 'null',
  'no JSON': 'key=foo',
  'cut short': `{"key":"${KEY}","value":"`,
  'two of them': '{}{}',
  'a lone surrogate': '{"key":"\\ud800"}',
  'invalid base64': '{"key":"!!!!","value":"!!!!","name":"!!!!"}',
  'base64 cut short': '{"key":"YWJjZ"}',
  'an empty key': '{"key":"","value":"Zm9v"}',
  'a huge key': `{"key":"${HUGE}","value":"Zm9v"}`,
  'a huge value': `{"key":"${KEY}","value":"${HUGE}"}`,
  'a huge number': `{"key":"${KEY}","revision":${'9'.repeat(400)},"lease":1e999,"ID":1e999,"TTL":1e999}`,
  'a negative revision': `{"key":"${KEY}","revision":"-1","limit":"-1","min_mod_revision":"-1"}`,
  'a future revision': `{"key":"${KEY}","revision":"9999999999"}`,
  'a revision beyond int64': `{"key":"${KEY}","revision":"9223372036854775808"}`,
  'wrong types': `{"key":{},"value":[],"revision":{},"ID":[],"name":7,"success":{},"compare":"x","perm":"x","action":{}}`,
  'wrong enums': `{"key":"${KEY}","sort_order":"UP","sort_target":99,"alarm":"FIRE","action":-5}`,
  'a prototype': '{"__proto__":{"key":"Zm9v"},"constructor":{"prototype":{}},"toString":1}',
  'a lease that is not': `{"key":"${KEY}","value":"Zm9v","lease":"12345","ID":"12345"}`,
  '10,000 compares': JSON.stringify({ compare: Array(10_000).fill(compare), success: [put] }),
  '10,000 operations': JSON.stringify({ success: Array(10_000).fill(put) }),
  'one key twice': JSON.stringify({ success: [put, put] }),
  'an operation that is none': JSON.stringify({ success: [{}] }),
  'a compare of nothing': JSON.stringify({ compare: [{}], success: [{ request_range: {} }] }),
  'a change and a refusal in one': JSON.stringify({
    success: [put, { request_range: { key: KEY, revision: '99999' } }],
  }),
  'deep lists': `{"compare":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`,
  'deep objects': `${'{"x":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  'deep transactions': nested(DEEP),
  'transactions in transactions': nested(400),
};

/** Unknown, invalid argument, not found, exhausted, precondition, out of range: all but an exception nobody expected. */
const CODES = [2, 3, 5, 8, 9, 11];

it.each(Object.keys(BODIES))('%s', async (name) => {
  const body = BODIES[name]!;
  for (const path of PATHS) {
    const etcd = new EtcdProcess();
    etcd.store.put({ key: 'canary', value: 'alive' });
    const before = [etcd.store.revision, etcd.store.compactRevision, etcd.store.hash(0)];
    const response = await etcd.fetch(`/v3/${path}`, { body });
    const answer = (await response.json()) as { code?: number; message?: string };
    if (response.status === 200) continue;
    expect(CODES, `${path}: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`).toContain(answer.code);
    expect(answer.message).toBeTruthy();
    expect([etcd.store.revision, etcd.store.compactRevision, etcd.store.hash(0)], path).toEqual(before);
    const read = await etcd.fetch('/v3/kv/range', { body: JSON.stringify({ key: KEY }) });
    expect(await read.json(), path).toMatchObject({ kvs: [{ value: VALUE, version: '1' }] });
  }
});
