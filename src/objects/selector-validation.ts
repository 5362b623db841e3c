/** Validation of labels and of LabelSelector objects. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation. */

import { type FieldError, forbidden, invalid, required } from './field-error.ts';
import { isLabelValue, isQualifiedName } from './names.ts';
import type { Unchecked } from './object.ts';
import type { LabelSelector, SelectorRequirement } from './selectors.ts';

export interface SelectorOptions {
  /** For fields that have always accepted bad values, and are not changing now. */
  allowInvalidLabelValue?: boolean;
  /** Whether `Gt` and `Lt` are operators, as in node selectors. */
  comparisons?: boolean;
}

export const validateLabelName = (name: string, field: string): FieldError[] =>
  isQualifiedName(name).map((words) => invalid(field, name, words));

export function validateLabels(labels: Record<string, string> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...validateLabelName(key, field));
    for (const words of isLabelValue(value)) errors.push(invalid(field, value, words));
  }
  return errors;
}

export function validateLabelSelector(
  selector: Unchecked<LabelSelector> | undefined,
  field: string,
  options: SelectorOptions = {},
): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, `${field}.matchLabels`);
  for (const [i, requirement] of (selector.matchExpressions ?? []).entries())
    errors.push(...validateRequirement(requirement, `${field}.matchExpressions[${i}]`, options));
  return errors;
}

export function validateRequirement(
  r: Unchecked<SelectorRequirement>,
  field: string,
  options: SelectorOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  const values = r.values ?? [];
  switch (r.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      if (!options.comparisons || (r.operator !== 'Gt' && r.operator !== 'Lt'))
        errors.push(invalid(`${field}.operator`, r.operator ?? '', 'not a valid selector operator'));
      else if (values.length !== 1)
        errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  }
  errors.push(...validateLabelName(r.key ?? '', `${field}.key`));
  if (options.allowInvalidLabelValue) return errors;
  for (const [i, value] of values.entries())
    for (const words of isLabelValue(value)) errors.push(invalid(`${field}.values[${i}]`, value, words));
  return errors;
}
