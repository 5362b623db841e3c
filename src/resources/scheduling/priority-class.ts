/** PriorityClass. Source: k8s.io/kubernetes/pkg/apis/scheduling. */

import type { Strategy } from '../../catalog/strategy.ts';
import { isSet, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, notSupported, required } from '../../objects/field-error.ts';
import type { PriorityClass } from '../../objects/generated/scheduling-v1.gen.ts';
import { forbidden as refused } from '../../objects/status.ts';

export const USER_PRIORITY_MAX = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};
const POLICIES = ['PreemptLowerPriority', 'Never'];

function wrongSystemClass(o: PriorityClass): string | undefined {
  const { name } = o.metadata;
  const value = SYSTEM_CLASSES[name];
  if (value === undefined) return `${name} is not a known system priority class`;
  if (value !== o.value) return `value of ${name} PriorityClass must be ${value}`;
  return o.globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validate(o: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (o.metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const wrong = wrongSystemClass(o);
    if (wrong)
      errors.push(
        forbidden(
          'metadata.name',
          `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`,
        ),
      );
  } else if ((o.value ?? 0) > USER_PRIORITY_MAX)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`));
  if (o.preemptionPolicy === '') errors.push(required('preemptionPolicy'));
  else if (isSet(o.preemptionPolicy) && !POLICIES.includes(o.preemptionPolicy))
    errors.push(notSupported('preemptionPolicy', o.preemptionPolicy, POLICIES));
  return errors;
}

const RESOURCE = 'priorityclasses.scheduling.k8s.io';

export const priorityClass: Strategy<PriorityClass> = {
  hasGeneration: true,
  reads: (o, operation) => (operation !== 'delete' && o.globalDefault ? [{ resource: RESOURCE }] : []),
  // The admission plugin Priority: one default at most.
  admit: (o, old, { view }) => {
    if (!o.globalDefault) return;
    const defaults = view.list(RESOURCE).filter((c) => c.globalDefault);
    const lowest = defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]?.metadata.name;
    if (lowest === undefined || (old && lowest === o.metadata.name)) return;
    throw refused(
      { group: 'scheduling.k8s.io', resource: 'priorityclasses' },
      o.metadata.name,
      `PriorityClass ${lowest} is already marked as default. Only one default can exist`,
    );
  },
  defaults: (o) => {
    o.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate,
  validateUpdate: (o, old) => [
    ...((o.value ?? 0) === (old.value ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...unchanged(o.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy'),
  ],
};
