/** PodDisruptionBudgets. Source: k8s.io/kubernetes/pkg/apis/policy/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported } from '../../objects/field-error.ts';
import type { PodDisruptionBudget } from '../../objects/generated/policy-v1.gen.ts';
import { goValue } from '../../objects/go-value.ts';
import { notMoreThan100Percent, positiveIntOrPercent } from '../../objects/int-or-percent.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

function validate({ spec }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  if (isSet(spec.minAvailable) && isSet(spec.maxUnavailable))
    errors.push(
      invalid(
        'spec',
        goValue('policy.PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  for (const key of ['minAvailable', 'maxUnavailable'] as const)
    if (isSet(spec[key]))
      errors.push(
        ...positiveIntOrPercent(spec[key], `spec.${key}`),
        ...notMoreThan100Percent(spec[key], `spec.${key}`),
      );
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  const policy = spec.unhealthyPodEvictionPolicy;
  if (isSet(policy) && !EVICTION_POLICIES.includes(policy))
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES));
  return errors;
}

export const poddisruptionbudgets: Strategy<PodDisruptionBudget> = {
  defaults(object) {
    object.spec ??= {} as PodDisruptionBudget['spec'];
  },
  prepareForCreate(object) {
    object.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: ({ status }) => [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((key) =>
      nonNegative(status?.[key], `status.${key}`),
    ),
  ],
  metadataRules: 'own',
  allowUnconditionalUpdate: false,
};
