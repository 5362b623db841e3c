/** Kinds that are served in several versions and stored in one: HPA (stored as v2) and events (stored as core v1). */

import type * as autoscalingv1 from '../objects/generated/autoscaling-v1.gen.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  MetricStatus,
} from '../objects/generated/autoscaling-v2.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import {
  behaviorToV1,
  behaviorToV2,
  measureToV1,
  measureToV2,
  metricToV1,
  metricToV2,
  type Part,
} from './metric-conversion.ts';

type OldAutoscaler = autoscalingv1.HorizontalPodAutoscaler;
type OldStatus = NonNullable<OldAutoscaler['status']>;
type Behavior = HorizontalPodAutoscalerBehavior;

const HPA_V1 = 'autoscaling/v1';
const HPA_V2 = 'autoscaling/v2';
const EVENTS_V1 = 'events.k8s.io/v1';

/** Where v1 keeps what only v2 has fields for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';

/** The object as the store holds it. Returns the same object where nothing differs. */
export function toStored(object: KubeObject): KubeObject {
  if (object.apiVersion === HPA_V1) return hpaToV2(object);
  return object.apiVersion === EVENTS_V1 ? eventToCore(object) : object;
}

/** An object, usually a stored one, as `apiVersion` shows it. */
export function fromStored(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  if (object.apiVersion === HPA_V1 || object.apiVersion === EVENTS_V1) return toStored(object);
  if (apiVersion === HPA_V1 && object.apiVersion === HPA_V2) return hpaToV1(object);
  if (apiVersion === EVENTS_V1 && object.apiVersion === 'v1') return eventFromCore(object);
  return { ...object, apiVersion };
}

/** Names of an event's fields: core, then events.k8s.io. */
const EVENT_FIELDS: [core: string, events: string][] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

function renamed(object: KubeObject, apiVersion: string, from: 0 | 1): KubeObject {
  const out: KubeObject = { ...object, apiVersion };
  for (const names of EVENT_FIELDS) {
    const value = object[names[from]];
    delete out[names[from]];
    if (value !== undefined) out[names[1 - from] as string] = value;
  }
  return out;
}

/** Core prints who reports even when nobody does, events.k8s.io does not. */
const eventToCore = (object: KubeObject): KubeObject => ({
  reportingComponent: '',
  reportingInstance: '',
  ...renamed(object, 'v1', 1),
});

function eventFromCore(object: KubeObject): KubeObject {
  const event = renamed(object, EVENTS_V1, 0);
  for (const field of ['reportingController', 'reportingInstance']) if (event[field] === '') delete event[field];
  return event;
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same object when it is v2 already. */
export function hpaToV2(given: KubeObject): HorizontalPodAutoscaler {
  if (given.apiVersion !== HPA_V1) return given as HorizontalPodAutoscaler;
  const object = given as OldAutoscaler;
  const { targetCPUUtilizationPercentage: percent, ...spec } =
    object.spec ?? ({} as NonNullable<OldAutoscaler['spec']>);
  const annotations = object.metadata.annotations ?? {};
  const metrics = ((parse(annotations[METRICS]) ?? []) as Part[]).map(metricToV2) as MetricSpec[];
  if (percent !== undefined)
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
    });
  const behavior = behaviorToV2(parse(annotations[BEHAVIOR])) as Behavior | undefined;
  const { currentCPUUtilizationPercentage: current, ...status }: Partial<OldStatus> = object.status ?? {};
  const measured = parse(annotations[CURRENT_METRICS]);
  const currentMetrics = Array.isArray(measured)
    ? (measured.map(measureToV2) as MetricStatus[])
    : current === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }];
  const conditions = parse(annotations[CONDITIONS]) as HorizontalPodAutoscalerCondition[] | undefined;
  const kept = Object.fromEntries(
    Object.entries(annotations).filter(([key]) => ![METRICS, BEHAVIOR, CURRENT_METRICS, CONDITIONS].includes(key)),
  );
  return {
    ...object,
    apiVersion: HPA_V2,
    metadata: withAnnotations(object, kept),
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior ? { behavior } : {}) },
    ...(object.status
      ? {
          status: {
            ...(status as HorizontalPodAutoscalerStatus),
            ...(status.currentReplicas ? {} : { currentReplicas: undefined }),
            currentMetrics: currentMetrics.length > 0 ? currentMetrics : null,
            ...(conditions ? { conditions } : {}),
          },
        }
      : {}),
  };
}

function withAnnotations(object: KubeObject, annotations: Record<string, string>): KubeObject['metadata'] {
  const { annotations: _dropped, ...metadata } = object.metadata;
  return Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata;
}

const isPlainCPU = (metric: MetricSpec): boolean =>
  metric.resource?.name === 'cpu' && metric.resource.target?.averageUtilization !== undefined;

function hpaToV1(given: KubeObject): KubeObject {
  const object = given as HorizontalPodAutoscaler;
  const { metrics = [], behavior, ...spec }: Partial<HorizontalPodAutoscaler['spec']> = object.spec ?? {};
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  const cpu = metrics.find(isPlainCPU);
  const others = metrics.filter((metric) => metric !== cpu);
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others.map(metricToV1));
  if (behavior) annotations[BEHAVIOR] = JSON.stringify(behaviorToV1(behavior));
  const { currentMetrics, conditions, ...status }: Partial<HorizontalPodAutoscalerStatus> = object.status ?? {};
  if (currentMetrics?.length) annotations[CURRENT_METRICS] = JSON.stringify(currentMetrics.map(measureToV1));
  if (conditions?.length) annotations[CONDITIONS] = JSON.stringify(conditions);
  const current = currentMetrics?.find((m) => m.resource?.name === 'cpu')?.resource?.current?.averageUtilization;
  return {
    ...object,
    apiVersion: HPA_V1,
    metadata: withAnnotations(object, annotations),
    spec: cpu ? { ...spec, targetCPUUtilizationPercentage: cpu.resource?.target.averageUtilization } : spec,
    ...(object.status
      ? {
          status: {
            ...status,
            currentReplicas: status.currentReplicas ?? 0,
            desiredReplicas: status.desiredReplicas ?? 0,
            ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
          },
        }
      : {}),
  };
}
