/** Deployments. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import type { Strategy } from '../../catalog/strategy.ts';
import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from '../../objects/generated/apps-v1.gen.ts';
import { goValue } from '../../objects/go-value.ts';
import { intOrPercentValue, notMoreThan100Percent, positiveIntOrPercent } from '../../objects/int-or-percent.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { warningsForHostname } from '../core/pod/warnings.ts';
import {
  EMPTY_SELECTOR,
  keptSelector,
  NAME_USE,
  reviewTemplate,
  templateReads,
  templateWarnings,
  validateTemplate,
} from './pod-template.ts';
import { validateCollisionCount, validateCounts, validateSelector } from './workload-validation.ts';

function defaultDeployment(object: Deployment): void {
  object.spec ??= {} as Deployment['spec'];
  const { spec } = object;
  defaultPodTemplate(spec);
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

function rollingUpdate(rolling: RollingUpdateDeployment, field: string): FieldError[] {
  const { maxUnavailable, maxSurge } = rolling;
  const errors = [
    ...positiveIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...positiveIntOrPercent(maxSurge, `${field}.maxSurge`),
  ];
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0)
    errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  errors.push(...notMoreThan100Percent(maxUnavailable, `${field}.maxUnavailable`));
  return errors;
}

function strategyErrors(strategy: DeploymentStrategy, field: string): FieldError[] {
  if (strategy.type === 'Recreate')
    return strategy.rollingUpdate
      ? [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  if (strategy.type !== 'RollingUpdate')
    return [notSupported(field, goValue('apps.DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])];
  return strategy.rollingUpdate
    ? rollingUpdate(strategy.rollingUpdate, `${field}.rollingUpdate`)
    : [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')];
}

function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors = [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateSelector(spec.selector, 'spec.selector', EMPTY_SELECTOR),
    ...validateTemplate(spec),
    ...strategyErrors(spec.strategy!, 'spec.strategy'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (isSet(deadline)) {
    errors.push(...nonNegative(deadline, 'spec.progressDeadlineSeconds'));
    if (deadline <= (spec.minReadySeconds ?? 0))
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

export const deployments: Strategy<Deployment> = {
  defaults: defaultDeployment,
  reads: templateReads,
  review: reviewTemplate,
  validate: validateDeployment,
  validateUpdate: (object, old) => [...validateDeployment(object), ...keptSelector(object, old)],
  validateStatusUpdate: (object, old) => [
    ...validateCounts(
      object.status,
      [
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'terminatingReplicas',
        'collisionCount',
      ],
      ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ),
    ...validateCollisionCount(object.status, old.status),
  ],
  prepareForUpdate(object, old, context) {
    if (context.subresource === 'status') object.metadata.labels = old.metadata.labels;
    // Annotations are part of what a Deployment's controller carries out.
    if (context.subresource) return;
    if (JSON.stringify(object.metadata.annotations ?? {}) !== JSON.stringify(old.metadata.annotations ?? {}))
      object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  warnings: (object, old) => [
    ...(old ? [] : warningsForHostname(object.metadata.name, NAME_USE)),
    ...templateWarnings(object, old),
  ],
};
