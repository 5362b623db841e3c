import { amountOf } from '../amounts.ts';
import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';
import { SCORED_RESOURCES } from './node-resources-fit.ts';

/** 100 when all resources are used in the same proportion, less the further apart the proportions are. */
function balance(fractions: number[]): number {
  let deviation = 0;
  if (fractions.length === 2) deviation = Math.abs(((fractions[0] ?? 0) - (fractions[1] ?? 0)) / 2);
  else if (fractions.length > 2) {
    const mean = fractions.reduce((a, b) => a + b, 0) / fractions.length;
    deviation = Math.sqrt(fractions.reduce((sum, f) => sum + (f - mean) * (f - mean), 0) / fractions.length);
  }
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE);
}

/** Prefers nodes whose use of CPU and memory the pod brings closer together. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore: ({ pod }) => SCORED_RESOURCES.every((name) => amountOf(pod.requests, name) === 0),
  score({ pod }, node) {
    const used: number[] = [];
    const wouldBe: number[] = [];
    for (const name of SCORED_RESOURCES) {
      const capacity = amountOf(node.allocatable, name);
      if (capacity === 0) continue;
      const requested = amountOf(node.requested, name);
      used.push(Math.min(1, requested / capacity));
      wouldBe.push(Math.min(1, (requested + amountOf(pod.requests, name)) / capacity));
    }
    const half = MAX_NODE_SCORE / 2;
    return half + Math.trunc((half + balance(wouldBe) - balance(used)) / 2);
  },
};
