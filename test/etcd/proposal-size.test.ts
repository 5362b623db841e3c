/** etcd's limit holds for what the API server and the components write, too. */
import { expect, it } from 'vitest';
import { commitProposal } from '../../src/etcd/propose.ts';
import { MAX_MESSAGE_BYTES, MAX_REQUEST_BYTES, txnBytes } from '../../src/etcd/request-check.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import type { Compare, RequestOp } from '../../src/etcd/types.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const PODS = '/api/v1/namespaces/default/pods';
const TOO_LARGE = 'etcdserver: request is too large';

it('to the byte, of each step, and then nothing is changed', () => {
  const sql = nodeSql();
  const store = new Store(sql);
  const compare: Compare[] = [{ key: '/k', target: 'MOD', result: 'EQUAL', value: 0 }];
  const put = (key: string, bytes: number): RequestOp[] => [{ put: { key, value: 'é'.repeat(bytes / 2) } }];
  const around = txnBytes({ compare, success: put('/k', 1_200_000), failure: [] }) - 1_200_000;
  // A proposal's header is 16 bytes, and varints of both lengths are as long.
  const largest = MAX_REQUEST_BYTES - 16 - around;
  const even = largest - (largest % 2);
  const propose = (...steps: RequestOp[][]) => commitProposal(store, { ranges: [], compare, steps }, 0);
  expect(() => propose(put('/k', even + 2))).toThrow(TOO_LARGE);
  expect(() => propose(put('/k', 2), put('/l', MAX_REQUEST_BYTES))).toThrow(TOO_LARGE);
  expect(() => propose(put('/k', MAX_MESSAGE_BYTES))).toThrow(
    /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d{7} vs\. 2097152\)$/,
  );
  expect(store.range({ key: '/', rangeEnd: '0' }).count).toBe(0);
  expect(propose(put('/k', even))).toBe(store.revision);
  expect(store.range({ key: '/', rangeEnd: '0' }).count).toBe(1);
  sql.close();
});

it('of an object that a client writes, in the words of the real server', async () => {
  const sandbox = createSandbox(0);
  const pod = (name: string, size: number) => ({
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i', args: ['x'.repeat(size)] }] },
  });
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500 };
  expect(await sandbox.request('POST', PODS, pod('a', 1_600_000))).toEqual({ ...status, message: TOO_LARGE });
  expect(await sandbox.request('POST', PODS, pod('a', 2_100_000))).toEqual({
    ...status,
    message: expect.stringMatching(
      /^rpc error: code = ResourceExhausted desc = trying to send message larger than max/,
    ),
  });
  expect((await sandbox.request('GET', PODS)).items).toEqual([]);
  expect(await sandbox.request('POST', PODS, pod('a', 1_500_000))).toMatchObject({ metadata: { name: 'a' } });
});

it('of what a component adds to it', async () => {
  const sandbox = createSandbox(1);
  const made = await sandbox.request('POST', PODS, {
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', image: 'i', args: ['x'.repeat(1_570_000)] }] },
  });
  expect(made).toMatchObject({ kind: 'Pod' });
  sandbox.advance(2000);
  expect(sandbox.errors).toContainEqual(expect.stringContaining(TOO_LARGE));
  const [kv] = sandbox.cluster.store.range({ key: '/registry/pods/default/a' }).kvs;
  expect(kv!.value.length).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
});
