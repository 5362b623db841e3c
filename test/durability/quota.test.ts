/** A cluster whose database has reached its quota: what still works, and how it gets well again. */
import { expect, it } from 'vitest';
import { createGatewayBackend } from '../../src/etcd/gateway/backend.ts';
import { handleGateway } from '../../src/etcd/gateway/gateway.ts';
import { nodeDigest } from '../etcd/process.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const QUOTA_BYTES = 2_000_000;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const EXCEEDED = 'etcdserver: mvcc: database space exceeded';

function clusterAtQuota(quotaBytes: number) {
  const sandbox = createSandbox(1, { quotaBytes });
  const { store } = sandbox.cluster;
  const backend = createGatewayBackend(store, 'sandbox', {
    now: () => sandbox.cluster.now(Date.now()),
    randomBytes: (length) => new Uint8Array(length).fill(1),
    newDigest: nodeDigest,
    acceptWebSocket: () => {
      throw new Error('no sockets here');
    },
  });
  const etcd = async (path: string, body: unknown = {}): Promise<any> => {
    const request = new Request(`http://etcd/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const response = await handleGateway(request, backend, `/v3/${path}`);
    return { status: response.status, ...((await response.json()) as object) };
  };
  return { ...sandbox, store, etcd };
}

const ballast = (name: string) => ({ metadata: { name }, data: { ballast: 'x'.repeat(100_000) } });
const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
};

it('refuses writes at its quota, still reads and deletes, and goes on after compaction and disarming', async () => {
  const { request, etcd, store, advance } = clusterAtQuota(QUOTA_BYTES);
  await request('POST', DEPLOYMENTS, deployment);
  let answer: any;
  let made = 0;
  for (; answer?.status !== 'Failure' && made < 1000; made++)
    answer = await request('POST', CONFIG_MAPS, ballast(`b${made}`));
  expect(answer).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: EXCEEDED,
    code: 500,
  });

  const revision = store.revision;
  const put = { key: btoa('k'), value: btoa('v') };
  expect(await etcd('kv/put', put)).toEqual({ status: 429, code: 8, message: EXCEEDED });
  const txn = { success: [{ request_put: put }] };
  expect(await etcd('kv/txn', txn)).toEqual({ status: 429, code: 8, message: EXCEEDED });
  const [alarm] = (await etcd('maintenance/alarm')).alarms;
  expect(alarm.alarm).toBe('NOSPACE');
  // The deployment's controllers can't write either; they try again later.
  advance(5_000);
  expect(store.revision).toBe(revision);
  expect((await request('GET', `${DEPLOYMENTS}/web`)).status.replicas).toBeUndefined();
  expect((await request('GET', CONFIG_MAPS)).items.length).toBeGreaterThanOrEqual(made - 1);

  for (let i = 0; i < made - 1; i++)
    expect((await request('DELETE', `${CONFIG_MAPS}/b${i}`)).status, `b${i}`).toBe('Success');
  expect((await etcd('kv/put', put)).message).toBe(EXCEEDED);
  expect((await etcd('kv/compaction', { revision: String(store.revision) })).status).toBe(200);
  expect((await etcd('maintenance/defragment')).status).toBe(200);
  expect((await etcd('kv/put', put)).message).toBe(EXCEEDED);
  await etcd('maintenance/alarm', { action: 'DEACTIVATE', ...alarm });
  expect((await etcd('kv/put', put)).status).toBe(200);
  expect((await request('POST', CONFIG_MAPS, ballast('again'))).metadata.name).toBe('again');
  advance(400_000);
  expect((await request('GET', `${DEPLOYMENTS}/web`)).status.readyReplicas).toBe(2);
});

it('takes everything below its quota', async () => {
  const { request, etcd } = clusterAtQuota(20 * QUOTA_BYTES);
  for (let i = 0; i < 40; i++) expect((await request('POST', CONFIG_MAPS, ballast(`b${i}`))).kind).toBe('ConfigMap');
  expect((await etcd('maintenance/alarm')).alarms).toBeUndefined();
  expect((await etcd('maintenance/status')).dbSizeQuota).toBe(String(20 * QUOTA_BYTES));
});
