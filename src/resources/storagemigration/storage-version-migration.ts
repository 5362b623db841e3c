/** StorageVersionMigration. Source: k8s.io/kubernetes/pkg/apis/storagemigration. */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { unchanged } from '../../objects/field-checks.ts';
import { type FieldError, immutable, invalid, required } from '../../objects/field-error.ts';
import type { StorageVersionMigration } from '../../objects/generated/storagemigration-v1.gen.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../objects/names.ts';

function validate(o: StorageVersionMigration): FieldError[] {
  const { resource = '', group = '' } = o.spec?.resource ?? {};
  const errors: FieldError[] = [];
  const check = (value: string, wrong: string[], field: string): void => {
    if (wrong.length > 0) errors.push(invalid(field, value, wrong.join(',')));
  };
  if (resource === '') errors.push(required('spec.resource.resource', 'resource is required to be set'));
  else check(resource, isDNS1035Label(resource), 'spec.resource.resource');
  if (group !== '') check(group, isDNS1123Subdomain(group), 'spec.resource.group');
  return errors;
}

const isTrue = (o: StorageVersionMigration, type: string): boolean =>
  (o.status?.conditions ?? []).some((c) => c.type === type && c.status === 'True');

function validateStatus(o: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const errors = validateConditions(o.status?.conditions, 'status.conditions');
  const before = old.status?.resourceVersion ?? '';
  const now = o.status?.resourceVersion ?? '';
  if (before !== '' && before !== now) errors.push(immutable('status.resourceVersion', now));
  const conditions = o.status?.conditions ?? [];
  const field = 'status.conditions';
  if (isTrue(o, 'Succeeded') && isTrue(o, 'Failed'))
    errors.push(invalid(field, conditions, 'Both success and failed conditions cannot be true at the same time'));
  if (isTrue(old, 'Succeeded') && !isTrue(o, 'Succeeded'))
    errors.push(invalid(field, conditions, 'Success condition cannot be set to false once it is true'));
  if (isTrue(old, 'Failed') && !isTrue(o, 'Failed'))
    errors.push(invalid(field, conditions, 'Failed condition cannot be set to false once it is true'));
  return errors;
}

/** As a message prints it: the fields of the internal type. */
const printedSpec = (o: StorageVersionMigration): object => ({
  Resource: { group: o.spec?.resource?.group ?? '', resource: o.spec?.resource?.resource ?? '' },
});

export const storageVersionMigration: Strategy<StorageVersionMigration> = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  validate,
  validateUpdate: (o, old) => [...validate(o), ...unchanged(o.spec, old.spec, 'spec', printedSpec(o))],
  validateStatusUpdate: validateStatus,
};
