import { amountOf, isScalar } from '../amounts.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';

const counted = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || isScalar(name);

/** All that a node lacks for the pod; if even an empty node would lack it, no preemption helps. */
function fits(pod: PodInfo, node: NodeInfo): Status | undefined {
  const reasons: string[] = [];
  let hopeless = false;
  if (node.pods.length + 1 > node.allowedPods) reasons.push('Too many pods');
  for (const [name, wanted] of pod.requests) {
    if (wanted <= 0 || !counted(name)) continue;
    const capacity = amountOf(node.allocatable, name);
    if (wanted <= capacity - amountOf(node.requested, name)) continue;
    reasons.push(`Insufficient ${name}`);
    if (wanted > capacity) hopeless = true;
  }
  if (reasons.length === 0) return undefined;
  return hopeless ? unresolvable(...reasons) : unschedulable(...reasons);
}

/** The resources that both scoring plugins look at, each with weight 1. */
export const SCORED_RESOURCES = ['cpu', 'memory'];

/** A node must have what the pod asks for; nodes with more left over are better (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter: ({ pod }, node) => fits(pod, node),
  score({ pod }, node) {
    let score = 0;
    let weights = 0;
    for (const name of SCORED_RESOURCES) {
      const capacity = amountOf(node.allocatable, name);
      if (capacity === 0) continue;
      const requested = amountOf(node.scoringRequested, name) + amountOf(pod.scoringRequests, name);
      if (requested <= capacity) score += Math.trunc(((capacity - requested) * MAX_NODE_SCORE) / capacity);
      weights++;
    }
    return weights === 0 ? 0 : Math.trunc(score / weights);
  },
};
