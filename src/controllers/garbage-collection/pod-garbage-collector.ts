/** Takes away pods that no kubelet will ever end. Source: k8s.io/kubernetes/pkg/controller/podgc. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, withCondition } from '../../objects/conditions.ts';
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { milliseconds } from '../../objects/time.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import type { ReconcileContext, ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { isNodeReady } from '../nodes/node-health.ts';
import { keyOf, parseKey } from '../owners.ts';
import { disruptionTarget, isFinished } from '../pods.ts';

/** How long a node may be missing before its pods go. */
export const QUARANTINE_MS = 40_000;
/** The real one looks round so often. */
const PERIOD_MS = 20_000;
/** Finished pods that may be left. */
export const FINISHED_PODS_THRESHOLD = 12_500;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Keys: a node that may be missing or out of service, a pod without a node, and all finished pods. */
const NODE = 'node ';
const POD = 'pod ';
const FINISHED = 'finished';

export const podGarbageCollector = (): ClusterReconciler => ({
  name: 'pod-garbage-collector-controller',
  manager: 'kube-controller-manager',
  reads: ['nodes', 'pods'],
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }) => {
        if (!node) return old ? [`${NODE}${old.metadata.name}`] : [];
        return isOutOfService(node) ? [`${NODE}${node.metadata.name}`] : [];
      },
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        if (!pod) return [];
        const keys: string[] = [];
        const { nodeName } = pod.spec;
        if (pod.metadata.deletionTimestamp && !nodeName) keys.push(`${POD}${keyOf(pod)}`);
        if (nodeName && (old?.spec.nodeName !== nodeName || pod.metadata.deletionTimestamp)) {
          const node = reader.get('nodes', undefined, nodeName);
          if (!node || isOutOfService(node)) keys.push(`${NODE}${nodeName}`);
        }
        const finishes = isFinished(pod) && !(old && isFinished(old));
        if (finishes && reader.list('pods').length > FINISHED_PODS_THRESHOLD) keys.push(FINISHED);
        return keys;
      },
    },
  ],
  reconcile(reader, key, context) {
    if (key === FINISHED) return { writes: oldestFinished(reader).flatMap((pod) => forceDelete(pod)) };
    if (key.startsWith(POD)) return withoutNode(reader, key.slice(POD.length), context);
    return onNode(reader, key.slice(NODE.length), context);
  },
});

const isOutOfService = (node: Node): boolean =>
  !isNodeReady(node) && (node.spec?.taints ?? []).some((taint: { key: string }) => taint.key === OUT_OF_SERVICE);

function onNode(reader: View, name: string, context: ReconcileContext): ReconcileResult<KubeObject> {
  const { now } = context;
  const node = reader.get('nodes', undefined, name);
  const pods = podsOn(reader, name);
  if (pods.length === 0) return { writes: [] };
  if (node) {
    if (!isOutOfService(node)) return { writes: [] };
    const ending = pods.filter((pod) => pod.metadata.deletionTimestamp);
    if (ending.length === 0) return { writes: [] };
    return later(context, PERIOD_MS) ?? { writes: ending.flatMap((pod) => forceDelete(pod)) };
  }
  const wait = later(context, QUARANTINE_MS);
  if (wait) return wait;
  const orphan = (pod: Pod): Condition => disruptionTarget(pod, 'DeletionByPodGC', 'PodGC: node no longer exists', now);
  return { writes: pods.flatMap((pod) => forceDelete(pod, orphan(pod))) };
}

function withoutNode(reader: View, key: string, context: ReconcileContext): ReconcileResult<KubeObject> {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  if (!pod?.metadata.deletionTimestamp || pod.spec.nodeName || isFinished(pod)) return { writes: [] };
  return later(context, PERIOD_MS) ?? { writes: forceDelete(pod) };
}

/** Undefined: it is time. */
function later({ now, requeueAt }: ReconcileContext, wait: number): ReconcileResult<KubeObject> | undefined {
  if (requeueAt === undefined) return { writes: [], requeueAt: now + wait };
  return now < requeueAt ? { writes: [], requeueAt } : undefined;
}

/** Those beyond the threshold: evicted ones first, then the oldest. */
function oldestFinished(reader: View): Pod[] {
  const finished = reader.list('pods').filter(isFinished);
  const isEvicted = (pod: Pod): boolean => pod.status?.phase === 'Failed' && pod.status?.reason === 'Evicted';
  return finished
    .sort(
      (a, b) =>
        Number(isEvicted(b)) - Number(isEvicted(a)) ||
        milliseconds(a.metadata.creationTimestamp) - milliseconds(b.metadata.creationTimestamp) ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    )
    .slice(0, Math.max(0, finished.length - FINISHED_PODS_THRESHOLD));
}

/** A pod must have ended before it is gone: nobody else will say so. */
function forceDelete(pod: Pod, condition?: Condition): Write<KubeObject>[] {
  const { namespace, name, uid } = pod.metadata;
  const deletion: Write<KubeObject> = {
    verb: 'delete',
    resource: 'pods',
    namespace: namespace as string,
    name,
    uid: uid as string,
    gracePeriodSeconds: 0,
  };
  if (isFinished(pod)) return [deletion];
  const conditions = condition ? withCondition(pod.status?.conditions, condition) : pod.status?.conditions;
  const observedGeneration = pod.metadata.generation ?? 1;
  const status = { ...pod.status, observedGeneration, phase: 'Failed', ...(conditions ? { conditions } : {}) };
  return [{ verb: 'update', subresource: 'status', object: { ...pod, status } }, deletion];
}
