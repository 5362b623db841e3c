/** What the pump holds of a cluster, and what it holds while it wakes. */
import { expect, it } from 'vitest';
import { LOAD_BYTES } from '../../src/cluster/object-changes.ts';
import type { RangeRequest } from '../../src/etcd/types.ts';
import { createSandbox } from './sandbox.ts';

it('reads what it wakes with part by part', async () => {
  const sandbox = createSandbox(1);
  const names = Array.from({ length: 5 }, (_, i) => `large-${i}`);
  const size = Math.ceil(LOAD_BYTES * 0.4);
  for (const name of names)
    await sandbox.request('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name },
      data: { a: 'x'.repeat(size) },
    });
  sandbox.evict();
  const { store } = sandbox.cluster;
  const range = store.range.bind(store);
  const lengthOf = (kvs: { value: { length: number } }[]) => kvs.reduce((sum, { value }) => sum + value.length, 0);
  const stored = lengthOf(range({ key: '/registry/', rangeEnd: '/registry0' }).kvs);
  let [most, all] = [0, 0];
  store.range = (request: RangeRequest) => {
    const response = range(request);
    const length = lengthOf(response.kvs);
    most = Math.max(most, length);
    all += length;
    return response;
  };
  const found = sandbox.cluster.reader().list('configmaps', 'default');
  expect(found.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(names));
  // All of it, and the most of it once.
  expect(all).toBeGreaterThanOrEqual(stored);
  expect(all).toBeLessThan(stored + size);
  expect(most).toBeLessThanOrEqual(LOAD_BYTES + size);
});

it('holds who manages what as text, and loses none of it in a write', async () => {
  const sandbox = createSandbox(1);
  await sandbox.request('POST', '/api/v1/namespaces/default/resourcequotas', {
    metadata: { name: 'quota' },
    spec: { hard: { pods: '10' } },
  });
  await sandbox.request('POST', '/api/v1/namespaces/default/pods?fieldManager=mine', {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  });
  const managers = async (path: string): Promise<string[]> =>
    (await sandbox.request('GET', `/api/v1/namespaces/default/${path}`)).metadata.managedFields.map(
      (m: any) => m.manager,
    );
  sandbox.evict();
  // Bound, which stores what was read; then written by the kubelet.
  sandbox.advance(60_000);
  expect(await managers('pods/p')).toEqual(['kubelet', 'mine']);
  // Charged for a pod that a controller makes, by a write that nobody sent.
  await sandbox.request('POST', '/apis/apps/v1/namespaces/default/replicasets', {
    metadata: { name: 'rs' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  });
  const before = await managers('resourcequotas/quota');
  sandbox.advance(60_000);
  expect(await managers('resourcequotas/quota')).toEqual(expect.arrayContaining(before));

  const pod = sandbox.cluster.reader().get('pods', 'default', 'p')!;
  expect(Object.getOwnPropertyDescriptor(pod.metadata, 'managedFields')?.value).toBeUndefined();
  const stored = await sandbox.request('GET', '/api/v1/namespaces/default/pods/p');
  expect(pod.metadata.managedFields).toEqual(stored.metadata.managedFields);
  expect({ ...pod.metadata }).toEqual(stored.metadata);
  expect(sandbox.errors).toEqual([]);
});
