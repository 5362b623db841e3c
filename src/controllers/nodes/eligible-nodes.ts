/** Which nodes a pod may be on, for controllers that choose them. Source: k8s.io/component-helpers/scheduling/corev1. */

import type { Node, PodSpec, Taint, Toleration } from '../../objects/generated/core-v1.gen.ts';
import { matchesLabelMap } from '../../objects/selectors.ts';
import { matchesNodeSelector } from '../../resources/core/node-selector-matching.ts';

export const tolerates = (tolerations: Toleration[], taint: Taint): boolean =>
  tolerations.some(
    (toleration) =>
      (!toleration.effect || toleration.effect === taint.effect) &&
      (!toleration.key || toleration.key === taint.key) &&
      (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')),
  );

/** By the pod's node selector and its required node affinity. */
export function selectsNode(spec: PodSpec, node: Node): boolean {
  if (!matchesLabelMap(spec.nodeSelector, node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, { labels: node.metadata.labels ?? {}, name: node.metadata.name });
}
