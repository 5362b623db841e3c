/**
 * Takes the pods of the simulated nodes through their lives, in the container runtime's order: network namespace, address from CNI,
 * pause container, init containers one after the other, then the pod's own. One status write says that containers are being made,
 * the next that they run. Source: k8s.io/kubernetes/pkg/kubelet.
 */

import { recordEvent } from '../controllers/events.ts';
import { hasKubelet } from '../controllers/nodes/node-health.ts';
import { keyOf, parseKey } from '../controllers/owners.ts';
import { isFinished } from '../controllers/pods.ts';
import { type Change, type ClusterReconciler, watchEach } from '../objects/cluster-reconciler.ts';
import type { ContainerStatus, Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { behaviours } from '../resources/core/pod/behaviour.ts';
import { type PlacesOf, podsAt, podsOn } from '../resources/core/pod/places.ts';
import type { Behaviour } from '../simulation/behaviours.ts';
import type { ReconcileContext, ReconcileResult, Write } from '../simulation/reconciler.ts';
import { admit } from './admission/admit.ts';
import type { KubeletPorts } from './kubelet-ports.ts';
import { schedulableEvent } from './nodes.ts';
import { paceOf } from './pace.ts';
import { run } from './pod-sync.ts';
import { PodWriter } from './pod-writer.ts';
import { CONFIG_ERROR } from './runtime/container-start.ts';
import type { PodRuntime, Runtime } from './runtime/pod-runtime.ts';
import { mountedPlace, mountedPlaces } from './runtime/volume-updates.ts';
import { terminate } from './termination.ts';

/** What a pod may wait for: the sources of its volumes and its environment. */
const SOURCES = [
  'configmaps',
  'secrets',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumes',
  'clustertrustbundles.certificates.k8s.io',
] as const;

/** What a node's key begins with, as no pod's does. */
const NODE = 'node:';

const isOpen = (node: Node): boolean => !node.spec?.unschedulable;

/**
 * `rules`: how programs behave that are told to behave otherwise than programs of their kind do; `clusterDNS`: the DNS server's address;
 * `runtime`: who holds what runs of the pods.
 */
export function kubelet(rules: Behaviour[], clusterDNS: string, runtime: Runtime): ClusterReconciler {
  const behaviourOf = behaviours(rules);
  const ports: KubeletPorts = { behaviourOf, clusterDNS, runtime };
  return {
    name: 'kubelet',
    manager: 'kubelet',
    reads: ['clustertrustbundles.certificates.k8s.io', 'events', 'nodes', 'pods', 'services'],
    watches: [
      {
        resource: 'pods',
        keys({ old, new: pod }) {
          if (pod) return pod.spec.nodeName ? [keyOf(pod)] : [];
          // What runs of one that is gone is to end.
          return old?.spec.nodeName ? [keyOf(old)] : [];
        },
      },
      {
        // A node that comes late finds pods already bound to it.
        resource: 'nodes',
        keys: ({ old, new: node }, reader) => {
          if (!node) return [];
          if (!old) return podsOn(reader, node.metadata.name).map(keyOf);
          return isOpen(old) === isOpen(node) ? [] : [`${NODE}${node.metadata.name}`];
        },
      },
      ...watchEach(SOURCES, podsThatWait),
      { resource: 'configmaps', keys: podsThatMount('configmaps') },
      { resource: 'secrets', keys: podsThatMount('secrets') },
    ],
    reconcile(reader, key, context) {
      if (key.startsWith(NODE)) {
        const node = reader.get('nodes', undefined, key.slice(NODE.length));
        return { writes: node && hasKubelet(reader, node) ? [schedulableEvent(reader, node, context.now)] : [] };
      }
      try {
        return sync(reader, key, context, ports);
      } finally {
        runtime.rest();
      }
    },
  };
}

/** One look at a pod. */
function sync(reader: View, key: string, context: ReconcileContext, ports: KubeletPorts): ReconcileResult<KubeObject> {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  const node = pod && reader.get('nodes', undefined, pod.spec.nodeName ?? '');
  if (!pod) return { writes: gone(reader, ports.runtime.let(namespace, name), context.now) };
  // A node that somebody registered has no kubelet: nothing happens to its pods.
  if (!node || !hasKubelet(reader, node)) return { writes: [] };
  const pace = paceOf(ports.behaviourOf(pod, pod.spec.containers[0]!).pace);
  const writer = new PodWriter({ reader, pod, node, context, pace });
  if (pod.metadata.deletionTimestamp) return terminate(writer, ports);
  if (isFinished(pod)) return { writes: [] };
  return pod.status?.startTime ? run(writer, ports) : admit(writer, ports);
}

/** The object is gone before its containers had ended: they are killed. */
function gone(reader: View, left: PodRuntime | undefined, now: number): Write<KubeObject>[] {
  if (!left) return [];
  const { pod, host } = left.about;
  const source = { component: 'kubelet', host };
  return left.running(now).map((name) => {
    const text = { reason: 'Killing', message: `Stopping container ${name}`, fieldPath: `spec.containers{${name}}` };
    return recordEvent(reader, pod, source, text, now);
  });
}

/** Pods, of the object's namespace if it has one, that may wait for just this object. */
const podsThatWait = ({ new: object }: Change<KubeObject>, reader: View): string[] =>
  object ? podsAt(reader, waiting(object.metadata.namespace), waitingPlaces).map(keyOf) : [];

/** Pods that have the object in a volume. */
const podsThatMount =
  (resource: string) =>
  ({ old, new: object }: Change<KubeObject>, reader: View): string[] => {
    const { namespace, name } = (object ?? old)!.metadata;
    return podsAt(reader, mountedPlace(resource, namespace, name), mountedPlaces).map(keyOf);
  };

/** Under what the pods are found that wait in a namespace, or in any. */
const waiting = (namespace = ''): string => `waiting/${namespace}`;

export const waitingPlaces: PlacesOf = (pod) => (mayWait(pod) ? [waiting(), waiting(pod.metadata.namespace)] : []);

const mayWait = (pod: Pod): boolean =>
  Boolean(pod.status?.startTime) &&
  !isFinished(pod) &&
  (!pod.status?.podIP || statusesOf(pod).some((s) => s.state?.waiting?.reason === CONFIG_ERROR));

const statusesOf = (pod: Pod): ContainerStatus[] => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
];
