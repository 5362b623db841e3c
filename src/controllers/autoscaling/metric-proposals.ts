/**
 * What an autoscaler's metrics ask for together. Models pkg/controller/podautoscaler/horizontal.go (computeReplicasForMetrics).
 */
import type { HorizontalPodAutoscaler, MetricSpec, MetricTarget } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { canonicalQuantity } from '../../objects/quantity.ts';
import type { BehaviourOf } from '../../resources/core/pod/behaviour.ts';
import { hasMetrics, METRICS_API } from '../../resources/metrics/metrics-server.ts';
import { podUsage, SCRAPE_MS, type Usage } from '../../resources/metrics/usage.ts';
import { API_SERVICES } from '../control-plane/apiservice-availability.ts';
import { type MetricFailure, metricFailure, resourceFailure } from './autoscaler-metrics-errors.ts';
import { tolerancesOf } from './pace.ts';
import { NoProposal, type PodMetric, type Proposal, proposedReplicas } from './replica-calculator.ts';

export const metricsServed = (reader: View): boolean => hasMetrics(reader.get(API_SERVICES, undefined, METRICS_API));

export interface Proposals {
  /** The most that any of them asks for, and which; undefined where nothing can be said. */
  wanted?: { replicas: number; name: string };
  failures: MetricFailure[];
  /** As `status.currentMetrics` has them, in the order of the spec. */
  statuses: object[];
}

export interface Context {
  reader: View;
  hpa: HorizontalPodAutoscaler;
  /** Those that its target selects. */
  pods: readonly Pod[];
  current: number;
  behaviourOf: BehaviourOf;
  now: number;
}

export function proposalsOf(context: Context): Proposals {
  const { hpa, current } = context;
  const specs = hpa.spec.metrics ?? [];
  const proposals: Proposals = { failures: [], statuses: [] };
  for (const spec of specs) {
    const found = proposalOf(spec, context);
    if ('reason' in found) {
      proposals.failures.push(found);
      proposals.statuses.push({ type: '' });
      continue;
    }
    proposals.statuses.push(found.status);
    const { wanted } = proposals;
    if (!wanted || found.replicas > wanted.replicas) proposals.wanted = { replicas: found.replicas, name: found.name };
  }
  const { wanted, failures } = proposals;
  // Whoever does not know everything does not scale down.
  if (wanted && failures.length > 0 && wanted.replicas < current) delete proposals.wanted;
  return proposals;
}

function proposalOf(
  spec: MetricSpec,
  context: Context,
): MetricFailure | { replicas: number; name: string; status: object } {
  const source =
    spec.type === 'Resource' ? spec.resource : spec.type === 'ContainerResource' ? spec.containerResource : undefined;
  if (!source || !metricsServed(context.reader))
    return metricFailure(context.reader, spec, context.hpa.metadata.namespace ?? '');
  const { name, target } = source;
  const container = 'container' in source ? (source.container as string) : undefined;
  try {
    const proposal = propose(name, container, target, context);
    const key = container === undefined ? 'resource' : 'containerResource';
    const of = container === undefined ? {} : { container };
    const percentage = `${name} ${container === undefined ? '' : 'container '}resource utilization (percentage of request)`;
    return {
      replicas: proposal.replicas,
      name: target.averageValue == null ? percentage : `${name} resource`,
      status: { type: spec.type, [key]: { name, ...of, current: valuesOf(name, proposal) } },
    };
  } catch (error) {
    if (error instanceof NoProposal) return resourceFailure(source, container, error.message);
    throw error;
  }
}

function propose(resource: string, container: string | undefined, target: MetricTarget, context: Context): Proposal {
  const { hpa, pods, current, behaviourOf, now } = context;
  const metrics = new Map<string, PodMetric>();
  let measured = 0;
  for (const pod of pods) {
    const usage = podUsage(pod, behaviourOf, now);
    if (!usage) continue;
    measured++;
    const counted = usage.containers.filter(({ name }) => container === undefined || name === container);
    if (counted.length === 0) continue;
    const value = counted.reduce((sum, { usage: of }) => sum + thousandths(resource, of), 0);
    metrics.set(pod.metadata.name, { value, at: usage.at });
  }
  if (measured === 0)
    throw new NoProposal(
      `unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`,
    );
  const tolerances = tolerancesOf(hpa);
  return proposedReplicas({ resource, container, target, current, pods, metrics, tolerances, now });
}

const thousandths = (resource: string, { cpu, memory }: Usage): number =>
  resource === 'cpu' ? cpu : resource === 'memory' ? memory * 1000 : 0;

const valuesOf = (resource: string, { utilization, average }: Proposal): object => ({
  averageValue: canonicalQuantity(resource === 'memory' ? String(Math.ceil(average / 1000)) : `${average}m`),
  ...(utilization === undefined ? {} : { averageUtilization: utilization }),
});

/** For how long after its start a pod's metrics go on to count otherwise. */
const SETTLING_MS = 3 * SCRAPE_MS;

/** When the metrics may say something else though nothing changes; undefined: not before something does. */
export function nextLook(pods: readonly Pod[], now: number): number | undefined {
  const settling = pods.some(({ status, metadata }) => {
    if (metadata.deletionTimestamp || status?.phase !== 'Running') return false;
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    return Date.parse(ready?.lastTransitionTime ?? '') + SETTLING_MS > now;
  });
  return settling ? Math.floor(now / SCRAPE_MS) * SCRAPE_MS + SCRAPE_MS : undefined;
}
