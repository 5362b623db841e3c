/**
 * Room for a critical pod: the node's less important pods that are stopped for it, as few and as small as will do.
 * Models pkg/kubelet/preemption.
 */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { qosClassOf } from '../../objects/quality-of-service.ts';
import { amountOf } from '../../scheduler/amounts.ts';
import { podInfo } from '../../scheduler/pod-info.ts';

/** How much of each resource is lacking, by name; `pods` in ones, `cpu` in thousandths. */
export type Lack = Map<string, number>;

/** The priority from which on a pod is one that the cluster cannot do without. */
const CRITICAL_PRIORITY = 2_000_000_000;

const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

export const isCritical = (pod: Pod): boolean => priorityOf(pod) >= CRITICAL_PRIORITY;

const mayYield = (pod: Pod, other: Pod): boolean =>
  isCritical(other) ? priorityOf(pod) > priorityOf(other) : isCritical(pod);

const requestOf = (pod: Pod, name: string): number => (name === 'pods' ? 1 : amountOf(podInfo(pod).requests, name));

/** What is still lacking when these pods are gone. */
function without(lack: Lack, pods: Pod[]): Lack {
  const left: Lack = new Map();
  for (const [name, amount] of lack) {
    const rest = amount - pods.reduce((sum, pod) => sum + requestOf(pod, name), 0);
    if (rest > 0) left.set(name, rest);
  }
  return left;
}

const words = (lack: Lack): string =>
  `[${[...lack].map(([name, amount]) => `(res: ${name}, q: ${amount}), `).join('')}]`;

/** The pods to stop for the pod; or why that does not help. */
export function victimsFor(pod: Pod, others: Pod[], lack: Lack): Pod[] | string {
  const classes: Record<string, Pod[]> = { BestEffort: [], Burstable: [], Guaranteed: [] };
  for (const other of others) if (mayYield(pod, other)) classes[qosClassOf(other.spec)]!.push(other);
  const { BestEffort, Burstable, Guaranteed } = classes as Record<'BestEffort' | 'Burstable' | 'Guaranteed', Pod[]>;
  const left = without(lack, [...BestEffort, ...Burstable, ...Guaranteed]);
  if (left.size > 0) return `no set of running pods found to reclaim resources: ${words(left)}`;
  const guaranteed = nearest(Guaranteed, without(lack, [...BestEffort, ...Burstable]));
  const burstable = nearest(Burstable, without(lack, [...BestEffort, ...guaranteed]));
  const bestEffort = nearest(BestEffort, without(lack, [...burstable, ...guaranteed]));
  return [...bestEffort, ...burstable, ...guaranteed];
}

/** One after another, that which comes nearest to what is lacking; of two the one that asks for less. */
function nearest(pods: Pod[], lack: Lack): Pod[] {
  const left = [...pods];
  const chosen: Pod[] = [];
  for (let rest = lack; rest.size > 0 && left.length > 0; ) {
    let best = 0;
    for (const [i, pod] of left.entries()) {
      const difference = distance(pod, rest) - distance(left[best]!, rest);
      if (difference < 0 || (difference === 0 && asksForLess(pod, left[best]!))) best = i;
    }
    const [pod] = left.splice(best, 1);
    chosen.push(pod!);
    rest = without(rest, [pod!]);
  }
  return chosen;
}

function distance(pod: Pod, lack: Lack): number {
  let sum = 0;
  for (const [name, amount] of lack) sum += (Math.max(0, amount - requestOf(pod, name)) / amount) ** 2;
  return sum;
}

function asksForLess(a: Pod, b: Pod): boolean {
  for (const name of ['memory', 'cpu'])
    if (requestOf(a, name) !== requestOf(b, name)) return requestOf(a, name) < requestOf(b, name);
  return true;
}
