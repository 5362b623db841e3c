/** Kinds that are served in several versions and stored in one: HPA (stored as v2) and events (stored as core v1). */
import type { KubeObject } from '../objects/object.ts';

const HPA_V1 = 'autoscaling/v1';
const HPA_V2 = 'autoscaling/v2';
const EVENTS_V1 = 'events.k8s.io/v1';

/** Where v1 keeps what only v2 has fields for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';

/** Without the keys that have no value. */
const defined = (object: Record<string, unknown>): Record<string, any> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

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

/** A metric of v1's annotation in the form of v2. */
function metricToV2(metric: any): any {
  const { type } = metric;
  if (metric.resource || metric.containerResource) {
    const key = metric.resource ? 'resource' : 'containerResource';
    const { targetAverageUtilization: percent, targetAverageValue: value, ...rest } = metric[key];
    const target = defined({
      type: percent === undefined ? 'AverageValue' : 'Utilization',
      averageUtilization: percent,
      averageValue: value,
    });
    return { type, [key]: { ...rest, target } };
  }
  if (metric.pods) {
    const { metricName: name, selector, targetAverageValue } = metric.pods;
    const target = { type: 'AverageValue', averageValue: targetAverageValue };
    return { type, pods: { metric: defined({ name, selector }), target } };
  }
  if (metric.object) {
    const { metricName: name, selector, target: describedObject, targetValue, averageValue } = metric.object;
    const target =
      averageValue === undefined ? { type: 'Value', value: targetValue } : { type: 'AverageValue', averageValue };
    return { type, object: { describedObject, metric: defined({ name, selector }), target } };
  }
  if (metric.external) {
    const { metricName: name, metricSelector: selector, targetValue, targetAverageValue } = metric.external;
    const target =
      targetAverageValue === undefined
        ? { type: 'Value', value: targetValue }
        : { type: 'AverageValue', averageValue: targetAverageValue };
    return { type, external: { metric: defined({ name, selector }), target } };
  }
  return metric;
}

function metricToV1(metric: any): any {
  const { type } = metric;
  if (metric.resource || metric.containerResource) {
    const key = metric.resource ? 'resource' : 'containerResource';
    const { target, ...rest } = metric[key];
    const { averageUtilization: targetAverageUtilization, averageValue: targetAverageValue } = target;
    return { type, [key]: defined({ ...rest, targetAverageUtilization, targetAverageValue }) };
  }
  if (metric.pods) {
    const { metric: identifier, target } = metric.pods;
    const { name: metricName, selector } = identifier;
    return { type, pods: defined({ metricName, targetAverageValue: target.averageValue, selector }) };
  }
  if (metric.object) {
    const { describedObject, metric: identifier, target } = metric.object;
    const { name: metricName, selector } = identifier;
    const { value: targetValue = '0', averageValue } = target;
    return { type, object: defined({ target: describedObject, metricName, targetValue, selector, averageValue }) };
  }
  if (metric.external) {
    const { metric: identifier, target } = metric.external;
    const { name: metricName, selector: metricSelector } = identifier;
    const { value: targetValue, averageValue: targetAverageValue } = target;
    return { type, external: defined({ metricName, metricSelector, targetValue, targetAverageValue }) };
  }
  return metric;
}

/** What was measured of a metric, as v1's annotation has it. */
function measureToV1(measure: any): any {
  const { type } = measure;
  const key = ['resource', 'containerResource', 'pods', 'object', 'external'].find((k) => measure[k]);
  if (!key) return { type };
  const { metric = {}, current = {}, describedObject: target, ...rest } = measure[key];
  const { averageUtilization: currentAverageUtilization, averageValue, value: currentValue = '0' } = current;
  const { name: metricName, selector } = metric;
  const body =
    key === 'object'
      ? { target, metricName, currentValue, selector, averageValue }
      : key === 'external'
        ? { metricName, metricSelector: selector, currentValue, currentAverageValue: averageValue }
        : { ...rest, metricName, currentAverageUtilization, currentAverageValue: averageValue ?? '0', selector };
  return { type, [key]: defined(body) };
}

function measureToV2(measure: any): any {
  const { type } = measure;
  const key = ['resource', 'containerResource', 'pods', 'object', 'external'].find((k) => measure[k]);
  if (!key) return { type };
  const { metricName: name, selector, metricSelector, target, currentValue, averageValue, ...rest } = measure[key];
  const { currentAverageUtilization: averageUtilization, currentAverageValue, ...own } = rest;
  const current = defined({
    value: currentValue,
    averageUtilization,
    averageValue: key === 'object' ? averageValue : currentAverageValue,
  });
  const metric = name === undefined ? undefined : defined({ name, selector: selector ?? metricSelector });
  return { type, [key]: defined({ ...own, describedObject: target, metric, current }) };
}

/** Behaviors stand in their annotation as the type that the server keeps within, whose fields have Go's names. */
const RULES = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'];
const POLICY = ['type', 'value', 'periodSeconds'];
const goName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const goNamed = (value: any, fields: readonly string[]): any =>
  value ? Object.fromEntries(fields.map((field) => [goName(field), value[field] ?? null])) : null;

function behaviorToV1(behavior: any): any {
  const rules = (value: any): any =>
    value && goNamed({ ...value, policies: value.policies?.map((p: any) => goNamed(p, POLICY)) }, RULES);
  return { ScaleUp: rules(behavior.scaleUp) ?? null, ScaleDown: rules(behavior.scaleDown) ?? null };
}

/** Go reads names in either case. */
function behaviorToV2(value: any): any {
  if (Array.isArray(value)) return value.map(behaviorToV2);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value).map(([key, part]) => [
    key.charAt(0).toLowerCase() + key.slice(1),
    behaviorToV2(part),
  ]);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}

function parse(text: string | undefined): any {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same object when it is v2 already. */
export function hpaToV2(object: KubeObject): KubeObject {
  if (object.apiVersion !== HPA_V1) return object;
  const { targetCPUUtilizationPercentage: percent, ...spec } = object.spec ?? {};
  const annotations = object.metadata.annotations ?? {};
  const metrics: any[] = (parse(annotations[METRICS]) ?? []).map(metricToV2);
  if (percent !== undefined)
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
    });
  const behavior = behaviorToV2(parse(annotations[BEHAVIOR]));
  const { currentCPUUtilizationPercentage: current, ...status } = object.status ?? {};
  const measured = parse(annotations[CURRENT_METRICS]);
  const currentMetrics: any[] = Array.isArray(measured)
    ? measured.map(measureToV2)
    : current === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }];
  const conditions = parse(annotations[CONDITIONS]);
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
            ...(status.currentReplicas ? status : { ...status, currentReplicas: undefined }),
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

const isPlainCPU = (metric: any): boolean =>
  metric.resource?.name === 'cpu' && metric.resource.target?.averageUtilization !== undefined;

function hpaToV1(object: KubeObject): KubeObject {
  const { metrics = [], behavior, ...spec } = object.spec ?? {};
  const annotations: Record<string, string> = { ...object.metadata.annotations };
  const cpu = metrics.find(isPlainCPU);
  const others = metrics.filter((metric: any) => metric !== cpu);
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others.map(metricToV1));
  if (behavior) annotations[BEHAVIOR] = JSON.stringify(behaviorToV1(behavior));
  const { currentMetrics, conditions, ...status } = object.status ?? {};
  if (currentMetrics?.length) annotations[CURRENT_METRICS] = JSON.stringify(currentMetrics.map(measureToV1));
  if (conditions?.length) annotations[CONDITIONS] = JSON.stringify(conditions);
  const current = currentMetrics?.find((m: any) => m.resource?.name === 'cpu')?.resource.current?.averageUtilization;
  return {
    ...object,
    apiVersion: HPA_V1,
    metadata: withAnnotations(object, annotations),
    spec: cpu ? { ...spec, targetCPUUtilizationPercentage: cpu.resource.target.averageUtilization } : spec,
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
