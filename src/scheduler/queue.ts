/** Which changes can make a waiting pod schedulable, so that the scheduler must look again. */

import type { Change, ClusterWatch } from '../objects/cluster-reconciler.ts';
import { conditionOf } from '../objects/conditions.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { hasPodAt, type PlacesOf } from '../resources/core/pod/places.ts';
import { couldRunOn } from './framework.ts';
import { NodeInfo } from './node-info.ts';
import { isGated } from './plugins/scheduling-gates.ts';
import { hasPodAffinity, isTerminal, podInfo } from './pod-info.ts';
import { SCHEDULER_NAME } from './profile.ts';

/** Pods that wait are looked at together, the most important first, so keys don't name pods: those that are new, or all. */
export const NEW_PODS = 'new';
export const ALL_PODS = 'all';

/** Waits for a node from this scheduler. */
export const isPending = (pod: Pod): boolean =>
  !pod.spec?.nodeName &&
  (pod.spec?.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME &&
  !pod.metadata.deletionTimestamp &&
  !isTerminal(pod) &&
  !isGated(pod);

/** Has been told that it fits nowhere; it is not tried again before something changes that could help. */
export const isRefused = (pod: Pod): boolean => {
  const condition = conditionOf(pod, 'PodScheduled');
  return condition?.status === 'False' && condition.reason === 'Unschedulable';
};

const different = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a) !== JSON.stringify(b);

const caresForPods = (pod: Pod): boolean =>
  Boolean(pod.spec?.topologySpreadConstraints) || (Boolean(pod.spec?.affinity) && hasPodAffinity(podInfo(pod)));

const usesClaims = (pod: Pod): boolean => (pod.spec?.volumes ?? []).some((v) => v.persistentVolumeClaim || v.ephemeral);

/** Pods that wait, and those of them to whom other pods or volumes matter: every pod that gets a node asks whether there are any. */
const PENDING = 'pending/';
/** Of the pods that wait those that have not been refused yet. */
const UNTRIED = 'pending/untried';
const PENDING_FOR_PODS = 'pending/for-pods';
const PENDING_FOR_VOLUMES = 'pending/for-volumes';

export const pendingPlaces: PlacesOf = (pod) =>
  isPending(pod)
    ? [
        PENDING,
        ...(isRefused(pod) ? [] : [UNTRIED]),
        ...(caresForPods(pod) ? [PENDING_FOR_PODS] : []),
        ...(usesClaims(pod) ? [PENDING_FOR_VOLUMES] : []),
      ]
    : [];

/** The pods that wait, all or those that are new, in no order. */
export const pendingPods = (reader: View, key: string): Pod[] =>
  reader.dependents
    ? reader.dependents(key === ALL_PODS ? PENDING : UNTRIED).map(({ object }) => object as Pod)
    : reader.list('pods').filter((pod) => isPending(pod) && (key === ALL_PODS || !isRefused(pod)));

const somePending = (reader: View, place = PENDING, which?: (pod: Pod) => boolean): boolean =>
  hasPodAt(reader, place, pendingPlaces, which);

function podKeys({ old, new: now }: Change<Pod>, reader: View): string[] {
  if (now && isPending(now)) {
    if (!old || !isPending(old)) return [isRefused(now) ? ALL_PODS : NEW_PODS];
    const changed = old.metadata.generation !== now.metadata.generation || labelsDiffer(old, now);
    return changed ? [ALL_PODS] : [];
  }
  const concerned = old?.spec?.nodeName
    ? givesRoom(old, now)
      ? somePending(reader)
      : looksDifferent(old, now) && somePending(reader, PENDING_FOR_PODS)
    : Boolean(now?.spec?.nodeName) && somePending(reader, PENDING_FOR_PODS);
  return concerned ? [ALL_PODS] : [];
}

const labelsDiffer = (a: Pod, b: Pod): boolean => different(a.metadata.labels, b.metadata.labels);

/** Whether a pod on a node leaves something free there, by its end or by asking for less; being told to end is neither. */
function givesRoom(old: Pod, now: Pod | undefined): boolean {
  if (isTerminal(old)) return false;
  if (!now || isTerminal(now)) return true;
  const told = old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp;
  return !told && old.metadata.generation !== now.metadata.generation;
}

/** Whether the rules between pods see it differently: pods on their way out don't count for spreading. */
const looksDifferent = (old: Pod, now: Pod | undefined): boolean =>
  now !== undefined && (old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp || labelsDiffer(old, now));

/** What plugins read of a node; heartbeats change none of it. */
const nodeFacts = ({ metadata, spec, status }: Node): unknown => [
  metadata.labels,
  spec?.taints,
  spec?.unschedulable,
  status?.allocatable,
];

function nodeKeys({ old, new: now }: Change<Node>, reader: View): string[] {
  if (!now || (old && !different(nodeFacts(old), nodeFacts(now)))) return [];
  const empty = new NodeInfo(now);
  const helps = (pod: Pod): boolean => caresForPods(pod) || couldRunOn(podInfo(pod), empty);
  return somePending(reader, PENDING, helps) ? [ALL_PODS] : [];
}

export const VOLUME_RESOURCES = [
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'csinodes.storage.k8s.io',
] as const;

const volumeKeys = (_change: object, reader: View): string[] =>
  somePending(reader, PENDING_FOR_VOLUMES) ? [ALL_PODS] : [];

export const WATCHES: ClusterWatch[] = [
  { resource: 'pods', keys: podKeys },
  { resource: 'nodes', keys: nodeKeys },
  { resource: 'persistentvolumeclaims', keys: volumeKeys },
  { resource: 'persistentvolumes', keys: volumeKeys },
  { resource: 'storageclasses.storage.k8s.io', keys: volumeKeys },
  { resource: 'csinodes.storage.k8s.io', keys: volumeKeys },
];
