/** How many pods a disruption budget lets go. Source: k8s.io/kubernetes/pkg/controller/disruption/disruption.go. */

import type { Catalog } from '../../catalog/catalog.ts';
import { type ClusterReconciler, watchEach } from '../../objects/cluster-reconciler.ts';
import { conditionOf, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { PodDisruptionBudget } from '../../objects/generated/policy-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { isFinished, isReady } from '../pods.ts';
import { printSelector } from '../selector-text.ts';
import { type Expectations, expectations, SIZED } from './disruption-scale.ts';

const BUDGETS = 'poddisruptionbudgets.policy';
const SOURCE = { component: 'controllermanager' };
/** An eviction that was allowed and hasn't happened by then is forgotten. */
const DELETION_TIMEOUT_MS = 120_000;
/** A pod that is to be disrupted and is still there by then is not to be any more. */
const STALE_DISRUPTION_MS = 120_000;

/** Keys of pods, to tell them from budgets: one that several budgets are about, one that is to go. */
const SHARED = 'shared ';
const STALE = 'stale ';

/** `catalog`: the kinds that pods' controllers may be of, at the moment. */
export const disruptionController = (catalog: () => Catalog): ClusterReconciler => ({
  name: 'disruption-controller',
  manager: 'kube-controller-manager',
  reads: [
    'deployments.apps',
    'events',
    'poddisruptionbudgets.policy',
    'pods',
    'replicasets.apps',
    'replicationcontrollers',
    'statefulsets.apps',
  ],
  watches: [
    { resource: BUDGETS, keys: ({ new: budget }) => (budget ? [keyOf(budget)] : []) },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        const keys = new Set<string>();
        for (const object of [old, pod]) {
          const budgets = object ? budgetsOf(reader, object) : [];
          for (const budget of budgets) keys.add(keyOf(budget));
          if (object && object === pod && budgets.length > 1) keys.add(`${SHARED}${keyOf(pod)}`);
        }
        if (pod && isToBeDisrupted(pod)) keys.add(`${STALE}${keyOf(pod)}`);
        return [...keys];
      },
    },
    ...watchEach(Object.values(SIZED), ({ old, new: owner }, reader) => {
      if (old && owner && old.spec.replicas === owner.spec.replicas) return [];
      return reader.list(BUDGETS, (owner ?? old)?.metadata.namespace).map(keyOf);
    }),
  ],
  reconcile(reader, key, { now }) {
    if (key.startsWith(SHARED)) return sharedPod(reader, key.slice(SHARED.length), now);
    if (key.startsWith(STALE)) return stalePod(reader, key.slice(STALE.length), now);
    const { namespace, name } = parseKey(key);
    const budget = reader.get(BUDGETS, namespace, name);
    return budget ? reckon(catalog(), reader, budget, now) : { writes: [] };
  },
});

const budgetsOf = (reader: View, pod: Pod): KubeObject[] =>
  reader
    .list(BUDGETS, pod.metadata.namespace)
    .filter((budget) => matchesLabelSelector(budget.spec.selector, pod.metadata.labels));

function reckon(catalog: Catalog, reader: View, budget: PodDisruptionBudget, now: number): ReconcileResult<KubeObject> {
  const writes: Write<KubeObject>[] = [];
  const event = (about: KubeObject, reason: string, message: string, type: 'Normal' | 'Warning' = 'Warning'): void => {
    writes.push(recordEvent(reader, about, SOURCE, { type, reason, message }, now));
  };
  const publish = (status: Record<string, unknown>): void => {
    if (sameData(status, budget.status)) return;
    writes.push({ verb: 'update', subresource: 'status', object: { ...budget, status } });
  };
  const pods = reader
    .list('pods', budget.metadata.namespace)
    .filter((pod) => matchesLabelSelector(budget.spec.selector, pod.metadata.labels));
  if (pods.length === 0) event(budget, 'NoPods', 'No matching pods found', 'Normal');
  let wanted: Expectations;
  try {
    wanted = expectations(catalog, reader, budget, pods);
  } catch (error) {
    const { message } = error as Error;
    event(budget, 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`);
    publish(failedStatus(budget, message, now));
    return { writes };
  }
  if (wanted.unmanaged) event(budget, 'UnmanagedPods', unmanagedText(budget.spec.selector));
  const { disrupted, missed } = disruptedPods(budget, pods, now);
  const { namespace } = budget.metadata;
  // The real message has the namespace twice.
  for (const pod of missed)
    event(pod, 'NotDeleted', `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`);
  publish(statusOf(budget, pods, wanted, disrupted, now));
  const due = Object.values(disrupted).map((at) => milliseconds(at) + DELETION_TIMEOUT_MS);
  return { writes, ...(due.length > 0 ? { requeueAt: Math.min(...due) + 1 } : {}) };
}

function statusOf(
  budget: PodDisruptionBudget,
  pods: Pod[],
  { expected, desired }: Expectations,
  disrupted: Record<string, string>,
  now: number,
): Record<string, unknown> {
  const healthy = pods.filter(
    (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !(pod.metadata.name in disrupted),
  ).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  return {
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    observedGeneration: budget.metadata.generation ?? 0,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget.status?.conditions, {
      type: 'DisruptionAllowed',
      status: allowed > 0 ? 'True' : 'False',
      observedGeneration: budget.metadata.generation ?? 0,
      lastTransitionTime: timestamp(now),
      reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    }),
  };
}

/** Where nothing can be reckoned nothing may go. */
const failedStatus = (budget: PodDisruptionBudget, message: string, now: number): Record<string, unknown> => ({
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
  ...budget.status,
  disruptionsAllowed: 0,
  conditions: withCondition(budget.status?.conditions, {
    type: 'DisruptionAllowed',
    status: 'False',
    ...(budget.status?.observedGeneration ? { observedGeneration: budget.status.observedGeneration } : {}),
    lastTransitionTime: timestamp(now),
    reason: 'SyncFailed',
    message,
  }),
});

/** Those that are still to go, and those that should have gone by now. */
function disruptedPods(
  budget: PodDisruptionBudget,
  pods: Pod[],
  now: number,
): { disrupted: Record<string, string>; missed: KubeObject[] } {
  const known: Record<string, string> = budget.status?.disruptedPods ?? {};
  const disrupted: Record<string, string> = {};
  const missed: KubeObject[] = [];
  for (const pod of pods) {
    const at = known[pod.metadata.name];
    if (at === undefined || pod.metadata.deletionTimestamp) continue;
    if (milliseconds(at) + DELETION_TIMEOUT_MS < now) missed.push(pod);
    else disrupted[pod.metadata.name] = at;
  }
  return { disrupted, missed };
}

const unmanagedText = (selector: LabelSelector | undefined): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${printSelector(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

function sharedPod(reader: View, key: string, now: number): ReconcileResult<KubeObject> {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  const budgets = pod ? budgetsOf(reader, pod) : [];
  if (!pod || budgets.length < 2) return { writes: [] };
  const chosen = budgets[0]!.metadata.name;
  const message = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${chosen}" arbitrarily.`;
  const text = { type: 'Warning', reason: 'MultiplePodDisruptionBudgets', message } as const;
  return { writes: [recordEvent(reader, pod, SOURCE, text, now)] };
}

/** A kubelet takes its time; what others announce is to happen soon. */
function isToBeDisrupted(pod: Pod): boolean {
  const condition = conditionOf(pod, 'DisruptionTarget');
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return false;
  return pod.metadata.deletionTimestamp === undefined && !isFinished(pod);
}

function stalePod(reader: View, key: string, now: number): ReconcileResult<KubeObject> {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  if (!pod || !isToBeDisrupted(pod)) return { writes: [] };
  const due = milliseconds(conditionOf(pod, 'DisruptionTarget')?.lastTransitionTime) + STALE_DISRUPTION_MS;
  if (now < due) return { writes: [], requeueAt: due };
  const conditions = withCondition(pod.status?.conditions, {
    type: 'DisruptionTarget',
    observedGeneration: pod.metadata.generation ?? 1,
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
  });
  return {
    writes: [{ verb: 'update', subresource: 'status', object: { ...pod, status: { ...pod.status, conditions } } }],
  };
}
