/** CSIStorageCapacities. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { dns1123Subdomain, isSet, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, immutable, negative } from '../../objects/field-error.ts';
import type { CSIStorageCapacity } from '../../objects/generated/storage-v1.gen.ts';
import { compareQuantities } from '../../objects/quantity.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';

function validateCapacity(o: CSIStorageCapacity): FieldError[] {
  const errors = validateLabelSelector(o.nodeTopology, 'nodeTopology');
  errors.push(...dns1123Subdomain(o.storageClassName ?? '', 'storageClassName'));
  if (isSet(o.capacity) && compareQuantities(o.capacity, '0') < 0) errors.push(negative('capacity', o.capacity));
  return errors;
}

export const csiStorageCapacity: Strategy<CSIStorageCapacity> = {
  allowUnconditionalUpdate: false,
  validate: validateCapacity,
  validateUpdate: (o, old) => [
    ...validateCapacity(o),
    // One that selects everything is not none.
    ...(isSet(o.nodeTopology) === isSet(old.nodeTopology) && sameData(o.nodeTopology, old.nodeTopology)
      ? []
      : [immutable('nodeTopology', o.nodeTopology ?? null)]),
    ...unchanged(o.storageClassName, old.storageClassName, 'storageClassName', o.storageClassName ?? ''),
  ],
};
