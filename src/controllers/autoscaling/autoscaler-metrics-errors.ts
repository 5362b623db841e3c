/**
 * What the autoscaler says of a metric that it cannot have.
 * Models pkg/controller/podautoscaler (horizontal.go, replica_calculator.go, metrics/client.go).
 */
import type { MetricSpec, ResourceMetricSource } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { View } from '../../objects/object.ts';
import { API_SERVICES } from '../control-plane/apiservice-availability.ts';
import { printSelector } from '../selector-text.ts';

export interface MetricFailure {
  /** Of the condition and of the event. */
  reason: string;
  /** As the event has it, and the condition after an introduction. */
  error: string;
  /** The error as the sum of all metrics tells it. */
  summary: string;
}

/** The client's words for a group that is not there, or whose server does not answer. */
function noAnswer(reader: View, what: string, group: string): string {
  const known = reader.list(API_SERVICES).some(({ spec }) => spec?.group === group);
  const why = known
    ? 'the server is currently unable to handle the request'
    : 'the server could not find the requested resource';
  return `${why} (get ${what}.${group})`;
}

function customMetrics(reader: View, what: string): string {
  const known = reader.list(API_SERVICES).some(({ spec }) => spec?.group === 'custom.metrics.k8s.io');
  const why = known
    ? `the server is currently unable to handle the request (get ${what}.custom.metrics.k8s.io)`
    : 'no custom metrics API (custom.metrics.k8s.io) registered';
  return `unable to fetch metrics from custom metrics API: ${why}`;
}

/** `metric`: one of an autoscaler's `spec.metrics`. */
export function metricFailure(reader: View, metric: MetricSpec, namespace: string): MetricFailure {
  switch (metric.type) {
    case 'Pods': {
      const { name } = metric.pods!.metric;
      const error = `unable to get metric ${name}: ${customMetrics(reader, 'pods')}`;
      return { reason: 'FailedGetPodsMetric', error, summary: `failed to get pods metric value: ${error}` };
    }
    case 'Object': {
      const { metric: named, describedObject, target } = metric.object!;
      const where = `${describedObject.kind} ${namespace}/${describedObject.name}`;
      const resource = `${String(describedObject.kind).toLowerCase()}s`;
      const error = `unable to get metric ${named.name} on ${where}: ${customMetrics(reader, resource)}`;
      const perPod = target?.type === 'AverageValue' ? `failed to get ${named.name} object metric: ` : '';
      return {
        reason: 'FailedGetObjectMetric',
        error,
        summary: `failed to get object metric value: ${perPod}${error}`,
      };
    }
    case 'External': {
      const { name, selector } = metric.external!.metric;
      const fetched = `unable to fetch metrics from external metrics API: ${noAnswer(reader, name, 'external.metrics.k8s.io')}`;
      const error = `unable to get external metric ${namespace}/${name}/${printSelector(selector)}: ${fetched}`;
      const which = metric.external!.target?.averageValue
        ? `failed to get ${name} external metric`
        : `failed to get external metric ${name}`;
      return {
        reason: 'FailedGetExternalMetric',
        error,
        summary: `failed to get ${name} external metric value: ${which}: ${error}`,
      };
    }
    case 'ContainerResource': {
      const source = metric.containerResource!;
      return resourceFailure(source, source.container, unfetched(reader, source.name));
    }
    default: {
      const source = metric.resource ?? { name: 'cpu' };
      return resourceFailure(source, undefined, unfetched(reader, source.name));
    }
  }
}

const unfetched = (reader: View, name: string): string =>
  `unable to get metrics for resource ${name}: unable to fetch metrics from resource metrics API: ${noAnswer(reader, 'pods', 'metrics.k8s.io')}`;

/** `container`: the one that alone counts. */
export function resourceFailure(
  { name, target }: Partial<ResourceMetricSource>,
  container: string | undefined,
  why: string,
): MetricFailure {
  const error = `failed to get ${name} ${target?.averageValue == null ? 'utilization' : 'usage'}: ${why}`;
  if (container === undefined)
    return {
      reason: 'FailedGetResourceMetric',
      error,
      summary: `failed to get ${name} resource metric value: ${error}`,
    };
  const summary = `failed to get ${container} container metric value: ${error}`;
  return { reason: 'FailedGetContainerResourceMetric', error, summary };
}
