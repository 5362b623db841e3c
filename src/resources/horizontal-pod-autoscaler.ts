/** HorizontalPodAutoscalers, v1 and v2. Source: k8s.io/kubernetes/pkg/apis/autoscaling. */
import { hpaToV2 } from './conversion.ts';
import { checked, dns1123Label, isSet, nonNegative } from './field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from './field-error.ts';
import { isPathSegmentName } from './names.ts';
import type { KubeObject } from './object.ts';
import { parseQuantity } from './quantity.ts';
import { validateContainerResourceName, validateNonnegativeQuantity } from './resource-names.ts';
import type { Strategy } from './strategy.ts';

const CPU_UTILIZATION = 80;
const PERIOD_MAX = 1800;
const WINDOW_MAX = 3600;

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function defaults(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.scaleTargetRef ??= {};
  spec.minReplicas ??= 1;
  if (object.apiVersion === 'autoscaling/v1') return;
  if (!spec.metrics?.length)
    spec.metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_UTILIZATION } },
      },
    ];
  if (spec.behavior) {
    spec.behavior.scaleUp = { ...structuredClone(SCALE_UP), ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...structuredClone(SCALE_DOWN), ...spec.behavior.scaleDown };
  }
}

/** `groupNeeded`: whether the core group, which has nothing to scale but one kind, is refused. */
function reference(ref: any, field: string, groupNeeded = false): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['kind', 'name']) {
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

function target(value: any, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const type: string = value?.type ?? '';
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const key of ['value', 'averageValue'])
    if (isSet(value?.[key]) && parseQuantity(value[key]).nanos <= 0n)
      errors.push(invalid(`${field}.${key}`, value[key], 'must be positive'));
  if (isSet(value?.averageUtilization) && value.averageUtilization < 1)
    errors.push(invalid(`${field}.averageUtilization`, value.averageUtilization, 'must be greater than 0'));
  return errors;
}

function metricName(metric: any, field: string): FieldError[] {
  const name: string = metric?.name ?? '';
  return name
    ? checked(isPathSegmentName(name), `${field}.name`, name)
    : [required(`${field}.name`, 'must specify a metric name')];
}

function resourceTarget(source: any, field: string): FieldError[] {
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

type Source = (source: any, field: string) => FieldError[];

/** In the order in which they are looked at. */
const SOURCES: [key: string, type: string, check: Source][] = [
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

function metric(spec: any, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const type: string = spec.type ?? '';
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric source type'));
  if (!METRIC_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, METRIC_TYPES));
  const present: string[] = [];
  for (const [key, , check] of SOURCES) {
    if (!spec[key]) continue;
    present.push(key);
    if (present.length === 1) errors.push(...check(spec[key], `${field}.${key}`));
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

function rules(value: any, field: string): FieldError[] {
  if (!value) return [];
  const errors: FieldError[] = [];
  const window = value.stabilizationWindowSeconds;
  const path = `${field}.stabilizationWindowSeconds`;
  if (isSet(window) && window < 0) errors.push(invalid(path, window, 'must be greater than or equal to zero'));
  if (isSet(window) && window > WINDOW_MAX)
    errors.push(invalid(path, window, `must be less than or equal to ${WINDOW_MAX}`));
  const selections = ['Disabled', 'Max', 'Min'];
  if (isSet(value.selectPolicy) && !selections.includes(value.selectPolicy))
    errors.push(notSupported(`${field}.selectPolicy`, value.selectPolicy, selections));
  const policies: any[] = value.policies ?? [];
  if (policies.length === 0) errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  for (const [i, { type = '', value: amount = 0, periodSeconds = 0 }] of policies.entries()) {
    const where = `${field}.policies[${i}]`;
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${where}.type`, type, ['Percent', 'Pods']));
    if (amount <= 0) errors.push(invalid(`${where}.value`, amount, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalid(`${where}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > PERIOD_MAX)
      errors.push(invalid(`${where}.periodSeconds`, periodSeconds, `must be less than or equal to ${PERIOD_MAX}`));
  }
  if (isSet(value.tolerance)) errors.push(...validateNonnegativeQuantity(value.tolerance, `${field}.tolerance`));
  return errors;
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const { spec } = hpaToV2(object);
  const errors: FieldError[] = [];
  const { minReplicas: min, maxReplicas: max = 0 } = spec;
  if (isSet(min) && max < min)
    errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  const target = spec.scaleTargetRef ?? {};
  const before = old?.spec.scaleTargetRef;
  const kept = before && before.apiVersion === target.apiVersion && before.kind === target.kind;
  errors.push(
    ...reference(
      kept ? { ...target, apiVersion: '' } : target,
      'spec.scaleTargetRef',
      !kept && target.kind !== 'ReplicationController',
    ),
  );
  const metrics: any[] = spec.metrics ?? [];
  for (const [i, value] of metrics.entries()) errors.push(...metric(value, `spec.metrics[${i}]`));
  if (min === 0 && !metrics.some((m) => m.type === 'Object' || m.type === 'External'))
    errors.push(
      forbidden(
        'spec.metrics',
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    );
  if (spec.behavior) {
    errors.push(...rules(spec.behavior.scaleUp, 'spec.behavior.scaleUp'));
    errors.push(...rules(spec.behavior.scaleDown, 'spec.behavior.scaleDown'));
  }
  // What the API's types say themselves comes last.
  if (isSet(min) && min < 0) errors.push(invalid('spec.minReplicas', min, 'must be greater than or equal to 0'));
  if (max === 0) errors.push(required('spec.maxReplicas'));
  else if (max < 0) errors.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to 1'));
  return errors;
}

/** What v2 takes for granted, a v1 object shows once it is stored. */
function assumeCPU(object: KubeObject): void {
  if (object.apiVersion === 'autoscaling/v1' && !hpaToV2(object).spec.metrics)
    object.spec.targetCPUUtilizationPercentage = CPU_UTILIZATION;
}

const horizontalpodautoscalers: Strategy = {
  defaults,
  prepareForUpdate: assumeCPU,
  prepareForCreate(object) {
    assumeCPU(object);
    object.status =
      object.apiVersion === 'autoscaling/v1'
        ? { currentReplicas: 0, desiredReplicas: 0 }
        : { desiredReplicas: 0, currentMetrics: null };
  },
  validate: (object) => validate(object),
  validateUpdate: validate,
  validateStatusUpdate: ({ status = {} }) => [
    ...nonNegative(status.currentReplicas, 'status.currentReplicas'),
    ...nonNegative(status.desiredReplicas, 'status.desiredReplicas'),
  ],
};

export const AUTOSCALING_STRATEGIES: Record<string, Strategy> = {
  'horizontalpodautoscalers.autoscaling': horizontalpodautoscalers,
};
