import type { WorkBudget } from '../../simulation/work-budget.ts';
import { amountOf, isScalar } from '../amounts.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';

/** What a node counts beside them. */
const STORAGE = 'ephemeral-storage';

const lacks = (wanted: number, allocatable: number, requested: number): boolean =>
  wanted > 0 && wanted > allocatable - requested;

/** The names of all that a node has too little of for the pod, `pods` first. Models noderesources.Fits. */
export function lackedResources(
  { requests }: PodInfo,
  { pods, allowedPods, allocatable, requested }: NodeInfo,
): string[] {
  const lacked: string[] = [];
  if (pods.length + 1 > allowedPods) lacked.push('pods');
  if (lacks(requests.cpu, allocatable.cpu, requested.cpu)) lacked.push('cpu');
  if (lacks(requests.memory, allocatable.memory, requested.memory)) lacked.push('memory');
  if (requests.others.size === 0) return lacked;
  const look = (name: string, wanted: number): void => {
    if (lacks(wanted, amountOf(allocatable, name), amountOf(requested, name))) lacked.push(name);
  };
  look(STORAGE, amountOf(requests, STORAGE));
  for (const [name, wanted] of requests.others) if (isScalar(name)) look(name, wanted);
  return lacked;
}

/** The same in short where a pod asks for nothing but CPU and memory, as most do. */
const hasRoom = ({ requests }: PodInfo, { pods, allowedPods, allocatable, requested }: NodeInfo): boolean =>
  requests.others.size === 0 &&
  pods.length < allowedPods &&
  !lacks(requests.cpu, allocatable.cpu, requested.cpu) &&
  !lacks(requests.memory, allocatable.memory, requested.memory);

/** If even an empty node would lack something, no preemption helps. */
function fits(pod: PodInfo, node: NodeInfo, work: WorkBudget): Status | undefined {
  if (hasRoom(pod, node)) return undefined;
  const lacked = lackedResources(pod, node);
  if (lacked.length === 0) return undefined;
  for (const name of lacked) work.spend(name.length);
  const hopeless = lacked.some(
    (name) => name !== 'pods' && amountOf(pod.requests, name) > amountOf(node.allocatable, name),
  );
  return refusalFor(lacked, hopeless);
}

/** Of thousands of nodes nearly all lack the same, and are told so with one object. */
const known = new Map<string, Status>();
const COMMON: ReadonlySet<string> = new Set(['pods', 'cpu', 'memory', STORAGE]);

function refusalFor(lacked: string[], hopeless: boolean): Status {
  const id = `${hopeless} ${lacked.join()}`;
  const before = known.get(id);
  if (before) return before;
  const reasons = lacked.map((name) => (name === 'pods' ? 'Too many pods' : `Insufficient ${name}`));
  const status = hopeless ? unresolvable(...reasons) : unschedulable(...reasons);
  if (lacked.every((name) => COMMON.has(name))) known.set(id, status);
  return status;
}

/** The resources that both scoring plugins look at, each with weight 1. */
export const SCORED_RESOURCES = ['cpu', 'memory'] as const;

/** A node must have what the pod asks for; nodes with more left over are better (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter: ({ pod, snapshot }, node) => fits(pod, node, snapshot.work),
  score({ pod }, node) {
    const { allocatable, scoringRequested } = node;
    const { scoringRequests } = pod;
    let score = 0;
    let weights = 0;
    for (const name of SCORED_RESOURCES) {
      const capacity = allocatable[name];
      if (capacity === 0) continue;
      const requested = scoringRequested[name] + scoringRequests[name];
      if (requested <= capacity) score += Math.trunc(((capacity - requested) * MAX_NODE_SCORE) / capacity);
      weights++;
    }
    return weights === 0 ? 0 : Math.trunc(score / weights);
  },
};
