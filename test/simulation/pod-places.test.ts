/** What happens often does not go through all pods: as many pods as happenings would be as many squared. */

import { expect, it } from 'vitest';
import { taintEvictionController } from '../../src/controllers/nodes/taint-eviction.ts';
import { claimProtectionController } from '../../src/controllers/volumes/volume-protection.ts';
import { kubelet } from '../../src/kubelet/kubelet.ts';
import type { Runtime } from '../../src/kubelet/runtime/pod-runtime.ts';
import type { ClusterReconciler } from '../../src/objects/cluster-reconciler.ts';
import type { View } from '../../src/objects/object.ts';
import { viewOf } from '../../src/objects/view.ts';
import { scheduler } from '../../src/scheduler/reconciler.ts';
import { createRandom } from '../../src/simulation/random.ts';
import type { LooseObject as KubeObject } from '../loose-object.ts';
import { createSandbox } from './sandbox.ts';

const PODS = 20;

/** The same objects, and how many pods were handed out so far. */
function counted(reader: View) {
  const seen = { pods: 0 };
  const counting: View = viewOf({
    revision: reader.revision,
    get: (resource, namespace, name) => reader.get(resource, namespace, name),
    list(resource, namespace) {
      const found = reader.list(resource, namespace);
      if (resource === 'pods') seen.pods += found.length;
      return found;
    },
    dependents(uid) {
      const found = reader.dependents!(uid);
      seen.pods += found.filter(({ resource }) => resource === 'pods').length;
      return found;
    },
    someDependent: (uid, which) =>
      reader.someDependent!(uid, (object) => {
        seen.pods++;
        return which(object);
      }),
  });
  return { seen, counting };
}

it('goes to the pods that are concerned, and to no others', async () => {
  const sandbox = createSandbox(2);
  const deploy = (name: string, cpu: string) =>
    sandbox.request('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name },
      spec: {
        replicas: PODS,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }] },
        },
      },
    });
  await deploy('running', '10m');
  await deploy('waiting', '100');
  sandbox.advance(60_000);
  for (const name of ['used', 'free'])
    await sandbox.request('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
  await sandbox.request('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'user' },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 's', mountPath: '/s' }] }],
      volumes: [
        { name: 'v', persistentVolumeClaim: { claimName: 'used' } },
        { name: 's', secret: { secretName: 'missing' } },
      ],
    },
  });
  sandbox.advance(1000);
  await sandbox.request('DELETE', '/api/v1/namespaces/default/persistentvolumeclaims/used');
  const { seen, counting } = counted(sandbox.cluster.reader());
  const pods = counting.list('pods');
  expect(pods).toHaveLength(2 * PODS + 1);

  const keys = (reconciler: ClusterReconciler, resource: string, now: KubeObject, old?: KubeObject) => {
    seen.pods = 0;
    const change = { resource, new: now, ...(old ? { old } : {}) };
    return reconciler.watches.flatMap((watch) => (watch.resource === resource ? watch.keys(change, counting) : []));
  };
  const bound = pods.find(({ spec }) => spec.nodeName)!;
  expect(keys(scheduler, 'pods', bound)).toEqual([]);
  expect(seen.pods).toBe(0);
  expect(keys(scheduler, 'persistentvolumes', bound)).toEqual([]);
  expect(seen.pods).toBe(0);
  // One that leaves room asks for the first that waits.
  expect(keys(scheduler, 'pods', { ...bound, status: { phase: 'Failed' } }, bound)).toEqual(['all']);
  expect(seen.pods).toBe(1);

  const source = (namespace?: string) =>
    ({ metadata: { name: 'x', ...(namespace ? { namespace } : {}) } }) as KubeObject;
  for (const [resource, namespace] of [['persistentvolumes'], ['secrets', 'default'], ['configmaps', 'default']]) {
    expect(keys(kubelet([], '', {} as Runtime), resource!, source(namespace))).toEqual(['default/user']);
    expect(seen.pods).toBe(1);
  }
  expect(keys(kubelet([], '', {} as Runtime), 'secrets', source('other'))).toEqual([]);

  const node = counting.get('nodes', undefined, 'node-1')!;
  const tainted = { ...node, spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } };
  const evicted = keys(taintEvictionController(), 'nodes', tainted, node);
  expect(evicted).toEqual(
    pods.filter(({ spec }) => spec.nodeName === 'node-1').map((p) => `default/${p.metadata.name}`),
  );
  expect(seen.pods).toBe(evicted.length);

  for (const [name, users] of [
    ['used', 1],
    ['free', 0],
  ] as const) {
    seen.pods = 0;
    claimProtectionController().reconcile(counting, `default/${name}`, { now: 0, random: createRandom('s', 'r') });
    expect(seen.pods, name).toBe(users);
  }
});
