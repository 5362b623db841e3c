/** Lease. Source: k8s.io/kubernetes/pkg/apis/coordination. */

import type { Strategy } from '../../catalog/strategy.ts';
import { isSet } from '../../objects/field-checks.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { Lease } from '../../objects/generated/coordination-v1.gen.ts';

function validate(o: Lease): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = o.spec ?? {};
  const errors: FieldError[] = [];
  if (isSet(leaseDurationSeconds) && leaseDurationSeconds <= 0)
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  if (isSet(leaseTransitions) && leaseTransitions < 0)
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  return errors;
}

/** Coordinated leader election is behind a gate that is off. */
function dropCoordinated(o: Lease): void {
  delete o.spec?.strategy;
  delete o.spec?.preferredHolder;
}

export const lease: Strategy<Lease> = {
  metadataRules: 'plain',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  prepareForCreate: dropCoordinated,
  prepareForUpdate: dropCoordinated,
  validate,
};
