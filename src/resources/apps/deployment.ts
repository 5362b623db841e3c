/** Deployments and ReplicaSets. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import { warnPodSecurity } from '../../admission/pod-security.ts';
import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { isSet, nonNegative, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import { goSelector, goValue } from '../../objects/go-value.ts';
import { intOrPercentValue, notMoreThan100Percent, positiveIntOrPercent } from '../../objects/int-or-percent.ts';
import type { KubeObject } from '../../objects/object.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { warningsForHostname, warningsForPodSpec } from '../core/pod/warnings.ts';
import {
  isUsable,
  validateCollisionCount,
  validateCounts,
  validateReplicaTemplate,
  validateSelector,
} from './workload-validation.ts';

function defaultDeployment(object: KubeObject): void {
  object.spec ??= {};
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

function rollingUpdate(rolling: any, field: string): FieldError[] {
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

function strategyErrors(strategy: any, field: string): FieldError[] {
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

const template = (spec: any): FieldError[] =>
  isUsable(spec.selector)
    ? validateReplicaTemplate(spec.selector, spec.template, 'spec.template')
    : [invalid('spec.selector', goSelector(spec.selector), 'invalid label selector')];

const EMPTY_SELECTOR = 'empty selector is invalid for deployment';

function validateDeployment({ spec }: KubeObject): FieldError[] {
  const errors = [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateSelector(spec.selector, 'spec.selector', EMPTY_SELECTOR),
    ...template(spec),
    ...strategyErrors(spec.strategy, 'spec.strategy'),
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

const keptSelector = (object: KubeObject, old: KubeObject): FieldError[] =>
  unchanged(object.spec.selector, old.spec.selector, 'spec.selector', goSelector(object.spec.selector));

/** The admission that is the same for everything with a pod template at `spec.template`. */
export function reviewTemplate(object: KubeObject, _old: KubeObject | undefined, context: StageContext): void {
  if (!context.subresource) warnPodSecurity(object.spec.template ?? {}, context);
}

export const templateReads: NonNullable<Strategy['reads']> = (_object, operation, namespace = '') =>
  operation === 'delete' ? [] : [{ resource: 'namespaces', name: namespace }];

/** An update that leaves the spec as it is has been warned about before. */
export const templateWarnings = (object: KubeObject, old: KubeObject | undefined): string[] =>
  old && object.metadata.generation === old.metadata.generation
    ? []
    : warningsForPodSpec(object.spec.template?.spec ?? {}, object.spec.template?.metadata, 'spec.template');

const REVISION_LABELS_WORDS = 'this is used in Pod names and hostnames';

const deployments: Strategy = {
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
    ...(old ? [] : warningsForHostname(object.metadata.name, REVISION_LABELS_WORDS)),
    ...templateWarnings(object, old),
  ],
};

function validateReplicaSet({ spec }: KubeObject): FieldError[] {
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateSelector(spec.selector, 'spec.selector', EMPTY_SELECTOR),
    ...template(spec),
  ];
}

const replicasets: Strategy = {
  defaults(object) {
    object.spec ??= {};
    defaultPodTemplate(object.spec);
    object.spec.replicas ??= 1;
  },
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  validate: validateReplicaSet,
  validateUpdate: (object, old) => [...validateReplicaSet(object), ...keptSelector(object, old)],
  validateStatusUpdate: (object) =>
    validateCounts(
      object.status,
      [
        'replicas',
        'fullyLabeledReplicas',
        'readyReplicas',
        'availableReplicas',
        'observedGeneration',
        'terminatingReplicas',
      ],
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ),
  warnings: (object, old) => [
    ...(old ? [] : warningsForHostname(object.metadata.name, REVISION_LABELS_WORDS)),
    ...templateWarnings(object, old),
  ],
};

export const DEPLOYMENT_STRATEGIES: Record<string, Strategy> = {
  'deployments.apps': deployments,
  'replicasets.apps': replicasets,
};
