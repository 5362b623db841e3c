/** Validation of node selectors and affinities, for pods and volumes. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { dns1123Subdomain } from '../../objects/field-checks.ts';
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type {
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../../objects/generated/core-v1.gen.ts';
import { validateRequirement } from '../../objects/selector-validation.ts';

function fieldRequirement(r: NodeSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const values: string[] = r.values ?? [];
  if (r.operator === 'In' || r.operator === 'NotIn') {
    if (values.length !== 1)
      errors.push(
        required(
          `${field}.values`,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
  } else errors.push(invalid(`${field}.operator`, r.operator ?? '', 'not a valid selector operator'));
  if (r.key !== 'metadata.name') errors.push(invalid(`${field}.key`, r.key ?? '', 'not a valid field selector key'));
  else for (const [i, value] of values.entries()) errors.push(...dns1123Subdomain(value, `${field}.values[${i}]`));
  return errors;
}

function term(value: NodeSelectorTerm, field: string, anyValue: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const options = { comparisons: true, allowInvalidLabelValue: anyValue };
  for (const [i, r] of (value?.matchExpressions ?? []).entries())
    errors.push(...validateRequirement(r, `${field}.matchExpressions[${i}]`, options));
  for (const [i, r] of (value?.matchFields ?? []).entries())
    errors.push(...fieldRequirement(r, `${field}.matchFields[${i}]`));
  return errors;
}

export function validateNodeSelector(selector: NodeSelector, field: string): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return terms.flatMap((value, i) => term(value, `${field}.nodeSelectorTerms[${i}]`, false));
}

export const validateWeight = (value: { weight?: number }, field: string): FieldError[] => {
  const number = value.weight ?? 0;
  return number <= 0 || number > 100 ? [invalid(`${field}.weight`, number, 'must be in the range 1-100')] : [];
};

export function validateNodeAffinity(affinity: NodeAffinity, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const needed = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  if (needed) errors.push(...validateNodeSelector(needed, `${field}.requiredDuringSchedulingIgnoredDuringExecution`));
  for (const [i, preferred] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(...validateWeight(preferred, path), ...term(preferred.preference, `${path}.preference`, true));
  }
  return errors;
}
