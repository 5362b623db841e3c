/** Which changes can make a waiting pod schedulable, so that the scheduler must look again. */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Reconciler } from '../simulation/reconciler.ts';
import { isGated } from './plugins/scheduling-gates.ts';
import { hasPodAffinity, isTerminal, podInfo } from './pod-info.ts';
import { SCHEDULER_NAME } from './profile.ts';

/** All pods that wait are looked at together, the most important first, so there is one key. */
export const QUEUE_KEY = 'queue';

type Change = { old?: KubeObject; new?: KubeObject };

/** Waits for a node from this scheduler. */
export const isPending = (pod: KubeObject): boolean =>
  !pod.spec?.nodeName &&
  (pod.spec?.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME &&
  !pod.metadata.deletionTimestamp &&
  !isTerminal(pod) &&
  !isGated(pod);

const somePending = (reader: Reader<KubeObject>, which: (pod: KubeObject) => boolean = () => true): boolean =>
  reader.list('pods').some((pod) => !pod.spec?.nodeName && isPending(pod) && which(pod));

const different = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a) !== JSON.stringify(b);

const caresForPods = (pod: KubeObject): boolean =>
  hasPodAffinity(podInfo(pod)) || Boolean(pod.spec?.topologySpreadConstraints);

const usesClaims = (pod: KubeObject): boolean =>
  (pod.spec?.volumes ?? []).some((v: any) => v.persistentVolumeClaim || v.ephemeral);

function podConcerns({ old, new: now }: Change, reader: Reader<KubeObject>): boolean {
  if (now && isPending(now)) {
    return (
      !old ||
      !isPending(old) ||
      old.metadata.generation !== now.metadata.generation ||
      different(old.metadata.labels, now.metadata.labels)
    );
  }
  if (now?.spec?.nodeName && !old?.spec?.nodeName) return somePending(reader, caresForPods);
  return Boolean(old?.spec?.nodeName) && givesRoom(old as KubeObject, now) && somePending(reader);
}

/** Whether a pod on a node leaves something free, or looks different to the rules of others. */
function givesRoom(old: KubeObject, now: KubeObject | undefined): boolean {
  if (!now) return !isTerminal(old);
  return (
    isTerminal(old) !== isTerminal(now) ||
    old.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    old.metadata.generation !== now.metadata.generation ||
    different(old.metadata.labels, now.metadata.labels)
  );
}

/** What plugins read of a node; heartbeats change none of it. */
const nodeFacts = ({ metadata, spec, status }: KubeObject): unknown => [
  metadata.labels,
  spec?.taints,
  spec?.unschedulable,
  status?.allocatable,
];

function nodeConcerns({ old, new: now }: Change, reader: Reader<KubeObject>): boolean {
  if (!now) return false;
  return (!old || different(nodeFacts(old), nodeFacts(now))) && somePending(reader);
}

const when =
  (concerns: (change: Change, reader: Reader<KubeObject>) => boolean) =>
  (change: Change, reader: Reader<KubeObject>): string[] =>
    concerns(change, reader) ? [QUEUE_KEY] : [];

const VOLUME_RESOURCES = [
  'persistentvolumeclaims',
  'persistentvolumes',
  'storageclasses.storage.k8s.io',
  'csinodes.storage.k8s.io',
];

export const WATCHES: Reconciler<KubeObject>['watches'] = [
  { resource: 'pods', keys: when(podConcerns) },
  { resource: 'nodes', keys: when(nodeConcerns) },
  ...VOLUME_RESOURCES.map((resource) => ({
    resource,
    keys: when((_change, reader) => somePending(reader, usesClaims)),
  })),
];
