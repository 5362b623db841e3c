/** What a cluster has where it is asked for: volumes for claims, and addresses for load balancers. */
import { expect, it } from 'vitest';
import { ADD_ONS } from '../../src/platform/clusters/components.ts';
import { createSandbox } from './sandbox.ts';

const components = Object.fromEntries(ADD_ONS.map((name) => [name, true]));
const PODS = '/api/v1/namespaces/default/pods';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

it('gives a StatefulSet its volumes where its pods are, and takes them away with their claims', async () => {
  const sandbox = createSandbox(2, { components });
  const [standard] = (await sandbox.request('GET', '/apis/storage.k8s.io/v1/storageclasses')).items;
  expect([standard.metadata.name, standard.provisioner]).toEqual(['standard', 'rancher.io/local-path']);
  await sandbox.request('POST', '/apis/apps/v1/namespaces/default/statefulsets', {
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  sandbox.advance(60_000);
  const pods = (await sandbox.request('GET', PODS)).items;
  expect(pods.map((pod: any) => pod.status.phase)).toEqual(['Running', 'Running']);
  const claims = (await sandbox.request('GET', CLAIMS)).items;
  const volumes = (await sandbox.request('GET', '/api/v1/persistentvolumes')).items;
  expect(claims.map((claim: any) => claim.status.phase)).toEqual(['Bound', 'Bound']);
  const nodeOf = (volume: any) => volume.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0];
  for (const [i, claim] of claims.entries())
    expect(nodeOf(volumes.find((v: any) => v.metadata.name === claim.spec.volumeName))).toBe(pods[i].spec.nodeName);
  await sandbox.request('DELETE', '/apis/apps/v1/namespaces/default/statefulsets/web');
  sandbox.advance(60_000);
  await sandbox.request('DELETE', `${CLAIMS}/data-web-1`);
  sandbox.advance(60_000);
  const left = (await sandbox.request('GET', '/api/v1/persistentvolumes')).items;
  expect(left.map((v: any) => v.spec.claimRef.name)).toEqual(['data-web-0']);
  expect(sandbox.errors).toEqual([]);
});

it('gives a load balancer an address, and lets its Service go when it is deleted', async () => {
  const sandbox = createSandbox(1, { components });
  const path = '/api/v1/namespaces/default/services';
  await sandbox.request('POST', path, {
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });
  sandbox.advance(1000);
  const service = await sandbox.request('GET', `${path}/web`);
  expect(service.status.loadBalancer).toEqual({ ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] });
  expect(sandbox.cluster.network.iptables('node-1', { spend() {} } as never)).toContain('203.0.113.1');
  await sandbox.request('DELETE', `${path}/web`);
  sandbox.advance(1000);
  expect((await sandbox.request('GET', `${path}/web`)).code).toBe(404);
  expect(sandbox.errors).toEqual([]);
});

it('leaves both as they are in a cluster without', async () => {
  const sandbox = createSandbox(1);
  expect((await sandbox.request('GET', '/apis/storage.k8s.io/v1/storageclasses')).items).toEqual([]);
  const path = '/api/v1/namespaces/default/services';
  await sandbox.request('POST', path, {
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });
  sandbox.advance(1000);
  expect((await sandbox.request('GET', `${path}/web`)).status).toEqual({ loadBalancer: {} });
});
