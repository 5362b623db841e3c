/**
 * kube-scheduler on the pump: places the pods that wait, the most important first, on one snapshot that counts each as soon as it is
 * placed. A pod that is placed costs two writes, its binding (see plugins/default-binder.ts) and its `Scheduled` event. One
 * that isn't gets its condition and a `FailedScheduling` event when the reason is new.
 */

import type { ClusterReconciler } from '../objects/cluster-reconciler.ts';
import { conditionOf } from '../objects/conditions.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import type { ReconcileResult, Write } from '../simulation/reconciler.ts';
import { statusWithCondition } from './conditions.ts';
import { type EventTime, schedulerEvent } from './events.ts';
import { inOrder } from './in-order.ts';
import { forgetSnapshot, keptSnapshot } from './kept-snapshot.ts';
import { bind } from './plugins/default-binder.ts';
import { inListOrder, priorityOrder } from './plugins/priority-sort.ts';
import { lateBindings } from './plugins/volume-binding.ts';
import { type PodInfo, podInfo } from './pod-info.ts';
import { SCHEDULER_NAME } from './profile.ts';
import { pendingPods, VOLUME_RESOURCES, WATCHES } from './queue.ts';
import { feasibleNodesToFind, type Refused, schedule } from './schedule.ts';
import type { Snapshot } from './snapshot.ts';

/** Pods placed in one reconcile; the others follow in the next. */
export const MAX_PLACED = 50;
/** Nodes that are scored for them, all together: with many nodes fewer pods are placed at once. */
export const MAX_SCORED = 5000;

export const scheduler: ClusterReconciler = {
  name: SCHEDULER_NAME,
  manager: 'kube-scheduler',
  reads: ['events', 'nodes', 'poddisruptionbudgets.policy', 'pods', 'services', ...VOLUME_RESOURCES],
  ignoresUnreadable: true,
  watches: WATCHES,
  reconcile(reader, key, { now, random }): ReconcileResult<KubeObject> {
    const waiting = pendingPods(reader, key);
    if (waiting.length === 0) {
      forgetSnapshot(reader);
      return { writes: [] };
    }
    const { snapshot, assumed } = keptSnapshot(reader);
    const at: EventTime = { now, revision: reader.revision };
    const writes: Write<KubeObject>[] = [];
    const most = Math.min(MAX_PLACED, Math.ceil(MAX_SCORED / feasibleNodesToFind(snapshot.nodes.length)));
    let placed = 0;
    for (const pod of inOrder(waiting.map(podInfo), (a, b) => priorityOrder(a, b) || inListOrder(a, b))) {
      if (placed >= most) return { writes, requeueAt: now };
      // Each of many nodes looks at its parts, which may have to be read: once is enough.
      const result = schedule({ ...pod, pod: { ...pod.pod } }, snapshot, random);
      if (result.node === undefined) {
        writes.push(...refuse(pod, result, at));
        const { nomination } = result.preemption;
        if (nomination) snapshot.nominate(pod, nomination.node);
      } else {
        writes.push(...place(pod, result.node, snapshot, at));
        snapshot.assume(pod, result.node);
        assumed(pod, result.node);
        placed++;
      }
    }
    forgetSnapshot(reader);
    return { writes };
  },
};

/** A pod whose claims have waited for it is bound only when they are. */
function place(info: PodInfo, nodeName: string, snapshot: Snapshot, at: EventTime): Write<KubeObject>[] {
  const { pod } = info;
  const node = snapshot.node(nodeName);
  if (!node) return [];
  const late = lateBindings(info, node, snapshot);
  if (late) return late.map((object) => ({ verb: 'update', object }));
  const note = `Successfully assigned ${info.namespace}/${info.name} to ${nodeName}`;
  return [
    bind(pod, node.node, at.now),
    schedulerEvent(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', note }, at),
  ];
}

function refuse({ pod }: PodInfo, refused: Refused, at: EventTime): Write<KubeObject>[] {
  const { message, preemption } = refused;
  const old = conditionOf(pod, 'PodScheduled');
  const known = old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message;
  const before: string | undefined = pod.status?.nominatedNodeName;
  const nominated = preemption.nomination?.node ?? (preemption.clear ? undefined : before);
  const writes: Write<KubeObject>[] = [];
  if (!known)
    writes.push(
      schedulerEvent(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message }, at),
    );
  if (!known || nominated !== before) {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    const observed = { ...condition, observedGeneration: pod.metadata.generation ?? 0 };
    const { nominatedNodeName: _, ...status } = statusWithCondition(pod, observed, at.now);
    const object = { ...pod, status: nominated ? { ...status, nominatedNodeName: nominated } : status };
    writes.push({ verb: 'update', object, subresource: 'status' });
  }
  const { nomination } = preemption;
  if (nomination) for (const victim of nomination.victims) writes.push(...evict(victim, pod, nomination.node, at));
  return writes;
}

function evict({ pod, uid }: PodInfo, preemptor: Pod, node: string, at: EventTime): Write<KubeObject>[] {
  if (pod.metadata.deletionTimestamp) return [];
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${SCHEDULER_NAME}: preempting to accommodate a higher priority pod`,
    observedGeneration: pod.metadata.generation ?? 0,
  };
  const { name, namespace = 'default' } = pod.metadata;
  const note = `Preempted by pod ${preemptor.metadata.uid} on node ${node}`;
  return [
    { verb: 'update', object: { ...pod, status: statusWithCondition(pod, condition, at.now) }, subresource: 'status' },
    { verb: 'delete', resource: 'pods', namespace, name, ...(uid ? { uid } : {}) },
    schedulerEvent(pod, { type: 'Normal', reason: 'Preempted', action: 'Preempting', note }, at, preemptor),
  ];
}
