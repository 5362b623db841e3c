import type { WorkBudget } from '../../simulation/work-budget.ts';
import { amountOf, isScalar } from '../amounts.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';

/** Those that every node counts, in the order in which they are looked at; the others follow. */
const ORDINARY = ['cpu', 'memory', 'ephemeral-storage'];

/** The names of all that a node has too little of for the pod, `pods` first. Models noderesources.Fits. */
export function lackedResources(pod: PodInfo, node: NodeInfo): string[] {
  const lacked: string[] = [];
  if (node.pods.length + 1 > node.allowedPods) lacked.push('pods');
  const look = (name: string): void => {
    const wanted = amountOf(pod.requests, name);
    if (wanted > 0 && wanted > amountOf(node.allocatable, name) - amountOf(node.requested, name)) lacked.push(name);
  };
  for (const name of ORDINARY) look(name);
  for (const name of pod.requests.keys()) if (isScalar(name)) look(name);
  return lacked;
}

/** If even an empty node would lack something, no preemption helps. */
function fits(pod: PodInfo, node: NodeInfo, work: WorkBudget): Status | undefined {
  const lacked = lackedResources(pod, node);
  if (lacked.length === 0) return undefined;
  for (const name of lacked) work.spend(name.length);
  const reasons = lacked.map((name) => (name === 'pods' ? 'Too many pods' : `Insufficient ${name}`));
  const hopeless = lacked.some(
    (name) => name !== 'pods' && amountOf(pod.requests, name) > amountOf(node.allocatable, name),
  );
  return hopeless ? unresolvable(...reasons) : unschedulable(...reasons);
}

/** The resources that both scoring plugins look at, each with weight 1. */
export const SCORED_RESOURCES = ['cpu', 'memory'];

/** A node must have what the pod asks for; nodes with more left over are better (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter: ({ pod, snapshot }, node) => fits(pod, node, snapshot.work),
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
