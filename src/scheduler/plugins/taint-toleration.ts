import type { Pod, Taint, Toleration } from '../../objects/generated/core-v1.gen.ts';
import type { NodeInfo } from '../node-info.ts';
import { normalizeToMax, type Plugin } from '../plugin.ts';
import { unresolvable } from '../status.ts';

function tolerates(t: Toleration, taint: Taint): boolean {
  if (t.effect && t.effect !== taint.effect) return false;
  if (t.key && t.key !== taint.key) return false;
  if (t.operator === 'Exists') return true;
  return (!t.operator || t.operator === 'Equal') && (t.value ?? '') === (taint.value ?? '');
}

export function toleratesTaint(pod: Pod, taint: Taint): boolean {
  return (pod.spec?.tolerations ?? []).some((t) => tolerates(t, taint));
}

/** Whether a taint keeps pods out, rather than being a preference. */
export const keepsOut = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

/** Of each toleration with each taint. */
export const comparisons = (pod: Pod, node: NodeInfo): number =>
  node.taints.length * (pod.spec?.tolerations?.length ?? 0);

/** Keeps pods off nodes whose taints they don't tolerate, and prefers nodes with fewer taints that they would rather avoid. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter({ pod, snapshot }, node) {
    snapshot.work.spend(comparisons(pod.pod, node));
    const untolerated = node.taints.some((taint) => keepsOut(taint) && !toleratesTaint(pod.pod, taint));
    return untolerated ? unresolvable('node(s) had untolerated taint(s)') : undefined;
  },
  score({ pod, snapshot }, node) {
    snapshot.work.spend(comparisons(pod.pod, node));
    return node.taints.filter((t) => t.effect === 'PreferNoSchedule' && !toleratesTaint(pod.pod, t)).length;
  },
  normalize(_cycle, scores) {
    normalizeToMax(scores, true);
  },
};
