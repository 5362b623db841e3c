/**
 * Taints nodes by their conditions, and those that are cordoned; gives up on nodes that nobody hears of.
 * Source: k8s.io/kubernetes/pkg/controller/nodelifecycle/node_lifecycle_controller.go.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, conditionOf, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { Node, Pod, Taint } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { podsOn } from '../../resources/core/pod/places.ts';
import type { ReconcileContext, ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { eventKey } from '../event-correlation.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { nodeReference, recordNodeEvent, recordNodeStatus } from './node-events.ts';
import { disruptionOf, hasKubelet, NODE_LEASES } from './node-health.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
/** Condition, the status that is bad, and the taint for it. */
const BY_CONDITION: [type: string, status: string, key: string][] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const EVICTING = new Set([NOT_READY, UNREACHABLE]);
const OWN = new Set([...BY_CONDITION.map(([, , key]) => key), UNSCHEDULABLE]);
/** Labels and their older names, which follow them. */
const LABELS = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const;

/** Without a heartbeat for so long a node is given up: one that has said how it is, and one that never has. */
export const NODE_MONITOR_GRACE_MS = 50_000;
export const NODE_STARTUP_GRACE_MS = 60_000;
/** What a kubelet reports, and nobody knows any more when it is silent. */
const REPORTED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
/** A node that is older was seen before: what is found now is a cluster that goes on, and not a new node. */
const NEW_NODE_MS = 60_000;
const REGISTERED = 'RegisteredNode';

/** Keys: a node by itself, its heartbeat, one that is gone, a pod that has come to a node. */
const HEARTBEAT = 'heartbeat ';
const GONE = 'gone ';
const POD = 'pod ';

export const nodeLifecycleController = (): ClusterReconciler => ({
  name: 'node-lifecycle-controller',
  manager: 'kube-controller-manager',
  reads: ['events', 'leases.coordination.k8s.io', 'nodes', 'pods'],
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader) => {
        if (!node) return old ? [`${GONE}${old.metadata.name} ${old.metadata.uid}`] : [];
        const ready = conditionOf(node, 'Ready');
        const before = old && conditionOf(old, 'Ready');
        const keys = [node.metadata.name];
        if (!old || ready?.lastHeartbeatTime !== before?.lastHeartbeatTime || ready?.status !== before?.status)
          keys.push(`${HEARTBEAT}${node.metadata.name}`);
        // Whether pods are evicted from a node that is not ready depends on the others.
        if (old && ready?.status !== before?.status)
          for (const other of reader.list('nodes'))
            if (conditionOf(other, 'Ready')?.status !== 'True') keys.push(other.metadata.name);
        return [...new Set(keys)];
      },
    },
    {
      resource: 'leases.coordination.k8s.io',
      keys: ({ old, new: lease }) =>
        lease?.metadata.namespace === NODE_LEASES && old?.spec?.renewTime !== lease.spec?.renewTime
          ? [`${HEARTBEAT}${lease.metadata.name}`]
          : [],
    },
    {
      resource: 'pods',
      keys: ({ old, new: pod }) =>
        pod?.spec.nodeName && old?.spec.nodeName !== pod.spec.nodeName ? [`${POD}${keyOf(pod)}`] : [],
    },
  ],
  reconcile(reader, key, context) {
    if (key.startsWith(GONE)) return removed(reader, key.slice(GONE.length), context.now);
    if (key.startsWith(POD)) return { writes: arrived(reader, key.slice(POD.length), context.now) };
    if (key.startsWith(HEARTBEAT)) return heard(reader, key.slice(HEARTBEAT.length), context);
    const node = reader.get('nodes', undefined, key);
    return { writes: node && !node.metadata.deletionTimestamp ? keepInOrder(reader, node, context.now) : [] };
  },
});

function removed(reader: View, gone: string, now: number): ReconcileResult<KubeObject> {
  const [name, uid] = gone.split(' ') as [string, string];
  const what = `Removing Node ${name} from Controller`;
  return { writes: [recordNodeEvent(reader, nodeReference(name, uid), 'RemovingNode', what, now)] };
}

/** Its taints by its conditions, its labels' older names, and the event that it is known. */
function keepInOrder(reader: View, node: Node, now: number): Write<KubeObject>[] {
  const { name, creationTimestamp, labels = {} } = node.metadata;
  const writes: Write<KubeObject>[] = [];
  const isNew = now - milliseconds(creationTimestamp) < NEW_NODE_MS;
  if (isNew && !isRegistered(reader, node)) {
    const what = `Registered Node ${name} in Controller`;
    writes.push(recordNodeEvent(reader, node, REGISTERED, what, now));
  }
  const taints = node.spec?.taints ?? [];
  const wanted = taintsFor(reader, node, taints);
  const kept = taints.filter((taint) => !isOwn(taint) || wanted.some((w) => isSame(w, taint)));
  const added = wanted
    .filter((taint) => !taints.some((t) => isSame(t, taint)))
    .map((taint) => ({ ...taint, timeAdded: timestamp(now) }));
  const next = [...kept, ...added];
  const older = Object.fromEntries(
    LABELS.flatMap(([label, old]) => (labels[label] === undefined ? [] : [[old, labels[label]]])),
  );
  const relabelled = { ...labels, ...older };
  if (sameData(next, taints) && sameData(relabelled, labels)) return writes;
  const { taints: _, ...spec } = node.spec ?? {};
  const metadata = { ...node.metadata, labels: relabelled };
  const object = { ...node, metadata, spec: next.length > 0 ? { ...spec, taints: next } : spec };
  return [...writes, { verb: 'update', object }];
}

const isRegistered = (reader: View, node: Node): boolean =>
  (reader.dependents?.(eventKey(node.metadata.uid ?? '')) ?? []).some(({ object }) => object.reason === REGISTERED);

function taintsFor(reader: View, node: Node, present: Taint[]): Taint[] {
  const taints: Taint[] = [];
  for (const [type, status, key] of BY_CONDITION) {
    if (conditionOf(node, type)?.status !== status) continue;
    taints.push({ key, effect: 'NoSchedule' });
    if (!EVICTING.has(key)) continue;
    const evicting = present.some((t) => EVICTING.has(t.key) && t.effect === 'NoExecute');
    const disruption = disruptionOf(reader, node);
    if (disruption === 'none' || (disruption === 'partial' && evicting)) taints.push({ key, effect: 'NoExecute' });
  }
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}

const isOwn = (taint: Taint): boolean =>
  OWN.has(taint.key) && (taint.effect === 'NoSchedule' || (taint.effect === 'NoExecute' && EVICTING.has(taint.key)));

const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** A heartbeat, or, at the instant that the last one asked for, that there was none since. */
function heard(reader: View, name: string, context: ReconcileContext): ReconcileResult<KubeObject> {
  const { now, requeueAt } = context;
  const node = reader.get('nodes', undefined, name);
  if (!node || node.metadata.deletionTimestamp || hasKubelet(reader, node)) return { writes: [] };
  const ready = conditionOf(node, 'Ready');
  if (requeueAt === undefined || now < requeueAt) {
    const unsaid = milliseconds(node.metadata.creationTimestamp) + NODE_STARTUP_GRACE_MS;
    return { writes: [], requeueAt: Math.max(now + 1, ready ? now + NODE_MONITOR_GRACE_MS + 1 : unsaid) };
  }
  return { writes: giveUp(reader, node, now) };
}

function giveUp(reader: View, node: Node, now: number): Write<KubeObject>[] {
  const ready = conditionOf(node, 'Ready');
  const at = timestamp(now);
  let conditions: Condition[] = node.status?.conditions ?? [];
  for (const type of REPORTED) {
    const known = conditions.find((condition) => condition.type === type);
    if (known?.status === 'Unknown') continue;
    const reason = known ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated';
    const message = known ? 'Kubelet stopped posting node status.' : 'Kubelet never posted node status.';
    const lastHeartbeatTime = known ? (known.lastHeartbeatTime ?? null) : (node.metadata.creationTimestamp ?? null);
    const unknown = { type, status: 'Unknown', lastHeartbeatTime, lastTransitionTime: at, reason, message };
    conditions = withCondition(conditions, unknown);
  }
  if (sameData(conditions, node.status?.conditions)) return [];
  const writes: Write<KubeObject>[] = [
    { verb: 'update', subresource: 'status', object: { ...node, status: { ...node.status, conditions } } },
  ];
  if (ready?.status !== 'True') return writes;
  writes.push(recordNodeStatus(reader, node, 'node-controller', 'NodeNotReady', now));
  const pods = podsOn(reader, node.metadata.name);
  return [...writes, ...pods.flatMap((pod) => markNotReady(reader, pod, now))];
}

/** A pod that comes to a node which is not ready is not ready either. */
function arrived(reader: View, key: string, now: number): Write<KubeObject>[] {
  const { namespace, name } = parseKey(key);
  const pod = reader.get('pods', namespace, name);
  const node = pod && reader.get('nodes', undefined, pod.spec.nodeName ?? '');
  const ready = node && conditionOf(node, 'Ready');
  if (!pod || !node || !ready || ready.status === 'True' || hasKubelet(reader, node)) return [];
  return markNotReady(reader, pod, now);
}

function markNotReady(reader: View, pod: Pod, now: number): Write<KubeObject>[] {
  const ready = conditionOf(pod, 'Ready');
  if (!ready || ready.status === 'False') return [];
  const conditions = withCondition(pod.status?.conditions, {
    ...ready,
    status: 'False',
    lastTransitionTime: timestamp(now),
  });
  const text = { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' } as const;
  return [
    { verb: 'update', subresource: 'status', object: { ...pod, status: { ...pod.status, conditions } } },
    recordEvent(reader, pod, { component: 'node-controller' }, text, now),
  ];
}
