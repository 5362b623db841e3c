/** Which nodes suit a DaemonSet, and how its pods are bound to theirs. Source: k8s.io/kubernetes/pkg/controller/daemon. */

import type { DaemonSet } from '../../objects/generated/apps-v1.gen.ts';
import type { Affinity, Node, Pod, Taint, Toleration } from '../../objects/generated/core-v1.gen.ts';
import { selectsNode, tolerates } from '../nodes/eligible-nodes.ts';

/** Every daemon pod has these, whatever its template says. */
const TOLERATIONS: Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The node that the pod is on, or is meant for. */
export function targetOf(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    for (const { key, values } of matchFields) if (key === 'metadata.name') return values?.[0] ?? '';
  }
  return '';
}

/** The affinity, with every term narrowed to one node. */
export function onlyOn(node: string, affinity: Affinity | undefined): Affinity {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const nodeSelectorTerms = required
    ? required.nodeSelectorTerms.map((term) => ({ ...term, matchFields }))
    : [{ matchFields }];
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
}

/** What every pod of the set tolerates. */
export function tolerationsOf(set: DaemonSet): Toleration[] {
  const { spec } = set.spec.template;
  return [...(spec.tolerations ?? []), ...TOLERATIONS, ...(spec.hostNetwork ? [HOST_NETWORK_TOLERATION] : [])];
}

/** Whether a pod is to be made on the node, and whether one that is there may stay. */
export interface Suits {
  run: boolean;
  stay: boolean;
}

export function suits(set: DaemonSet, tolerations: Toleration[], node: Node): Suits {
  if (!selectsNode(set.spec.template.spec, node)) return { run: false, stay: false };
  const kept = ((node.spec?.taints ?? []) as Taint[]).filter((taint) => !tolerates(tolerations, taint));
  const evicting = kept.some((taint) => taint.effect === 'NoExecute');
  return { run: kept.every((taint) => taint.effect === 'PreferNoSchedule'), stay: !evicting };
}
