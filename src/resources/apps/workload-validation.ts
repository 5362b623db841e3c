/** What Deployment, ReplicaSet, StatefulSet, DaemonSet and ReplicationController have in common. */

import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { PodTemplateSpec } from '../../objects/generated/core-v1.gen.ts';
import { goMap, goSelector } from '../../objects/go-value.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { validatePodTemplate } from '../core/pod/validation.ts';

export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;

/** Whether Go can turn it into a selector that matches. */
export function isUsable(selector: LabelSelector | undefined): boolean {
  return validateLabelSelector(selector, '').length === 0;
}

export function validateSelector(selector: LabelSelector | undefined, field: string, emptyWords: string): FieldError[] {
  if (!selector) return [required(field)];
  const errors = validateLabelSelector(selector, field);
  if (isEmptySelector(selector)) errors.push(invalid(field, goSelector(selector), emptyWords));
  return errors;
}

export function selectorMismatch(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  field: string,
  emptyMatches = true,
): FieldError[] {
  // An empty selector matches everything; where there is none, nothing.
  if (emptyMatches && selector && isEmptySelector(selector)) return [];
  const labels = template.metadata?.labels;
  return matchesLabelSelector(selector, labels)
    ? []
    : [invalid(`${field}.metadata.labels`, goMap(labels), '`selector` does not match template `labels`')];
}

/** Pods of a workload run for ever. `kind` is named in the message. */
export function alwaysRestarting(template: PodTemplateSpec, field: string, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = template.spec?.restartPolicy;
  if (policy !== 'Always') errors.push(notSupported(`${field}.spec.restartPolicy`, policy ?? '', ['Always']));
  if (isSet(template.spec?.activeDeadlineSeconds))
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  return errors;
}

/** Of a ReplicaSet or a Deployment. */
export function validateReplicaTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  field: string,
): FieldError[] {
  return [
    ...selectorMismatch(selector, template, field),
    ...validatePodTemplate(template, field),
    ...alwaysRestarting(template, field, 'ReplicaSet'),
  ];
}

/** Counts in a status are not negative, nor more than there are. */
export function validateCounts(
  // biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
  status: any,
  counts: readonly string[],
  bounded: readonly string[],
  readyWords = 'cannot be greater than readyReplicas',
): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of counts) errors.push(...nonNegative(status?.[key], `status.${key}`));
  const of = (key: string): number => status?.[key] ?? 0;
  for (const key of bounded)
    if (of(key) > of('replicas'))
      errors.push(invalid(`status.${key}`, of(key), 'cannot be greater than status.replicas'));
  if (bounded.includes('availableReplicas') && of('availableReplicas') > of('readyReplicas'))
    errors.push(invalid('status.availableReplicas', of('availableReplicas'), readyWords));
  return errors;
}

/** The hash collision count only grows. */
export function validateCollisionCount(
  status: { collisionCount?: number | undefined } | undefined,
  old: { collisionCount?: number | undefined } | undefined,
): FieldError[] {
  const before = old?.collisionCount;
  const now = status?.collisionCount;
  return isSet(before) && (now ?? -1) < before
    ? [invalid('status.collisionCount', now ?? 0, 'cannot be decremented')]
    : [];
}
