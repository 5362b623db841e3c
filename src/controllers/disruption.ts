/** How many pods a disruption budget lets go. Source: k8s.io/kubernetes/pkg/controller/disruption/disruption.go. */
import type { KubeObject } from '../resources/object.ts';
import { matchesLabelSelector } from '../resources/selectors.ts';
import type { Reader, Reconciler } from '../simulation/reconciler.ts';
import { scaled } from './deployment-scale.ts';
import { sameJson } from './equality.ts';
import { controllerOf, keyOf, parseKey } from './owners.ts';
import { isFinished, isReady, withCondition } from './pods.ts';
import { milliseconds, timestamp } from './time.ts';

const BUDGETS = 'poddisruptionbudgets.policy';
/** An eviction that was allowed and hasn't happened by then is forgotten. */
const DELETION_TIMEOUT_MS = 120_000;

/** Controllers whose size says how many pods there should be. */
const SIZED: Record<string, string> = {
  ReplicaSet: 'replicasets.apps',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets.apps',
  Deployment: 'deployments.apps',
};

export const disruptionController = (): Reconciler<KubeObject> => ({
  name: 'disruption-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: BUDGETS, keys: ({ new: budget }) => (budget ? [keyOf(budget)] : []) },
    {
      resource: 'pods',
      keys: ({ old, new: pod }, reader) => {
        const budgets = reader.list(BUDGETS, (pod ?? old)?.metadata.namespace);
        return budgets
          .filter((budget) =>
            [old, pod].some((p) => p && matchesLabelSelector(budget.spec.selector, p.metadata.labels)),
          )
          .map(keyOf);
      },
    },
    ...Object.values(SIZED).map((resource) => ({
      resource,
      keys: ({ old, new: owner }: { old?: KubeObject; new?: KubeObject }, reader: Reader<KubeObject>): string[] => {
        if (old && owner && old.spec.replicas === owner.spec.replicas) return [];
        return reader.list(BUDGETS, (owner ?? old)?.metadata.namespace).map(keyOf);
      },
    })),
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const budget = reader.get(BUDGETS, namespace, name);
    if (!budget) return { writes: [] };
    const pods = reader
      .list('pods', namespace)
      .filter((pod) => matchesLabelSelector(budget.spec.selector, pod.metadata.labels) && !isFinished(pod));
    const { expected, desired } = expectations(reader, budget, pods);
    const disrupted = stillDisrupted(budget, pods, now);
    const healthy = pods.filter(
      (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !(pod.metadata.name in disrupted),
    ).length;
    const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
    const status = {
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
    const due = Object.values(disrupted).map((at) => milliseconds(at) + DELETION_TIMEOUT_MS);
    const requeueAt = due.length > 0 ? { requeueAt: Math.min(...due) } : {};
    if (sameJson(status, budget.status)) return { writes: [], ...requeueAt };
    return { writes: [{ verb: 'update', subresource: 'status', object: { ...budget, status } }], ...requeueAt };
  },
});

/** A number as it stands counts the pods there are; a share, or a maximum, counts those that their controllers want. */
function expectations(
  reader: Reader<KubeObject>,
  budget: KubeObject,
  pods: KubeObject[],
): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const expected = scaleOf(reader, pods);
    return { expected, desired: Math.max(0, expected - scaled(maxUnavailable, expected, true)) };
  }
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  if (minAvailable === undefined) return { expected: pods.length, desired: 0 };
  const expected = scaleOf(reader, pods);
  return { expected, desired: scaled(minAvailable, expected, true) };
}

function scaleOf(reader: Reader<KubeObject>, pods: KubeObject[]): number {
  const sizes = new Map<string, number>();
  for (const pod of pods) {
    let owner: KubeObject | undefined;
    for (let object: KubeObject | undefined = pod; object; ) {
      const reference = controllerOf(object);
      const resource = reference && SIZED[reference.kind];
      object = resource ? reader.get(resource, pod.metadata.namespace, reference.name) : undefined;
      owner = object ?? owner;
    }
    if (owner) sizes.set(owner.metadata.uid ?? '', owner.spec.replicas ?? 1);
  }
  return [...sizes.values()].reduce((total, size) => total + size, 0);
}

function stillDisrupted(budget: KubeObject, pods: KubeObject[], now: number): Record<string, string> {
  const names = new Set(pods.filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name));
  const entries = Object.entries((budget.status?.disruptedPods ?? {}) as Record<string, string>);
  return Object.fromEntries(
    entries.filter(([name, at]) => names.has(name) && milliseconds(at) + DELETION_TIMEOUT_MS > now),
  );
}
