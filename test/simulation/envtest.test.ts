/** The profile `envtest`: as under controller-runtime's envtest, nothing but an API server acts. */
import { afterEach, expect, it } from 'vitest';
import { openCluster } from '../apiserver/calls.ts';

let cluster: Awaited<ReturnType<typeof openCluster>> | undefined;
afterEach(() => {
  cluster?.close();
  cluster = undefined;
});

it('leaves all that controllers would do undone', async () => {
  cluster = await openCluster('envtest');
  const { call, advance } = cluster;
  const ok = async (method: string, path: string, body?: unknown) => {
    const answer = await call(method, path, body);
    expect([path, answer.status]).toEqual([path, expect.toSatisfy((status: number) => status < 300)]);
    return answer.body;
  };
  await ok('POST', '/api/v1/namespaces', { metadata: { name: 'a' } });
  const owner = await ok('POST', '/api/v1/namespaces/a/configmaps', { metadata: { name: 'owner' } });
  await ok('POST', '/api/v1/namespaces/a/configmaps', {
    metadata: {
      name: 'owned',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }],
    },
  });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  await ok('POST', '/apis/apps/v1/namespaces/a/deployments', {
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  });
  const pod = await ok('POST', '/api/v1/namespaces/a/pods', { metadata: { name: 'p' }, spec: template.spec });
  expect([pod.spec.serviceAccountName, pod.spec.volumes]).toEqual([undefined, undefined]);
  await ok('DELETE', '/api/v1/namespaces/a/configmaps/owner');
  await ok('DELETE', '/api/v1/namespaces/a');
  await advance(3600_000);
  expect((await ok('GET', '/api/v1/namespaces/a')).status).toEqual({ phase: 'Terminating' });
  const names = async (path: string) => (await ok('GET', path)).items.map((object: any) => object.metadata.name);
  expect(await names('/api/v1/namespaces/a/configmaps')).toEqual(['owned']);
  expect(await names('/api/v1/serviceaccounts')).toEqual([]);
  expect(await names('/apis/apps/v1/replicasets')).toEqual([]);
  expect((await ok('GET', '/api/v1/namespaces/a/pods/p')).status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  expect((await ok('GET', '/api/v1/namespaces/default/services/kubernetes')).spec.clusterIP).toMatch(/^10\./);
  expect((await ok('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/view')).rules).toBe(null);
  const statuses = (await ok('GET', '/api/v1/componentstatuses')).items;
  expect(statuses.map((one: any) => [one.metadata.name, one.conditions[0].status])).toEqual([
    ['controller-manager', 'False'],
    ['etcd-0', 'True'],
    ['scheduler', 'False'],
  ]);
});
