/** Takes away pods whose node is gone. Source: k8s.io/kubernetes/pkg/controller/podgc. */
import type { KubeObject } from '../resources/object.ts';
import type { Reconciler, Write } from '../simulation/reconciler.ts';
import { keyOf, parseKey } from './owners.ts';
import { isFinished, withCondition } from './pods.ts';
import { timestamp } from './time.ts';

export const podGarbageCollector = (): Reconciler<KubeObject> => ({
  name: 'pod-garbage-collector-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader) =>
        old && !node
          ? reader
              .list('pods')
              .filter((pod) => pod.spec.nodeName === old.metadata.name)
              .map(keyOf)
          : [],
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const pod = reader.get('pods', namespace, name);
    if (!pod?.spec.nodeName || reader.get('nodes', undefined, pod.spec.nodeName)) return { writes: [] };
    const writes: Write<KubeObject>[] = [];
    if (!isFinished(pod)) {
      const conditions = withCondition(pod.status?.conditions, {
        type: 'DisruptionTarget',
        status: 'True',
        observedGeneration: pod.metadata.generation ?? 1,
        lastTransitionTime: timestamp(now),
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
      });
      const status = { ...pod.status, phase: 'Failed', conditions };
      writes.push({ verb: 'update', subresource: 'status', object: { ...pod, status } });
    }
    writes.push({
      verb: 'delete',
      resource: 'pods',
      namespace,
      name,
      uid: pod.metadata.uid as string,
      gracePeriodSeconds: 0,
    });
    return { writes };
  },
});
