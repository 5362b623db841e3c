/** What a cluster of an earlier version has stored is a cluster of this one. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const STORED = readFileSync(new URL('first-version.sql', import.meta.url), 'utf8');
/** When it was last at rest, and nothing of it was due. */
const LAST = Date.parse('2026-01-05T11:07:40Z');
const HOUR = 3_600_000;

it('starts, shows what is there to the reconcilers that are new, and goes on', async () => {
  const sandbox = createSandbox(1, { stored: { sql: STORED, now: LAST } });
  // Without a change: nobody has written anything.
  const address = await sandbox.request('GET', '/apis/networking.k8s.io/v1/ipaddresses');
  const { spec } = await sandbox.request('GET', '/api/v1/namespaces/default/services/web');
  expect(address.items.map(({ metadata }: any) => metadata.name)).toContain(spec.clusterIP);

  const pods = '/api/v1/namespaces/default/pods';
  const [pod] = (await sandbox.request('GET', pods)).items;
  expect([pod.spec.nodeName, pod.status.phase]).toEqual(['node-1', 'Running']);

  // Nobody has renewed the lease of the node that came through the API; the cluster's own needs none.
  sandbox.advance(HOUR);
  const statusOf = async (node: string): Promise<string> =>
    (await sandbox.request('GET', `/api/v1/nodes/${node}`)).status.conditions.find((c: any) => c.type === 'Ready')
      .status;
  expect([await statusOf('registered'), await statusOf('node-1')]).toEqual(['Unknown', 'True']);

  await sandbox.request('PATCH', '/apis/apps/v1/namespaces/default/deployments/web', { spec: { replicas: 3 } });
  sandbox.advance(60_000);
  const after = (await sandbox.request('GET', pods)).items;
  expect(after.map(({ status }: any) => status.phase)).toEqual(['Running', 'Running', 'Running']);
  expect(after.map(({ metadata }: any) => metadata.name)).toContain(pod.metadata.name);
  expect(sandbox.errors).toEqual([]);
});

it('is at rest once that is done, and stays so when it is started again', async () => {
  const sandbox = createSandbox(1, { stored: { sql: STORED, now: LAST } });
  sandbox.advance(HOUR);
  const { revision } = sandbox.cluster.store;
  sandbox.evict();
  expect(sandbox.cluster.idle(LAST + HOUR)).toBe(true);
  sandbox.advance(1000);
  expect(sandbox.cluster.store.revision).toBe(revision);
});

it('lists what came through etcd’s door when that was trusted, and says what nobody can read', async () => {
  const head = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":';
  const values: Record<string, string> = {
    spaced: `${head} "spaced", "namespace": "default", "resourceVersion": "7"}, "data": {"a": "b"} }`,
    twice: `${head}"twice","namespace":"default"},"data":{"a":"1","a":"2"}}`,
    cut: `${head}"cut","namesp`,
  };
  const put = ([name, value]: [string, string], sub: number): string => {
    const key = `'/registry/configmaps/default/${name}'`;
    return `INSERT INTO etcd_log VALUES (36, ${sub}, ${key}, '${value}', 36, 1, '0', 0, 0);
INSERT INTO etcd_current VALUES (${key}, 36, ${sub}, 1);`;
  };
  const sql = `${STORED}\n${Object.entries(values).map(put).join('\n')}\n`;
  const sandbox = createSandbox(1, { stored: { sql, now: LAST } });
  const path = '/api/v1/namespaces/default/configmaps';
  expect(await sandbox.request('GET', path)).toMatchObject({ kind: 'Status', reason: 'StorageReadError' });
  const { store } = sandbox.cluster;
  const bytes = store.range({ key: '/registry/configmaps/default/cut' }).kvs[0]!.value;
  expect(new TextDecoder().decode(bytes as Uint8Array)).toBe(values.cut);
  store.deleteRange({ key: '/registry/configmaps/default/cut' });
  const { items } = await sandbox.request('GET', path);
  const found = items.filter(({ metadata }: any) => metadata.resourceVersion === '36');
  expect(found.map(({ metadata, data }: any) => [metadata.name, data])).toEqual([
    ['spaced', { a: 'b' }],
    ['twice', { a: '2' }],
  ]);
});
