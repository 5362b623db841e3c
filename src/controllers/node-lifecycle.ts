/**
 * Taints nodes by their conditions, and those that are cordoned. Heartbeats are not watched for: a simulated node is well until its
 * status says otherwise. Source: k8s.io/kubernetes/pkg/controller/nodelifecycle/node_lifecycle_controller.go.
 */
import type { KubeObject } from '../resources/object.ts';
import type { Reconciler } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import type { Taint } from './nodes.ts';
import { conditionOf } from './pods.ts';
import { timestamp } from './time.ts';

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

export const nodeLifecycleController = (): Reconciler<KubeObject> => ({
  name: 'node-lifecycle-controller',
  manager: 'kube-controller-manager',
  watches: [{ resource: 'nodes', keys: ({ new: node }) => (node ? [node.metadata.name] : []) }],
  reconcile(reader, name, { now }) {
    const node = reader.get('nodes', undefined, name);
    if (!node || node.metadata.deletionTimestamp) return { writes: [] };
    const taints: (Taint & { timeAdded?: string })[] = node.spec?.taints ?? [];
    const wanted = taintsFor(node);
    const kept = taints.filter((taint) => !isOwn(taint) || wanted.some((w) => isSame(w, taint)));
    const added = wanted
      .filter((taint) => !taints.some((t) => isSame(t, taint)))
      .map((taint) => ({ ...taint, timeAdded: timestamp(now) }));
    const next = [...kept, ...added];
    if (sameJson(next, taints)) return { writes: [] };
    const { taints: _, ...spec } = node.spec ?? {};
    const object = { ...node, spec: next.length > 0 ? { ...spec, taints: next } : spec };
    return { writes: [{ verb: 'update', object }] };
  },
});

function taintsFor(node: KubeObject): Taint[] {
  const taints: Taint[] = [];
  for (const [type, status, key] of BY_CONDITION) {
    if (conditionOf(node, type)?.status !== status) continue;
    taints.push({ key, effect: 'NoSchedule' });
    if (EVICTING.has(key)) taints.push({ key, effect: 'NoExecute' });
  }
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}

const isOwn = (taint: Taint): boolean =>
  OWN.has(taint.key) && (taint.effect === 'NoSchedule' || (taint.effect === 'NoExecute' && EVICTING.has(taint.key)));

const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
