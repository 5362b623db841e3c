/** Validation of where a pod may run: affinity, tolerations, spread. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { checked, dns1123Label, isSet, positive, qualifiedName } from '../../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../objects/field-error.ts';
import type {
  Affinity,
  PodAffinity,
  PodAffinityTerm,
  PodSchedulingGate,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../../../objects/generated/core-v1.gen.ts';
import type { LabelSelector } from '../../../objects/generated/meta-v1.gen.ts';
import { isLabelValue } from '../../../objects/names.ts';
import { repeats } from '../../../objects/repeats.ts';
import { validateLabelName, validateLabelSelector } from '../../../objects/selector-validation.ts';
import { validateNodeAffinity, validateWeight } from '../node-selector-validation.ts';

function labelKeys(keys: string[] | undefined, selector: LabelSelector | undefined, field: string): FieldError[] {
  if (!keys?.length) return [];
  if (!selector) return [forbidden(field, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, i) => validateLabelName(key, `${field}[${i}]`));
}

function matchLabelKeys(holder: Partial<PodAffinityTerm>, field: string): FieldError[] {
  const { matchLabelKeys: match, mismatchLabelKeys: mismatch, labelSelector: selector } = holder;
  const errors = labelKeys(match, selector, `${field}.matchLabelKeys`);
  errors.push(...labelKeys(mismatch, selector, `${field}.mismatchLabelKeys`));
  if (selector) {
    const seen = new Set(Object.keys(selector.matchLabels ?? {}));
    for (const { key } of selector.matchExpressions ?? []) {
      const i = (match ?? []).lastIndexOf(key);
      if (i >= 0 && seen.has(key))
        errors.push(invalid(`${field}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'));
      seen.add(key);
    }
  }
  for (const [i, key] of (match ?? []).entries())
    if (mismatch?.includes(key))
      errors.push(invalid(`${field}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  return errors;
}

function podTerm(term: PodAffinityTerm, field: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
  ];
  for (const name of term.namespaces ?? []) errors.push(...dns1123Label(name, `${field}.namespace`));
  errors.push(...matchLabelKeys(term, field));
  if (!term.topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
  errors.push(...validateLabelName(term.topologyKey ?? '', `${field}.topologyKey`));
  return errors;
}

function podAffinity(affinity: PodAffinity, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, term] of (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    errors.push(...podTerm(term, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`));
  for (const [i, weighted] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(
      ...validateWeight(weighted, path),
      ...podTerm(weighted.podAffinityTerm ?? {}, `${path}.podAffinityTerm`),
    );
  }
  return errors;
}

export function validateAffinity(affinity: Affinity | undefined, field: string): FieldError[] {
  if (!affinity) return [];
  return [
    ...(affinity.nodeAffinity ? validateNodeAffinity(affinity.nodeAffinity, `${field}.nodeAffinity`) : []),
    ...(affinity.podAffinity ? podAffinity(affinity.podAffinity, `${field}.podAffinity`) : []),
    ...(affinity.podAntiAffinity ? podAffinity(affinity.podAntiAffinity, `${field}.podAntiAffinity`) : []),
  ];
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTaintEffect(effect: string | undefined, field: string): FieldError[] {
  if (!effect) return [required(field)];
  return EFFECTS.includes(effect) ? [] : [notSupported(field, effect, EFFECTS)];
}

const OPERATORS = ['Equal', 'Exists'];

export function validateTolerations(tolerations: Toleration[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { key = '', operator = '', value = '', effect = '', tolerationSeconds }] of (
    tolerations ?? []
  ).entries()) {
    const path = `${field}[${i}]`;
    if (key) errors.push(...validateLabelName(key, `${path}.key`));
    if (!key && operator !== 'Exists')
      errors.push(
        invalid(
          `${path}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (isSet(tolerationSeconds) && effect !== 'NoExecute')
      errors.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === 'Equal' || operator === '') {
      const wrong = isLabelValue(value);
      if (wrong.length > 0) errors.push(invalid(`${path}.operator`, value, wrong.join(';')));
    } else if (operator === 'Exists') {
      if (value) errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else
      errors.push(
        notSupported(
          `${path}.operator`,
          operator,
          operator === 'Lt' || operator === 'Gt' ? [...OPERATORS, 'Lt', 'Gt'] : OPERATORS,
        ),
      );
    if (effect) errors.push(...validateTaintEffect(effect, `${path}.effect`));
  }
  return errors;
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSIONS = ['Honor', 'Ignore'];

export function validateTopologySpread(
  constraints: TopologySpreadConstraint[] | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const backwards = [...(constraints ?? [])].reverse();
  const comesAgain = repeats(backwards, (c) => JSON.stringify([c.topologyKey, c.whenUnsatisfiable]));
  for (const [i, constraint] of (constraints ?? []).entries()) {
    const path = `${field}[${i}]`;
    const { maxSkew, topologyKey = '', whenUnsatisfiable = '', minDomains } = constraint;
    errors.push(...positive(maxSkew, `${path}.maxSkew`));
    if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
    if (!ACTIONS.includes(whenUnsatisfiable))
      errors.push(notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS));
    if (comesAgain[comesAgain.length - 1 - i])
      errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (isSet(minDomains)) {
      errors.push(...positive(minDomains, `${path}.minDomains`));
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          invalid(
            `${path}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        );
    }
    for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const)
      if (isSet(constraint[key]) && !INCLUSIONS.includes(constraint[key]))
        errors.push(notSupported(`${path}.${key}`, constraint[key], INCLUSIONS));
    errors.push(...matchLabelKeys(constraint, path));
    errors.push(...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`));
  }
  return errors;
}

export function validateSchedulingGates(gates: PodSchedulingGate[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { name = '' }] of (gates ?? []).entries()) {
    errors.push(...qualifiedName(name, `${field}[${i}]`));
    if (seen.has(name)) errors.push(duplicate(`${field}[${i}]`, name));
    seen.add(name);
  }
  return errors;
}

/** Taints of a node; `duplicates` are told apart by key and effect. */
export function validateTaints(
  taints: Taint[] | undefined,
  field: string,
  print: (taint: Taint) => unknown,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, taint] of (taints ?? []).entries()) {
    const path = `${field}[${i}]`;
    errors.push(...validateLabelName(taint.key ?? '', `${path}.key`));
    const wrong = isLabelValue(taint.value ?? '');
    if (wrong.length > 0) errors.push(...checked([wrong.join(';')], `${path}.value`, taint.value ?? ''));
    errors.push(...validateTaintEffect(taint.effect, `${path}.effect`));
    const id = `${taint.effect ?? ''}/${taint.key ?? ''}`;
    if (seen.has(id)) {
      const error = duplicate(path, print(taint));
      errors.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` });
    }
    seen.add(id);
  }
  return errors;
}
