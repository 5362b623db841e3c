/**
 * How many pods a metric of their own resources asks for.
 * Models pkg/controller/podautoscaler (replica_calculator.go, metrics/utilization.go).
 */
import type { MetricTarget } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { milliValue } from '../../objects/quantity.ts';
import { SCRAPE_MS } from '../../resources/metrics/usage.ts';

/** What was measured of one pod, thousandths. */
export interface PodMetric {
  value: number;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Question {
  /** Of the resource, e.g. `cpu`. */
  resource: string;
  /** Only this container counts. */
  container?: string | undefined;
  target: MetricTarget;
  current: number;
  /** Those of the target's selector, and by their names what was measured of them. */
  pods: readonly Pod[];
  metrics: ReadonlyMap<string, PodMetric>;
  tolerances: Tolerances;
  now: number;
}

/** By how much of the target usage may differ, as shares. */
export interface Tolerances {
  up: number;
  down: number;
}

export interface Proposal {
  replicas: number;
  /** Percent of what is requested; for a target of utilization. */
  utilization?: number;
  /** Average of the pods, thousandths. */
  average: number;
}

/** There is no answer; `message` says why. */
export class NoProposal extends Error {}

const CPU_INITIALIZATION_MS = 5 * 60_000;
const INITIAL_READINESS_MS = 30_000;

/** @throws NoProposal */
export function proposedReplicas(question: Question): Proposal {
  const { pods, target, current, tolerances } = question;
  if (pods.length === 0) throw new NoProposal('no pods returned by selector while calculating replica count');
  const { ready, unready, missing, metrics } = grouped(question);
  if (metrics.size === 0) throw new NoProposal('did not receive metrics for targeted pods (pods might be unready)');
  const ratioOf = measure(question);
  const first = ratioOf(metrics);
  const { ratio } = first;
  const known = {
    average: first.average,
    ...(first.utilization === undefined ? {} : { utilization: first.utilization }),
  };
  const isWithin = (of: number): boolean => 1 - tolerances.down <= of && of <= 1 + tolerances.up;
  const upWithUnready = unready.length > 0 && ratio > 1;
  if (!upWithUnready && missing.length === 0)
    return { ...known, replicas: isWithin(ratio) ? current : Math.ceil(ratio * ready) };
  // Who is not known of is taken to hold back what is about to be done.
  const guesses = new Map(metrics);
  for (const pod of missing)
    if (ratio < 1) guesses.set(pod.metadata.name, { value: assumed(pod, question), at: 0 });
    else if (ratio > 1) guesses.set(pod.metadata.name, { value: 0, at: 0 });
  if (upWithUnready) for (const pod of unready) guesses.set(pod.metadata.name, { value: 0, at: 0 });
  const { ratio: guessed } = ratioOf(guesses);
  const replicas = Math.ceil(guessed * guesses.size);
  const turns = (ratio < 1 && guessed > 1) || (ratio > 1 && guessed < 1);
  const turnsBySize = (guessed < 1 && replicas > current) || (guessed > 1 && replicas < current);
  return { ...known, replicas: isWithin(guessed) || turns || turnsBySize ? current : replicas };

  /** All of its request on a way down, or as much as the target. */
  function assumed(pod: Pod, { resource, container }: Question): number {
    if (target.averageValue != null) return milliValue(target.averageValue);
    const share = Math.max(100, target.averageUtilization ?? 0);
    return Math.trunc((requestOf(pod, resource, container) * share) / 100);
  }
}

type Metrics = ReadonlyMap<string, PodMetric>;

interface Measured {
  ratio: number;
  utilization?: number;
  average: number;
}

/** What metrics are of the target: of what is requested, or by themselves. */
function measure({ pods, target, resource, container }: Question): (metrics: Metrics) => Measured {
  const total = (metrics: Metrics): number => [...metrics.values()].reduce((sum, { value }) => sum + value, 0);
  if (target.averageValue != null) {
    const wanted = milliValue(target.averageValue);
    return (metrics) => {
      const average = Math.trunc(total(metrics) / metrics.size);
      return { ratio: average / wanted, average };
    };
  }
  const requests = new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
  return (metrics) => {
    const requested = [...metrics.keys()].reduce((sum, name) => sum + (requests.get(name) ?? 0), 0);
    if (requested === 0) throw new NoProposal('no metrics returned matched known pods');
    const utilization = Math.trunc((total(metrics) * 100) / requested);
    return {
      ratio: utilization / target.averageUtilization!,
      utilization,
      average: Math.trunc(total(metrics) / metrics.size),
    };
  };
}

/** Thousandths. @throws NoProposal */
function requestOf(pod: Pod, resource: string, container: string | undefined): number {
  const { containers, initContainers = [], resources } = pod.spec!;
  if (resources?.requests && container === undefined) {
    const request = resources.requests[resource];
    if (request !== undefined) return milliValue(request);
    if (Object.keys(resources.requests).length > 0)
      throw new NoProposal(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`);
  }
  const all = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const counted = all.filter(({ name }) => container === undefined || name === container);
  if (counted.length === 0) throw new NoProposal(`container ${container} not found in Pod ${pod.metadata.name}`);
  return counted.reduce((sum, { name, resources: own }) => {
    const request = own?.requests?.[resource];
    if (request !== undefined) return sum + milliValue(request);
    throw new NoProposal(`missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}`);
  }, 0);
}

interface Grouped {
  ready: number;
  unready: Pod[];
  missing: Pod[];
  /** Of the ready ones. */
  metrics: Metrics;
}

function grouped({ pods, metrics, resource, now }: Question): Grouped {
  const groups: Grouped = { ready: 0, unready: [], missing: [], metrics: new Map() };
  const kept = new Map<string, PodMetric>();
  for (const pod of pods) {
    const phase = pod.status?.phase;
    if (pod.metadata.deletionTimestamp || phase === 'Failed') continue;
    const metric = metrics.get(pod.metadata.name);
    if (phase === 'Pending') groups.unready.push(pod);
    else if (!metric) groups.missing.push(pod);
    else if (resource === 'cpu' && isUnready(pod, metric, now)) groups.unready.push(pod);
    else {
      groups.ready++;
      kept.set(pod.metadata.name, metric);
    }
  }
  return { ...groups, metrics: kept };
}

/** What a program uses while it starts says nothing of its load. */
function isUnready({ status }: Pod, { at }: PodMetric, now: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !status?.startTime) return true;
  const started = Date.parse(status.startTime);
  const since = Date.parse(ready.lastTransitionTime ?? status.startTime);
  if (started + CPU_INITIALIZATION_MS > now) return ready.status === 'False' || at < since + SCRAPE_MS;
  return ready.status === 'False' && started + INITIAL_READINESS_MS > since;
}
