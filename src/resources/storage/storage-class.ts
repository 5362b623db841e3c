/** StorageClasses. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet, qualifiedName } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, immutable, notSupported, required } from '../../objects/field-error.ts';
import type { TopologySelectorTerm } from '../../objects/generated/core-v1.gen.ts';
import type { StorageClass } from '../../objects/generated/storage-v1.gen.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelName } from '../../objects/selector-validation.ts';
import { deprecatedLabel } from '../core/deprecated-labels.ts';
import { validateParameters } from './parameters.ts';

function validateTopologies(terms: TopologySelectorTerm[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen: string[] = [];
  for (const [i, term] of terms.entries()) {
    const at = `allowedTopologies[${i}].matchLabelExpressions`;
    const byKey: Record<string, string[]> = {};
    for (const [j, { key = '', values: listed }] of (term.matchLabelExpressions ?? []).entries()) {
      const values: string[] = listed ?? [];
      if (values.length === 0) errors.push(required(`${at}[${j}].values`));
      const again = repeats(values);
      for (const [k, value] of values.entries())
        if (again[k]) errors.push(duplicate(`${at}[${j}].values[${k}]`, value));
      errors.push(...validateLabelName(key, `${at}[${j}].key`));
      if (Object.hasOwn(byKey, key)) errors.push(duplicate(`${at}[${j}].key`, key));
      byKey[key] = [...new Set<string>(values)].sort();
    }
    const text = JSON.stringify(Object.entries(byKey).sort(([a], [b]) => (a < b ? -1 : 1)));
    // The real server compares with the terms before, and with as many empty ones as there are terms.
    const alike = seen.filter((other) => other === text).length + (text === '[]' ? terms.length : 0);
    for (let n = 0; n < alike; n++) errors.push(duplicate(at, ''));
    seen.push(text);
  }
  return errors;
}

function validateStorageClass(o: StorageClass, old?: StorageClass): FieldError[] {
  const found = new Findings();
  const changed = (field: keyof StorageClass): boolean => old !== undefined && !sameData(o[field], old[field]);
  if (o.provisioner) found.add(...qualifiedName(o.provisioner.toLowerCase(), 'provisioner'));
  found.add(...validateParameters(o.parameters ?? {}, true));
  if (o.reclaimPolicy && o.reclaimPolicy !== 'Delete' && o.reclaimPolicy !== 'Retain')
    found.add(notSupported('reclaimPolicy', o.reclaimPolicy, ['Delete', 'Retain']));
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (!isSet(o.volumeBindingMode)) found.add(required('volumeBindingMode'));
  else if (!modes.includes(o.volumeBindingMode))
    found.add(notSupported('volumeBindingMode', o.volumeBindingMode, modes));
  found.add(...validateTopologies(o.allowedTopologies ?? []));
  if (!o.provisioner) found.declare(required('provisioner'));
  if (changed('provisioner')) found.declare(immutable('provisioner', null));
  for (const field of ['parameters', 'reclaimPolicy', 'volumeBindingMode'] as const)
    if (changed(field)) found.declare(immutable(field, null));
  return found.all();
}

export const storageClass: Strategy<StorageClass> = {
  defaults: (o) => {
    o.reclaimPolicy ??= 'Delete';
    o.volumeBindingMode ??= 'Immediate';
  },
  validate: (o) => validateStorageClass(o),
  validateUpdate: validateStorageClass,
  warnings: (o) =>
    (o.allowedTopologies ?? []).flatMap((term, i) =>
      (term.matchLabelExpressions ?? []).flatMap((expression, j) =>
        deprecatedLabel(expression.key, `allowedTopologies[${i}].matchLabelExpressions[${j}].key`),
      ),
    ),
};
