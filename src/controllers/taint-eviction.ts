/** Evicts pods that don't tolerate a NoExecute taint of their node, at once or when their patience ends. Source: pkg/controller/tainteviction. */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Reconciler, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { recordEvent } from './events.ts';
import { type Taint, type Toleration, tolerates } from './nodes.ts';
import { keyOf, parseKey } from './owners.ts';
import { deletePod, disruptionTarget, isFinished, withCondition } from './pods.ts';
import { milliseconds } from './time.ts';

interface TimedTaint extends Taint {
  timeAdded?: string;
}

export const taintEvictionController = (): Reconciler<KubeObject> => ({
  name: 'taint-eviction-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader) =>
        !node || sameJson(old?.spec?.taints, node.spec?.taints)
          ? []
          : reader
              .list('pods')
              .filter((pod) => pod.spec.nodeName === node.metadata.name)
              .map(keyOf),
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        if (!pod?.spec.nodeName || old?.spec.nodeName === pod.spec.nodeName) return [];
        return taintsOf(reader, pod).length > 0 ? [keyOf(pod)] : [];
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt }) {
    const { namespace, name } = parseKey(key);
    const pod = reader.get('pods', namespace, name);
    if (!pod || pod.metadata.deletionTimestamp || isFinished(pod)) return { writes: [] };
    const patience = evictionTime(taintsOf(reader, pod), pod.spec.tolerations ?? [], now);
    if (patience === undefined) return { writes: [] };
    // A taint says no time at which it came: the patience that began before goes on.
    const due = Math.min(patience, requeueAt ?? patience);
    return due > now ? { writes: [], requeueAt: due } : { writes: evict(reader, pod, now) };
  },
});

function taintsOf(reader: Reader<KubeObject>, pod: KubeObject): TimedTaint[] {
  const taints: TimedTaint[] = reader.get('nodes', undefined, pod.spec.nodeName ?? '')?.spec?.taints ?? [];
  return taints.filter((taint) => taint.effect === 'NoExecute');
}

/** Undefined: every taint is tolerated for ever. */
function evictionTime(taints: TimedTaint[], tolerations: Toleration[], now: number): number | undefined {
  let due: number | undefined;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates([toleration], taint));
    if (matching.length === 0) return now;
    const limits = matching.map((t) => t.tolerationSeconds).filter((seconds) => seconds !== undefined);
    if (limits.length < matching.length) continue;
    const since = taint.timeAdded ? milliseconds(taint.timeAdded) : now;
    const at = since + Math.max(0, Math.min(...limits)) * 1000;
    due = Math.min(due ?? at, at);
  }
  return due;
}

function evict(reader: Reader<KubeObject>, pod: KubeObject, now: number): Write<KubeObject>[] {
  const why = 'Taint manager: deleting due to NoExecute taint';
  const condition = disruptionTarget(pod, 'DeletionByTaintManager', why, now);
  const conditions = withCondition(pod.status?.conditions, condition);
  const message = `Marking for deletion Pod ${keyOf(pod)}`;
  return [
    recordEvent(
      reader,
      pod,
      { component: 'taint-eviction-controller' },
      { reason: 'TaintManagerEviction', message },
      now,
    ),
    { verb: 'update', subresource: 'status', object: { ...pod, status: { ...pod.status, conditions } } },
    deletePod(pod),
  ];
}
