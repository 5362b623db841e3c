/** Validation of a job's rules for failure and success. Source: k8s.io/kubernetes/pkg/apis/batch/validation. */

import { isSet, nonNegative, qualifiedName } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../objects/field-error.ts';
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../objects/generated/batch-v1.gen.ts';
import { byteLength } from '../../objects/names.ts';
import { repeats } from '../../objects/repeats.ts';
import { countIndexes } from './job-indexes.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

const STATUSES = ['False', 'True', 'Unknown'];

const oneOf = (values: readonly string[]): string =>
  `valid values: [${values.map((v) => JSON.stringify(v)).join(' ')}]`;

function exitCodes(rule: PodFailurePolicyOnExitCodesRequirement, field: string, containers: string[]): FieldError[] {
  const errors: FieldError[] = [];
  const operators = ['In', 'NotIn'];
  const { operator, containerName } = rule;
  const values: number[] = rule.values ?? [];
  if (!operator) errors.push(required(`${field}.operator`, oneOf(operators)));
  else if (!operators.includes(operator)) errors.push(notSupported(`${field}.operator`, operator, operators));
  if (isSet(containerName) && !containers.includes(containerName))
    errors.push(
      invalid(
        `${field}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  if (values.length === 0)
    errors.push(invalid(`${field}.values`, rule.values ?? null, 'at least one value is required'));
  else if (values.length > 255) errors.push(tooMany(`${field}.values`, values.length, 255));
  const again = repeats(values);
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      errors.push(invalid(`${field}.values[${i}]`, value, 'must not be 0 for the In operator'));
    if (again[i]) errors.push(duplicate(`${field}.values[${i}]`, value));
  }
  if (values.some((value, i) => i > 0 && values[i - 1]! > value))
    errors.push(invalid(`${field}.values`, values, 'must be ordered'));
  return errors;
}

function failureRule(rule: PodFailurePolicyRule, spec: JobSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const path = `${field}.action`;
  if (!rule.action) errors.push(required(path, oneOf(ACTIONS)));
  else if (rule.action === 'FailIndex') {
    if (!isSet(spec.backoffLimitPerIndex))
      errors.push(invalid(path, rule.action, 'requires the backoffLimitPerIndex to be set'));
  } else if (!ACTIONS.includes(rule.action)) errors.push(notSupported(path, rule.action, ACTIONS));
  const pod = spec.template.spec;
  const names = [...(pod.containers ?? []), ...(pod.initContainers ?? [])].map((c) => c.name);
  if (rule.onExitCodes) errors.push(...exitCodes(rule.onExitCodes, `${field}.onExitCodes`, names));
  const conditions = rule.onPodConditions ?? [];
  if (conditions.length > 20) errors.push(tooMany(`${field}.onPodConditions`, conditions.length, 20));
  for (const [i, { type = '', status }] of conditions.entries()) {
    const where = `${field}.onPodConditions[${i}]`;
    errors.push(...qualifiedName(type, `${where}.type`));
    if (!status) errors.push(required(`${where}.status`, oneOf(STATUSES)));
    else if (!STATUSES.includes(status)) errors.push(notSupported(`${where}.status`, status, STATUSES));
  }
  const omitted = (words: string): FieldError => ({
    type: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${words}`,
  });
  if (rule.onExitCodes && conditions.length > 0)
    errors.push(omitted('specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!rule.onExitCodes && conditions.length === 0)
    errors.push(omitted('specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

export function failurePolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors = rules.length > 20 ? [tooMany(`${field}.rules`, rules.length, 20)] : [];
  for (const [i, rule] of rules.entries()) errors.push(...failureRule(rule, spec, `${field}.rules[${i}]`));
  return errors;
}

export function successPolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const path = `${field}.rules`;
  const errors: FieldError[] = [];
  if (rules.length === 0)
    errors.push(required(path, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > 20) errors.push(tooMany(path, rules.length, 20));
  for (const [i, { succeededCount: count, succeededIndexes: indexes }] of rules.entries()) {
    const where = `${path}[${i}]`;
    const completions = spec.completions ?? 0;
    if (!isSet(count) && !isSet(indexes))
      errors.push(required(where, 'at least one of succeededCount or succeededIndexes must be specified'));
    let total = 0;
    if (isSet(indexes)) {
      if (byteLength(indexes) > 65536) errors.push(tooLong(`${where}.succeededIndexes`, 65536));
      const counted = countIndexes(indexes, completions);
      if (typeof counted === 'number') total = counted;
      else
        errors.push(invalid(`${where}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted.error}`));
    }
    if (!isSet(count)) continue;
    const field = `${where}.succeededCount`;
    errors.push(...nonNegative(count, field));
    if (count > completions)
      errors.push(
        invalid(field, count, `must be less than or equal to ${completions} (the number of specified completions)`),
      );
    if (isSet(indexes) && count > total)
      errors.push(
        invalid(
          field,
          count,
          `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
        ),
      );
  }
  return errors;
}
