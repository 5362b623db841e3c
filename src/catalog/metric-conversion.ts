/** What an autoscaler measures and how it behaves, in the forms of v1's annotations and of v2. */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../objects/generated/autoscaling-v2.gen.ts';

/** A part of an object, or of what an annotation holds, by its fields' names in either version. */
export type Part = Record<string, unknown>;

/** Without the keys that have no value. */
const defined = (object: Part): Part =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** A metric of v1's annotation in the form of v2. */
export function metricToV2(metric: Part): Part {
  const { type } = metric;
  if (metric.resource || metric.containerResource) {
    const key = metric.resource ? 'resource' : 'containerResource';
    const { targetAverageUtilization: percent, targetAverageValue: value, ...rest } = metric[key] as Part;
    const target = defined({
      type: percent === undefined ? 'AverageValue' : 'Utilization',
      averageUtilization: percent,
      averageValue: value,
    });
    return { type, [key]: { ...rest, target } };
  }
  if (metric.pods) {
    const { metricName: name, selector, targetAverageValue } = metric.pods as Part;
    const target = { type: 'AverageValue', averageValue: targetAverageValue };
    return { type, pods: { metric: defined({ name, selector }), target } };
  }
  if (metric.object) {
    const { metricName: name, selector, target: describedObject, targetValue, averageValue } = metric.object as Part;
    const target =
      averageValue === undefined ? { type: 'Value', value: targetValue } : { type: 'AverageValue', averageValue };
    return { type, object: { describedObject, metric: defined({ name, selector }), target } };
  }
  if (metric.external) {
    const { metricName: name, metricSelector: selector, targetValue, targetAverageValue } = metric.external as Part;
    const target =
      targetAverageValue === undefined
        ? { type: 'Value', value: targetValue }
        : { type: 'AverageValue', averageValue: targetAverageValue };
    return { type, external: { metric: defined({ name, selector }), target } };
  }
  return metric;
}

export function metricToV1(metric: Part): Part {
  const { type } = metric;
  if (metric.resource || metric.containerResource) {
    const key = metric.resource ? 'resource' : 'containerResource';
    const { target, ...rest } = metric[key] as Part;
    const { averageUtilization: targetAverageUtilization, averageValue: targetAverageValue } = target as Part;
    return { type, [key]: defined({ ...rest, targetAverageUtilization, targetAverageValue }) };
  }
  if (metric.pods) {
    const { metric: identifier, target } = metric.pods as Part;
    const { name: metricName, selector } = identifier as Part;
    return { type, pods: defined({ metricName, targetAverageValue: (target as Part).averageValue, selector }) };
  }
  if (metric.object) {
    const { describedObject, metric: identifier, target } = metric.object as Part;
    const { name: metricName, selector } = identifier as Part;
    const { value: targetValue = '0', averageValue } = target as Part;
    return { type, object: defined({ target: describedObject, metricName, targetValue, selector, averageValue }) };
  }
  if (metric.external) {
    const { metric: identifier, target } = metric.external as Part;
    const { name: metricName, selector: metricSelector } = identifier as Part;
    const { value: targetValue, averageValue: targetAverageValue } = target as Part;
    return { type, external: defined({ metricName, metricSelector, targetValue, targetAverageValue }) };
  }
  return metric;
}

/** What was measured of a metric, as v1's annotation has it. */
export function measureToV1(measure: Part): Part {
  const { type } = measure;
  const key = ['resource', 'containerResource', 'pods', 'object', 'external'].find((k) => measure[k]);
  if (!key) return { type };
  const { metric = {}, current = {}, describedObject: target, ...rest } = measure[key] as Part;
  const { averageUtilization: currentAverageUtilization, averageValue, value: currentValue = '0' } = current as Part;
  const { name: metricName, selector } = metric as Part;
  const body =
    key === 'object'
      ? { target, metricName, currentValue, selector, averageValue }
      : key === 'external'
        ? { metricName, metricSelector: selector, currentValue, currentAverageValue: averageValue }
        : { ...rest, metricName, currentAverageUtilization, currentAverageValue: averageValue ?? '0', selector };
  return { type, [key]: defined(body) };
}

export function measureToV2(measure: Part): Part {
  const { type } = measure;
  const key = ['resource', 'containerResource', 'pods', 'object', 'external'].find((k) => measure[k]);
  if (!key) return { type };
  const {
    metricName: name,
    selector,
    metricSelector,
    target,
    currentValue,
    averageValue,
    ...rest
  } = measure[key] as Part;
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
const goNamed = (value: Part | undefined, fields: readonly string[]): Part | null =>
  value ? Object.fromEntries(fields.map((field) => [goName(field), value[field] ?? null])) : null;

export function behaviorToV1(behavior: HorizontalPodAutoscalerBehavior): Part {
  const rules = (value: HPAScalingRules | undefined): Part | null | undefined =>
    value && goNamed({ ...value, policies: value.policies?.map((policy) => goNamed(policy, POLICY)) }, RULES);
  return { ScaleUp: rules(behavior.scaleUp) ?? null, ScaleDown: rules(behavior.scaleDown) ?? null };
}

/** Go reads names in either case. */
export function behaviorToV2(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(behaviorToV2);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value).map(([key, part]) => [
    key.charAt(0).toLowerCase() + key.slice(1),
    behaviorToV2(part),
  ]);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}
