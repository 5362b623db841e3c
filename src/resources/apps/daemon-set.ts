/** DaemonSets. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { nonNegative, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { DaemonSet, DaemonSetUpdateStrategy } from '../../objects/generated/apps-v1.gen.ts';
import { goSelector, goValue } from '../../objects/go-value.ts';
import { intOrPercentValue, notMoreThan100Percent, positiveIntOrPercent } from '../../objects/int-or-percent.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { validatePodTemplate } from '../core/pod/validation.ts';
import { reviewTemplate, templateReads, templateWarnings } from './pod-template.ts';
import {
  alwaysRestarting,
  isEmptySelector,
  isUsable,
  selectorMismatch,
  validateCollisionCount,
  validateCounts,
} from './workload-validation.ts';

function defaultDaemonSet(object: DaemonSet): void {
  object.spec ??= {} as DaemonSet['spec'];
  const { spec } = object;
  // What older versions had as a field is an annotation now, which no object is without.
  if (object.metadata.annotations?.[TEMPLATE_GENERATION] === undefined) setTemplateGeneration(object, 0);
  defaultPodTemplate(spec);
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  } else if (spec.updateStrategy.rollingUpdate) {
    // Of no use, but numbers to the server, which shows what it has.
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 0;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function daemonUpdateStrategy(strategy: DaemonSetUpdateStrategy, field: string): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate')
    return [notSupported(field, goValue('apps.DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete'])];
  const path = `${field}.rollingUpdate`;
  if (!strategy.rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const errors = [
    ...positiveIntOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...positiveIntOrPercent(maxSurge, `${path}.maxSurge`),
    ...notMoreThan100Percent(maxUnavailable, `${path}.maxUnavailable`),
    ...notMoreThan100Percent(maxSurge, `${path}.maxSurge`),
  ];
  const unavailable = intOrPercentValue(maxUnavailable) !== 0;
  const surge = intOrPercentValue(maxSurge) !== 0;
  if (unavailable && surge)
    errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!unavailable && !surge) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors = validateLabelSelector(spec.selector, 'spec.selector').slice();
  if (isUsable(spec.selector)) errors.push(...selectorMismatch(spec.selector, spec.template, 'spec.template', false));
  if (spec.selector && isEmptySelector(spec.selector))
    errors.push(invalid('spec.selector', goSelector(spec.selector), 'empty selector is invalid for daemonset'));
  errors.push(...validatePodTemplate(spec.template, 'spec.template'));
  errors.push(...alwaysRestarting(spec.template, 'spec.template', 'DaemonSet'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  errors.push(...daemonUpdateStrategy(spec.updateStrategy!, 'spec.updateStrategy'));
  errors.push(...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
  return errors;
}

const DAEMON_COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

/** The old way to tell templates apart, kept for old clients. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const setTemplateGeneration = (object: DaemonSet, value: number): void => {
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(value) };
};

export const daemonsets: Strategy<DaemonSet> = {
  defaults: defaultDaemonSet,
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    setTemplateGeneration(object, 1);
  },
  prepareForUpdate(object, old, context) {
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    if (context.subresource) {
      setTemplateGeneration(object, before);
      return;
    }
    setTemplateGeneration(object, sameData(object.spec.template, old.spec.template) ? before : before + 1);
  },
  validate: validateDaemonSet,
  validateUpdate: (object, old) => [
    ...unchanged(object.spec.selector, old.spec.selector, 'spec.selector', goSelector(object.spec.selector)),
    ...validateDaemonSet(object),
  ],
  validateStatusUpdate: (object, old) => [
    ...validateCounts(object.status, DAEMON_COUNTS, []),
    ...validateCollisionCount(object.status, old.status),
  ],
  warnings: templateWarnings,
};
