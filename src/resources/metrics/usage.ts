/**
 * What programs use of a node, as metrics-server tells it. Nothing runs here, so it is worked out from what containers request and from
 * the cluster's behaviours, and is the same whenever and wherever it is asked. Models sigs.k8s.io/metrics-server.
 */
import type { Container, ContainerStatus, Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import { milliValue, wholeValue } from '../../objects/quantity.ts';
import type { Conduct } from '../../simulation/behaviours.ts';
import type { BehaviourOf } from '../core/pod/behaviour.ts';

export interface Usage {
  /** Thousandths of a CPU. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

export interface PodUsage {
  /** Milliseconds since 1970 of the scrape that it is from. */
  at: number;
  containers: { name: string; usage: Usage }[];
}

/** `--metric-resolution`: how often a node is asked, milliseconds; what is told is of that time. */
export const SCRAPE_MS = 15_000;

const MIB = 1024 ** 2;
/** A program that waits for requests uses little of what it may, as a share of its request, and something without one. */
const IDLE_CPU = { share: 0.1, least: 1 };
const IDLE_MEMORY = { share: 0.5, least: 4 * MIB };
/** What a node's own programs use. */
export const SYSTEM_USAGE: Usage = { cpu: 60, memory: 400 * MIB };

/** When nodes were asked last. */
export const lastScrape = (now: number): number => Math.floor(now / SCRAPE_MS) * SCRAPE_MS;

/** A container's, while it runs. More than its limit it cannot have. */
function containerUsage({ resources }: Container, { usage }: Conduct): Usage {
  const { requests = {}, limits = {} } = resources ?? {};
  const cpu = usage?.cpu ?? Math.max(IDLE_CPU.least, Math.round(milliValue(requests.cpu) * IDLE_CPU.share));
  const memory =
    usage?.memory ?? Math.max(IDLE_MEMORY.least, Math.round(wholeValue(requests.memory) * IDLE_MEMORY.share));
  const within = (amount: number, limit: number): number => (limit > 0 ? Math.min(amount, limit) : amount);
  return {
    cpu: within(typeof cpu === 'string' ? milliValue(cpu) : cpu, milliValue(limits.cpu)),
    memory: within(typeof memory === 'string' ? wholeValue(memory) : memory, wholeValue(limits.memory)),
  };
}

/** Undefined: nothing has been measured of it yet, or of one of its containers. */
export function podUsage(pod: Pod, behaviourOf: BehaviourOf, now: number): PodUsage | undefined {
  if (pod.status?.phase !== 'Running') return undefined;
  const at = lastScrape(now);
  const { containers, initContainers = [] } = pod.spec!;
  const statuses = new Map<string, ContainerStatus>();
  for (const status of [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])])
    statuses.set(status.name, status);
  const measured: PodUsage['containers'] = [];
  for (const container of [
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'),
    ...containers,
  ]) {
    const running = statuses.get(container.name)?.state?.running;
    if (!running?.startedAt || Date.parse(running.startedAt) >= at) return undefined;
    measured.push({ name: container.name, usage: containerUsage(container, behaviourOf(pod, container)) });
  }
  return { at, containers: measured };
}

export const sum = (usages: readonly Usage[]): Usage =>
  usages.reduce((all, { cpu, memory }) => ({ cpu: all.cpu + cpu, memory: all.memory + memory }), { cpu: 0, memory: 0 });

/** `pods`: those that are bound to the node. Undefined: it does not answer. */
export function nodeUsage(node: Node, pods: readonly Pod[], behaviourOf: BehaviourOf, now: number): Usage | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return undefined;
  const used = pods.flatMap((pod) => podUsage(pod, behaviourOf, now)?.containers ?? []).map(({ usage }) => usage);
  return sum([SYSTEM_USAGE, ...used]);
}
