/** Evicts pods that don't tolerate a NoExecute taint of their node, at once or when their patience ends. Source: pkg/controller/tainteviction. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Node, Pod, Taint, Toleration } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { deletePod, disruptionTarget } from '../pods.ts';
import { tolerates } from './eligible-nodes.ts';

const NAME = 'taint-eviction-controller';
const REASON = 'DeletionByTaintManager';
const MESSAGE = 'Taint manager: deleting due to NoExecute taint';

export const taintEvictionController = (): ClusterReconciler => ({
  name: NAME,
  manager: 'kube-controller-manager',
  reads: ['events', 'nodes', 'pods'],
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader) =>
        !node || sameData(evictingTaints(old), evictingTaints(node))
          ? []
          : podsOn(reader, node.metadata.name).map(keyOf),
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        const either = pod ?? old;
        if (!either?.spec.nodeName) return [];
        const same = old?.spec.nodeName === pod?.spec.nodeName;
        if (same && sameData(old?.spec.tolerations, pod?.spec.tolerations)) return [];
        return evictingTaints(reader.get('nodes', undefined, either.spec.nodeName)).length > 0 ? [keyOf(either)] : [];
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt }): ReconcileResult<KubeObject> {
    const { namespace, name } = parseKey(key);
    const pod = reader.get('pods', namespace, name);
    // What it was told before stands until then; at that instant it is due.
    const planned = requeueAt !== undefined && now < requeueAt ? requeueAt : undefined;
    const cancelled = planned === undefined ? [] : [note(reader, key, `Cancelling deletion of Pod ${key}`, now)];
    if (!pod) return { writes: cancelled };
    const taints = evictingTaints(reader.get('nodes', undefined, pod.spec.nodeName ?? ''));
    const patience = patienceFor(taints, pod.spec.tolerations ?? []);
    if (patience === Number.POSITIVE_INFINITY) return { writes: cancelled };
    if (patience === undefined) return { writes: [...cancelled, ...evict(reader, pod, now)] };
    const due = requeueAt ?? now + patience;
    return due > now ? { writes: [], requeueAt: due } : { writes: evict(reader, pod, now) };
  },
});

const evictingTaints = (node: Node | undefined): Taint[] =>
  ((node?.spec?.taints ?? []) as Taint[]).filter((taint) => taint.effect === 'NoExecute');

/** Milliseconds for which all taints are tolerated; undefined: one is not. The first toleration that fits a taint is the one that counts. */
function patienceFor(taints: Taint[], tolerations: Toleration[]): number | undefined {
  let patience = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates([toleration], taint));
    if (!used) return undefined;
    if (used.tolerationSeconds != null) patience = Math.min(patience, Math.max(0, used.tolerationSeconds) * 1000);
  }
  return patience;
}

function evict(reader: View, pod: Pod, now: number): Write<KubeObject>[] {
  // It is on its way: a second look at it tells nothing new.
  if (pod.metadata.deletionTimestamp && conditionOf(pod, 'DisruptionTarget')?.reason === REASON) return [];
  const conditions = withCondition(pod.status?.conditions, disruptionTarget(pod, REASON, MESSAGE, now));
  const key = keyOf(pod);
  return [
    note(reader, key, `Marking for deletion Pod ${key}`, now),
    { verb: 'update', subresource: 'status', object: { ...pod, status: { ...pod.status, conditions } } },
    deletePod(pod),
  ];
}

/** The real one names the pod by its name alone. */
function note(reader: View, key: string, message: string, now: number): Write<KubeObject> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: parseKey(key) };
  return recordEvent(reader, pod, { component: NAME }, { reason: 'TaintManagerEviction', message }, now);
}
