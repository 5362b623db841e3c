/** Lease. Source: k8s.io/kubernetes/pkg/apis/coordination. */
import { isSet } from './field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported } from './field-error.ts';
import { isQualifiedName } from './names.ts';
import type { KubeObject } from './object.ts';
import type { Strategy } from './strategy.ts';

const STRATEGIES = ['OldestEmulationVersion'];

function validate(o: KubeObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = o.spec ?? {};
  const errors: FieldError[] = [];
  if (isSet(leaseDurationSeconds) && leaseDurationSeconds <= 0)
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  if (isSet(leaseTransitions) && leaseTransitions < 0)
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  if (isSet(strategy)) {
    // The real one names the field twice.
    const field = 'spec.strategy.strategy';
    if (strategy.includes('/'))
      errors.push(...isQualifiedName(strategy).map((words) => invalid(field, strategy, words)));
    else if (!STRATEGIES.includes(strategy)) errors.push(notSupported(field, strategy, STRATEGIES));
  }
  if (preferredHolder && !strategy)
    errors.push(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'));
  return errors;
}

export const COORDINATION_STRATEGIES: Record<string, Strategy> = {
  'leases.coordination.k8s.io': { allowCreateOnUpdate: true, allowUnconditionalUpdate: false, validate },
};
