/**
 * Keeps as many pods as a ReplicaSet or a ReplicationController asks for: they differ only in names and selectors.
 * Source: k8s.io/kubernetes/pkg/controller/replicaset/replica_set.go.
 */

import { type ClusterReconciler, watchEach } from '../../objects/cluster-reconciler.ts';
import { conditionOf } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod, ReplicationController } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelMap, matchesLabelSelector } from '../../objects/selectors.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { unversioned } from '../../objects/unversioned.ts';
import type { Group } from '../../simulation/groups.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { claim, claimKeys, controllerOf, isControlledBy, keyOf, parseKey } from '../owners.ts';
import { candidatesOf, orphanedPods, podGroupsOf, podsOf } from '../pod-groups.ts';
import { availableAt, deletePod, isActive, isAvailable, isReady, isTerminating, podFromTemplate } from '../pods.ts';
import { newestOf, replacementDue } from './replacement-pause.ts';

/** Pods created or deleted in one reconcile. */
export const BURST_REPLICAS = 500;

type Owner = ReplicaSet | ReplicationController;

interface Flavour {
  /** Of the reconciler. */
  name: string;
  /** As the source of its events. */
  component: string;
  resource: 'replicasets.apps' | 'replicationcontrollers';
  kind: string;
  selector(owner: Owner): LabelSelector;
  /** Whether status counts pods that are on their way out. */
  countsTerminating: boolean;
}

export const replicaSetController = (): ClusterReconciler =>
  replicaController({
    name: 'replicaset-controller',
    component: 'replicaset-controller',
    resource: 'replicasets.apps',
    kind: 'ReplicaSet',
    selector: ({ spec }) => spec.selector as LabelSelector,
    countsTerminating: true,
  });

export const replicationController = (): ClusterReconciler =>
  replicaController({
    name: 'replicationcontroller-controller',
    component: 'replication-controller',
    resource: 'replicationcontrollers',
    kind: 'ReplicationController',
    selector: ({ spec }) => ({ matchLabels: spec.selector as Record<string, string> }),
    countsTerminating: false,
  });

function replicaController(flavour: Flavour): ClusterReconciler {
  const { resource, kind } = flavour;
  return {
    name: flavour.name,
    manager: 'kube-controller-manager',
    reads: ['events', 'pods', 'replicasets.apps', 'replicationcontrollers'],
    watches: [
      ...watchEach([resource], ({ new: owner }) => (owner ? [keyOf(owner)] : [])),
      {
        resource: 'pods',
        keys: (change, reader) => claimKeys({ kind, resource }, flavour.selector, change, reader),
      },
    ],
    reconcile(reader, key, { now }) {
      const { namespace, name } = parseKey(key);
      const owner = reader.get(resource, namespace, name);
      if (!owner) return { writes: [] };
      return reconcile(flavour, reader, owner, now);
    },
  };
}

function reconcile(flavour: Flavour, reader: View, owner: Owner, now: number): ReconcileResult<KubeObject> {
  const selector = flavour.selector(owner);
  const { claimed, writes } = claimedGroups(reader, owner, selector) ?? claimOneByOne(reader, owner, selector);
  const { active } = claimed;
  const status = statusOf(flavour, owner, claimed, now);
  // First, because a creation that is refused ends the reconcile.
  if (!sameData(status, owner.status))
    writes.push({ verb: 'update', subresource: 'status', object: { ...owner, status } });
  const record = (reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): Write<KubeObject> =>
    recordEvent(reader, owner, { component: flavour.component }, { reason, message, type }, now);
  let due = 0;
  if (!owner.metadata.deletionTimestamp) {
    const difference = countOf(active) - (owner.spec.replicas ?? 1);
    if (difference < 0) {
      const failed = claimed.hasFailed ? podsOf(reader, owner).filter((pod) => pod.status?.phase === 'Failed') : [];
      due = replacementDue(failed.length, newestOf(failed));
      if (due <= now) writes.push(...create(owner, -difference, status, record, now));
    }
    if (difference > 0) {
      const pods = claim(owner, selector, candidatesOf(reader, owner).filter(isActive)).claimed;
      const related = relatedPods(flavour, reader, owner);
      for (const pod of podsToDelete(pods, related, Math.min(difference, BURST_REPLICAS), now)) {
        const refused = (message: string): Write<KubeObject>[] => [
          record('FailedDelete', `Error deleting: ${message}`, 'Warning'),
          ...failure(owner, status, 'FailedDelete', `unable to delete pods: ${message}`, now),
        ];
        writes.push({ ...deletePod(pod), refused }, record('SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`));
      }
    }
  }
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const next = [due, ...active.map(({ sample }) => availableAt(sample, minReadySeconds) ?? 0)].filter((at) => at > now);
  return { writes, ...(next.length > 0 ? { requeueAt: Math.min(...next) } : {}) };
}

/** The pods that an owner has, in groups of such as are alike. */
interface Claimed {
  active: Group<Pod>[];
  /** How many. */
  terminating: number;
  hasFailed: boolean;
}

const countOf = (groups: Group<Pod>[]): number => groups.reduce((sum, { count }) => sum + count, 0);

/** Without a look at each of them; undefined where one is to be adopted or let go of. */
function claimedGroups(reader: View, owner: Owner, selector: LabelSelector) {
  const groups = podGroupsOf(reader, owner);
  if (!groups) return undefined;
  const selects = (pod: Pod): boolean => matchesLabelSelector(selector, pod.metadata.labels);
  const active = groups.filter(({ sample }) => isActive(sample));
  if (!active.every(({ sample }) => selects(sample))) return undefined;
  if (orphanedPods(reader, owner.metadata.namespace).some((pod) => isActive(pod) && selects(pod))) return undefined;
  const terminating = countOf(groups.filter(({ sample }) => isTerminating(sample) && selects(sample)));
  const hasFailed = groups.some(({ sample }) => sample.status?.phase === 'Failed');
  return { claimed: { active, terminating, hasFailed }, writes: [] as Write<KubeObject>[] };
}

function claimOneByOne(reader: View, owner: Owner, selector: LabelSelector) {
  const pods = candidatesOf(reader, owner);
  const { claimed, writes } = claim(owner, selector, pods.filter(isActive));
  const mine = pods.filter((pod) => isControlledBy(pod, owner));
  const terminating = mine.filter((pod) => isTerminating(pod) && matchesLabelSelector(selector, pod.metadata.labels));
  const active = claimed.map((sample) => ({ sample, count: 1 }));
  const hasFailed = mine.some((pod) => pod.status?.phase === 'Failed');
  return { claimed: { active, terminating: terminating.length, hasFailed }, writes };
}

function create(
  owner: Owner,
  count: number,
  status: ReplicaSetStatus,
  record: (reason: string, message: string, type?: 'Normal' | 'Warning') => Write<KubeObject>,
  now: number,
): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  for (let i = 0; i < Math.min(count, BURST_REPLICAS); i++) {
    writes.push({
      verb: 'create',
      object: podFromTemplate(owner.spec.template!, owner),
      created: (pod) => [record('SuccessfulCreate', `Created pod: ${pod.metadata.name}`)],
      refused: (message) => [
        record('FailedCreate', `Error creating: ${message}`, 'Warning'),
        ...failure(owner, status, 'FailedCreate', message, now),
      ],
    });
  }
  return writes;
}

/** The condition that pods cannot be made or taken away, if it is new. */
function failure(
  owner: Owner,
  status: ReplicaSetStatus,
  reason: string,
  message: string,
  now: number,
): Write<KubeObject>[] {
  if (conditionOf(owner, 'ReplicaFailure')) return [];
  const lastTransitionTime = timestamp(now);
  const condition = { type: 'ReplicaFailure', status: 'True', lastTransitionTime, reason, message };
  // The status has been written once in this reconcile: what it is now is not what was read.
  const failed = { ...status, conditions: [...(status.conditions ?? []), condition] };
  return [{ verb: 'update', subresource: 'status', object: { ...unversioned(owner), status: failed } }];
}

function statusOf(flavour: Flavour, owner: Owner, { active, terminating }: Claimed, now: number): ReplicaSetStatus {
  const wanted = owner.spec.template?.metadata?.labels;
  const readyGroups = active.filter(({ sample }) => isReady(sample));
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const replicas = countOf(active);
  const labelled = countOf(active.filter(({ sample }) => matchesLabelMap(wanted, sample.metadata.labels)));
  const ready = countOf(readyGroups);
  const available = countOf(readyGroups.filter(({ sample }) => isAvailable(sample, minReadySeconds, now)));
  const failing = conditionOf(owner, 'ReplicaFailure') && replicas !== (owner.spec.replicas ?? 1);
  const conditions = owner.status?.conditions?.filter((condition) => failing || condition.type !== 'ReplicaFailure');
  return {
    replicas,
    ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(flavour.countsTerminating ? { terminatingReplicas: terminating } : {}),
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions && conditions.length > 0 ? { conditions } : {}),
  };
}

/** Active pods of every set of the same controller: the more of them a node has, the sooner one there goes. */
function relatedPods(flavour: Flavour, reader: View, owner: Owner): Pod[] {
  const above = controllerOf(owner);
  const siblings = above
    ? reader.list(flavour.resource, owner.metadata.namespace).filter((rs) => controllerOf(rs)?.uid === above.uid)
    : [owner];
  return siblings.flatMap((sibling) => podsOf(reader, sibling)).filter(isActive);
}

const PHASE_RANK: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** The pods that are missed least. Source: ActivePodsWithRanks in pkg/controller/controller_utils.go. */
export function podsToDelete(pods: Pod[], related: Pod[], count: number, now: number): Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  return [...pods].sort((a, b) => compareForDeletion(a, b, onNode, now)).slice(0, count);
}

function compareForDeletion(a: Pod, b: Pod, onNode: Map<string, number>, now: number): number {
  const unassigned = Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName));
  if (unassigned !== 0) return unassigned;
  const phase = (PHASE_RANK[a.status?.phase ?? ''] ?? 0) - (PHASE_RANK[b.status?.phase ?? ''] ?? 0);
  if (phase !== 0) return phase;
  const ready = Number(isReady(a)) - Number(isReady(b));
  if (ready !== 0) return ready;
  const cost = deletionCost(a) - deletionCost(b);
  if (cost !== 0) return cost;
  const rank = (onNode.get(b.spec.nodeName ?? '') ?? 0) - (onNode.get(a.spec.nodeName ?? '') ?? 0);
  if (rank !== 0) return rank;
  const readyAge = logarithmicAge(readySince(a), now) - logarithmicAge(readySince(b), now);
  if (isReady(a) && readyAge !== 0) return readyAge;
  const restarts = restartsOf(b) - restartsOf(a);
  if (restarts !== 0) return restarts;
  const age = logarithmicAge(createdAt(a), now) - logarithmicAge(createdAt(b), now);
  if (age !== 0) return age;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

const deletionCost = (pod: Pod): number =>
  Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;

const readySince = (pod: Pod): number => milliseconds(conditionOf(pod, 'Ready')?.lastTransitionTime);

const createdAt = (pod: Pod): number => milliseconds(pod.metadata.creationTimestamp);

const restartsOf = (pod: Pod): number =>
  Math.max(0, ...(pod.status?.containerStatuses ?? []).map((c) => c.restartCount));

const logarithmicAge = (since: number, now: number): number => Math.floor(Math.log2(Math.max(1, now - since)));
