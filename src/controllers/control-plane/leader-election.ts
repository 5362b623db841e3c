/**
 * Which of several schedulers or controller managers is at work: the one that holds the Lease of its name. It renews it every two seconds,
 * of which nothing is stored; one that has stopped holds it until it has run out, and then another takes it. Models k8s.io/client-go/tools/leaderelection.
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { Lease } from '../../objects/generated/coordination-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { microTimestamp, milliseconds } from '../../objects/time.ts';
import { createRandom } from '../../simulation/random.ts';
import type { ReconcileContext, ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';

export const ELECTED = ['kube-controller-manager', 'kube-scheduler'] as const;
export type Elected = (typeof ELECTED)[number];

const LEASES = 'leases.coordination.k8s.io';
const NAMESPACE = 'kube-system';
/** client-go's defaults, as kube-controller-manager and kube-scheduler have them. */
export const LEASE_SECONDS = 15;
const RETRY_MS = 2000;
/** A retry comes later by up to so large a share. */
const JITTER = 1.2;

/** Whether a process of the component runs in the pod and reaches an API server. */
export type IsAtWork = (pod: Pod) => boolean;

/** Whom a process calls itself in the Lease: its machine's name and a number that is new with each start. */
function identityOf({ metadata, spec, status }: Pod): string {
  const starts = status?.containerStatuses?.[0]?.restartCount ?? 0;
  return `${spec?.nodeName}_${createRandom(metadata.uid ?? '', `leader election ${starts}`).uid()}`;
}

const isRunning = ({ status }: Pod): boolean => status?.containerStatuses?.[0]?.state?.running !== undefined;

const componentOf = (pod: Pod | undefined): string | undefined =>
  pod?.metadata.namespace === NAMESPACE && pod.metadata.labels?.tier === 'control-plane'
    ? pod.metadata.labels.component
    : undefined;

/** Who could lead, in order of their names. */
const candidates = (view: View, component: Elected, isAtWork: IsAtWork): Pod[] =>
  view
    .list('pods', NAMESPACE)
    .filter((pod): pod is Pod => componentOf(pod as Pod) === component && isRunning(pod) && isAtWork(pod as Pod));

const leaseOf = (view: View, component: Elected): Lease | undefined => view.get(LEASES, NAMESPACE, component);

/** Whether one of them leads now: what there is to do is done. */
export function isLed(view: View, component: Elected, isAtWork: IsAtWork): boolean {
  const holder = leaseOf(view, component)?.spec?.holderIdentity;
  if (!holder) return false;
  const pod = view.get('pods', NAMESPACE, `${component}-${holder.slice(0, holder.lastIndexOf('_'))}`);
  return pod !== undefined && isRunning(pod) && isAtWork(pod) && identityOf(pod) === holder;
}

export const electionOf = (component: Elected): string => `${component}-leader-election`;

export const leaderElection = (component: Elected, isAtWork: IsAtWork): ClusterReconciler => ({
  name: electionOf(component),
  manager: component,
  reads: ['events', LEASES, 'pods'],
  watches: [
    {
      resource: 'pods',
      keys: ({ old, new: pod }) => (componentOf(pod ?? old) === component ? [component] : []),
    },
    {
      resource: LEASES,
      keys: ({ old, new: lease }) => {
        const { name, namespace } = (lease ?? old)!.metadata;
        return namespace === NAMESPACE && name === component ? [component] : [];
      },
    },
  ],
  reconcile(view, _key, context) {
    const lease = leaseOf(view, component);
    const running = candidates(view, component, isAtWork);
    if (!lease) return { writes: first(view, component, running, context) };
    if (running.some((pod) => identityOf(pod) === lease.spec?.holderIdentity))
      return { writes: isLost(lease) ? [renewal(lease, context.now)] : [] };
    return succeed(view, lease, running, context);
  },
});

/** The lease is not there yet, or was deleted: whoever comes first makes it. */
function first(view: View, component: Elected, running: Pod[], { now }: ReconcileContext): Write<Lease>[] {
  const [pod] = running;
  if (!pod) return [];
  const lease: Lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: component, namespace: NAMESPACE },
    spec: heldBy(pod, now, 0),
  };
  return [{ verb: 'create', object: lease, created: (made) => [leaderEvent(view, made as Lease, component, now)] }];
}

const heldBy = (pod: Pod, now: number, leaseTransitions: number): NonNullable<Lease['spec']> => ({
  acquireTime: microTimestamp(now),
  holderIdentity: identityOf(pod),
  leaseDurationSeconds: LEASE_SECONDS,
  leaseTransitions,
  renewTime: microTimestamp(now),
});

/** A holder's renewals are stored when it is lost, and not before: then the last one is later than its first. */
const isLost = ({ spec }: Lease): boolean => spec?.renewTime !== spec?.acquireTime;

/** Its holder, which was thought to be lost, goes on. */
const renewal = (lease: Lease, now: number): Write<Lease> => ({
  verb: 'update',
  object: { ...lease, spec: { ...lease.spec, acquireTime: microTimestamp(now), renewTime: microTimestamp(now) } },
});

/** Its holder is gone: when it has run out, one of those who run takes it. */
function succeed(view: View, lease: Lease, running: Pod[], { now, random }: ReconcileContext): ReconcileResult<Lease> {
  const { acquireTime, holderIdentity, renewTime, leaseTransitions = 0 } = lease.spec ?? {};
  if (!isLost(lease) && now > milliseconds(acquireTime)) {
    const object = { ...lease, spec: { ...lease.spec, renewTime: microTimestamp(lastRenewal(lease, now)) } };
    return { writes: [{ verb: 'update', object }] };
  }
  const late = createRandom(`${holderIdentity}`, 'leader election').integer(RETRY_MS * JITTER);
  const due = milliseconds(renewTime) + LEASE_SECONDS * 1000 + late;
  if (now < due) return { writes: [], requeueAt: due };
  if (running.length === 0) return { writes: [] };
  const successor = running[random.integer(running.length)]!;
  const taken = { ...lease, spec: heldBy(successor, now, leaseTransitions + 1) };
  const component = lease.metadata.name as Elected;
  return { writes: [{ verb: 'update', object: taken }, leaderEvent(view, taken, component, now)] };
}

/** The holder has renewed it every two seconds up to now. */
function lastRenewal({ spec }: Lease, now: number): number {
  const acquired = milliseconds(spec?.acquireTime);
  const times = Math.floor((now - acquired) / RETRY_MS);
  return times > 0 ? acquired + times * RETRY_MS : now;
}

function leaderEvent(view: View, lease: Lease, component: Elected, now: number): Write<Lease> {
  const identity = lease.spec?.holderIdentity ?? '';
  const text = { reason: 'LeaderElection', message: `${identity} became leader` };
  return recordEvent(view, lease, { component }, text, now) as Write<Lease>;
}
