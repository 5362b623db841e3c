/** What pods ask for and nodes offer, in numbers: CPU in thousandths, the rest in ones. Source: k8s.io/component-helpers/resource. */
import type { Container, Pod, PodSpec, ResourceRequirements } from '../objects/generated/core-v1.gen.ts';
import { milliValue, wholeValue } from '../objects/quantity.ts';

/**
 * By resource name; `cpu` in thousandths of a core. A name that is absent is 0. The two that every plugin looks at for every node have
 * fields of their own, as looking them up by name is most of what a node would cost.
 */
export class Amounts {
  cpu = 0;
  memory = 0;
  #hasCpu = false;
  #hasMemory = false;
  #others: Map<string, number> | undefined;

  get(name: string): number | undefined {
    if (name === 'cpu') return this.#hasCpu ? this.cpu : undefined;
    if (name === 'memory') return this.#hasMemory ? this.memory : undefined;
    return this.#others?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, amount: number): void {
    if (name === 'cpu') {
      this.cpu = amount;
      this.#hasCpu = true;
    } else if (name === 'memory') {
      this.memory = amount;
      this.#hasMemory = true;
    } else {
      this.#others ??= new Map();
      this.#others.set(name, amount);
    }
  }

  add(from: Amounts, times = 1): void {
    this.cpu += from.cpu * times;
    this.memory += from.memory * times;
    this.#hasCpu ||= from.#hasCpu;
    this.#hasMemory ||= from.#hasMemory;
    if (from.#others) for (const [name, amount] of from.#others) this.set(name, (this.get(name) ?? 0) + amount * times);
  }

  /** All but CPU and memory. */
  get others(): ReadonlyMap<string, number> {
    return this.#others ?? NONE;
  }

  copy(): Amounts {
    const copy = new Amounts();
    copy.cpu = this.cpu;
    copy.memory = this.memory;
    copy.#hasCpu = this.#hasCpu;
    copy.#hasMemory = this.#hasMemory;
    if (this.#others) copy.#others = new Map(this.#others);
    return copy;
  }

  *[Symbol.iterator](): Generator<[name: string, amount: number]> {
    if (this.#hasCpu) yield ['cpu', this.cpu];
    if (this.#hasMemory) yield ['memory', this.memory];
    if (this.#others) yield* this.#others;
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

type ResourceList = Record<string, string | number> | undefined;

/** Containers that ask for nothing are scored as if they asked for this. */
const DEFAULT_REQUESTS: [string, number][] = [
  ['cpu', 100],
  ['memory', 200 * 1024 * 1024],
];

export function readAmounts(list: ResourceList): Amounts {
  const amounts = new Amounts();
  for (const name in list) amounts.set(name, name === 'cpu' ? milliValue(list[name]) : wholeValue(list[name]));
  return amounts;
}

export const amountOf = (amounts: Amounts, name: string): number => amounts.get(name) ?? 0;

function raiseTo(amounts: Amounts, other: Amounts): void {
  for (const [name, amount] of other) if (amount > (amounts.get(name) ?? -1)) amounts.set(name, amount);
}

/**
 * A pod's effective request: containers and sidecars side by side, init containers one after another, then the pod's own level
 * and its overhead. `forScoring` counts the defaults for containers without a CPU or memory request.
 */
export function podRequests(pod: Pod, forScoring: boolean): Amounts {
  const spec: Partial<PodSpec> = pod.spec ?? {};
  const total = new Amounts();
  const sidecars = new Amounts();
  const initial = new Amounts();
  for (const container of spec.containers ?? []) total.add(containerRequests(container, forScoring));
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container, forScoring);
    if (container.restartPolicy === 'Always') {
      total.add(own);
      sidecars.add(own);
      raiseTo(initial, sidecars);
    } else {
      own.add(sidecars);
      raiseTo(initial, own);
    }
  }
  raiseTo(total, initial);
  for (const [name, amount] of requestsOf(spec.resources))
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total.set(name, amount);
  total.add(readAmounts(spec.overhead));
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
