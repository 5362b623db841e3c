/** Validation of what an autoscaler measures. Source: k8s.io/kubernetes/pkg/apis/autoscaling/validation. */

import { checked, dns1123Label, isSet } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
} from '../../objects/generated/autoscaling-v2.gen.ts';
import { isPathSegmentName } from '../../objects/names.ts';
import type { Unchecked } from '../../objects/object.ts';
import { parseQuantity } from '../../objects/quantity.ts';
import { validateContainerResourceName } from '../../objects/resource-names.ts';

/** `groupNeeded`: whether the core group, which has nothing to scale but one kind, is refused. */
export function reference(
  ref: Unchecked<CrossVersionObjectReference> | undefined,
  field: string,
  groupNeeded = false,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['kind', 'name'] as const) {
    const value: string = ref?.[key] ?? '';
    if (!value) errors.push(required(`${field}.${key}`));
    else errors.push(...checked(isPathSegmentName(value), `${field}.${key}`, value));
  }
  const version: string = ref?.apiVersion ?? '';
  if (version.split('/').length > 2)
    errors.push(invalid(`${field}.apiVersion`, version, `unexpected GroupVersion string: ${version}`));
  else if (groupNeeded && !version.includes('/'))
    errors.push(invalid(`${field}.apiVersion`, version, 'apiVersion must specify API group'));
  return errors;
}

function target(value: Unchecked<MetricTarget> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const type: string = value?.type ?? '';
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const key of ['value', 'averageValue'] as const)
    if (isSet(value?.[key]) && parseQuantity(value![key]!).nanos <= 0n)
      errors.push(invalid(`${field}.${key}`, value![key], 'must be positive'));
  if (isSet(value?.averageUtilization) && value.averageUtilization < 1)
    errors.push(invalid(`${field}.averageUtilization`, value.averageUtilization, 'must be greater than 0'));
  return errors;
}

function metricName(metric: Unchecked<MetricIdentifier> | undefined, field: string): FieldError[] {
  const name: string = metric?.name ?? '';
  return name
    ? checked(isPathSegmentName(name), `${field}.name`, name)
    : [required(`${field}.name`, 'must specify a metric name')];
}

function resourceTarget(source: AnySource, field: string): FieldError[] {
  const errors = target(source.target, `${field}.target`);
  const utilization = isSet(source.target?.averageUtilization);
  const value = isSet(source.target?.averageValue);
  if (!utilization && !value)
    errors.push(
      required(`${field}.target.averageUtilization`, 'must set either a target raw value or a target utilization'),
    );
  if (utilization && value)
    errors.push(
      forbidden(`${field}.target.averageValue`, 'may not set both a target raw value and a target utilization'),
    );
  return errors;
}

/** What any of the sources of a metric may have. */
type AnySource = Unchecked<ObjectMetricSource & ContainerResourceMetricSource>;

type Source = (source: AnySource, field: string) => FieldError[];

/** In the order in which they are looked at. */
const SOURCES: [key: Exclude<keyof MetricSpec, 'type'>, type: string, check: Source][] = [
  [
    'object',
    'Object',
    (source, field) => {
      const errors = reference(source.describedObject, `${field}.describedObject`);
      errors.push(...metricName(source.metric, `${field}.metric`), ...target(source.target, `${field}.target`));
      if (!isSet(source.target?.value) && !isSet(source.target?.averageValue))
        errors.push(required(`${field}.target.averageValue`, 'must set either a target value or averageValue'));
      return errors;
    },
  ],
  [
    'external',
    'External',
    (source, field) => {
      const errors = [...metricName(source.metric, `${field}.metric`), ...target(source.target, `${field}.target`)];
      const [value, average] = [isSet(source.target?.value), isSet(source.target?.averageValue)];
      if (!value && !average)
        errors.push(
          required(`${field}.target.averageValue`, 'must set either a target value for metric or a per-pod target'),
        );
      if (value && average)
        errors.push(
          forbidden(`${field}.target.value`, 'may not set both a target value for metric and a per-pod target'),
        );
      return errors;
    },
  ],
  [
    'pods',
    'Pods',
    (source, field) => {
      const errors = [...metricName(source.metric, `${field}.metric`), ...target(source.target, `${field}.target`)];
      if (!isSet(source.target?.averageValue))
        errors.push(required(`${field}.target.averageValue`, 'must specify a positive target averageValue'));
      return errors;
    },
  ],
  [
    'resource',
    'Resource',
    (source, field) => [
      ...(source.name ? [] : [required(`${field}.name`, 'must specify a resource name')]),
      ...resourceTarget(source, field),
    ],
  ],
  [
    'containerResource',
    'ContainerResource',
    (source, field) => [
      ...(source.name
        ? validateContainerResourceName(source.name, `${field}.name`)
        : [required(`${field}.name`, 'must specify a resource name')]),
      ...(source.container
        ? dns1123Label(source.container, `${field}.container`)
        : [required(`${field}.container`, 'must specify a container')]),
      ...resourceTarget(source, field),
    ],
  ],
];

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

export function metric(spec: MetricSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const type: string = spec.type ?? '';
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric source type'));
  if (!METRIC_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, METRIC_TYPES));
  const present: string[] = [];
  for (const [key, , check] of SOURCES) {
    const source = spec[key];
    if (!source) continue;
    present.push(key);
    if (present.length === 1) errors.push(...check(source, `${field}.${key}`));
  }
  const expected = SOURCES.find(([, name]) => name === type)?.[0];
  if (!expected) errors.push(notSupported(`${field}.type`, type, METRIC_TYPES));
  else if (!spec[expected])
    errors.push(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  if (present.length !== 1)
    for (const key of present)
      if (key !== expected) errors.push(forbidden(`${field}.${key}`, 'must populate the given metric source only'));
  return errors;
}
