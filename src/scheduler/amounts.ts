/** What pods ask for and nodes offer, in numbers: CPU in thousandths, the rest in ones. Source: k8s.io/component-helpers/resource. */
import type { Container, Pod, PodSpec, ResourceRequirements } from '../objects/generated/core-v1.gen.ts';
import { milliValue, wholeValue } from '../objects/quantity.ts';

/** By resource name; `cpu` in thousandths of a core. A name that is absent is 0. */
export type Amounts = Map<string, number>;

type ResourceList = Record<string, string | number> | undefined;

/** Containers that ask for nothing are scored as if they asked for this. */
const DEFAULT_REQUESTS: [string, number][] = [
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
];

export function readAmounts(list: ResourceList): Amounts {
  const amounts: Amounts = new Map();
  for (const name in list) amounts.set(name, name === 'cpu' ? milliValue(list[name]) : wholeValue(list[name]));
  return amounts;
}

export const amountOf = (amounts: Amounts, name: string): number => amounts.get(name) ?? 0;

export function addAmounts(to: Amounts, from: Amounts, times = 1): void {
  for (const [name, amount] of from) to.set(name, (to.get(name) ?? 0) + amount * times);
}

function raiseTo(amounts: Amounts, other: Amounts): void {
  for (const [name, amount] of other) if (amount > (amounts.get(name) ?? -1)) amounts.set(name, amount);
}

/**
 * A pod's effective request: containers and sidecars side by side, init containers one after another, then the pod's own level
 * and its overhead. `forScoring` counts the defaults for containers without a CPU or memory request.
 */
export function podRequests(pod: Pod, forScoring: boolean): Amounts {
  const spec: Partial<PodSpec> = pod.spec ?? {};
  const total: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const initial: Amounts = new Map();
  for (const container of spec.containers ?? []) addAmounts(total, containerRequests(container, forScoring));
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container, forScoring);
    if (container.restartPolicy === 'Always') {
      addAmounts(total, own);
      addAmounts(sidecars, own);
      raiseTo(initial, sidecars);
    } else {
      addAmounts(own, sidecars);
      raiseTo(initial, own);
    }
  }
  raiseTo(total, initial);
  for (const [name, amount] of requestsOf(spec.resources))
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total.set(name, amount);
  addAmounts(total, readAmounts(spec.overhead));
  return total;
}

function containerRequests(container: Container, forScoring: boolean): Amounts {
  const amounts = requestsOf(container.resources);
  if (forScoring) for (const [name, amount] of DEFAULT_REQUESTS) if (!amounts.has(name)) amounts.set(name, amount);
  return amounts;
}

/** A limit without a request is a request too, as the API's defaults have it. */
function requestsOf(resources: ResourceRequirements | undefined): Amounts {
  const amounts = readAmounts(resources?.limits);
  for (const [name, amount] of readAmounts(resources?.requests)) amounts.set(name, amount);
  return amounts;
}

/** Extended resources, huge pages and attachable volumes: what nodes count beside CPU, memory, storage and pods. */
export const isScalar = (name: string): boolean =>
  name.startsWith('hugepages-') || name.startsWith('attachable-volumes-') || name.includes('/');
