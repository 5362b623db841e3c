import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';
import { SCORED_RESOURCES } from './node-resources-fit.ts';

/** 100 when both are used in the same proportion, less the further apart the proportions are. */
const balance = (one: number, other: number): number => Math.trunc((1 - Math.abs((one - other) / 2)) * MAX_NODE_SCORE);

const share = (used: number, capacity: number): number => Math.min(1, used / capacity);

/** Prefers nodes whose use of CPU and memory the pod brings closer together. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore: ({ pod }) => SCORED_RESOURCES.every((name) => pod.requests[name] === 0),
  score({ pod: { requests } }, { allocatable, requested }) {
    const half = MAX_NODE_SCORE / 2;
    // One resource alone is in balance with itself.
    if (allocatable.cpu === 0 || allocatable.memory === 0) return half + Math.trunc(half / 2);
    const cpu = share(requested.cpu, allocatable.cpu);
    const memory = share(requested.memory, allocatable.memory);
    const cpuWith = share(requested.cpu + requests.cpu, allocatable.cpu);
    const memoryWith = share(requested.memory + requests.memory, allocatable.memory);
    return half + Math.trunc((half + balance(cpuWith, memoryWith) - balance(cpu, memory)) / 2);
  },
};
