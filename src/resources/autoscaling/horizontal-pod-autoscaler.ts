/** HorizontalPodAutoscalers, v1 and v2. Source: k8s.io/kubernetes/pkg/apis/autoscaling. */

import { hpaToV2 } from '../../catalog/conversion.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type * as autoscalingv1 from '../../objects/generated/autoscaling-v1.gen.ts';
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HPAScalingRules,
} from '../../objects/generated/autoscaling-v2.gen.ts';
import { validateNonnegativeQuantity } from '../../objects/resource-names.ts';
import { metric, reference } from './autoscaler-metrics.ts';

const CPU_UTILIZATION = 80;

export const PERIOD_MAX = 1800;

export const WINDOW_MAX = 3600;

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function defaults(object: HorizontalPodAutoscaler): void {
  object.spec ??= {} as HorizontalPodAutoscaler['spec'];
  const { spec } = object;
  spec.scaleTargetRef ??= {} as CrossVersionObjectReference;
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

type OldSpec = NonNullable<autoscalingv1.HorizontalPodAutoscaler['spec']>;

function rules(value: HPAScalingRules | undefined, field: string): FieldError[] {
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
  const policies = value.policies ?? [];
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

function validate(object: HorizontalPodAutoscaler, old?: HorizontalPodAutoscaler): FieldError[] {
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
  const metrics = spec.metrics ?? [];
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
function assumeCPU(object: HorizontalPodAutoscaler): void {
  if (object.apiVersion === 'autoscaling/v1' && !hpaToV2(object).spec.metrics)
    (object.spec as OldSpec).targetCPUUtilizationPercentage = CPU_UTILIZATION;
}

export const horizontalpodautoscalers: Strategy<HorizontalPodAutoscaler> = {
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
