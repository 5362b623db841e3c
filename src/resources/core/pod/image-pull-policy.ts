/** When an image is pulled. */
import { type FieldError, notSupported, required } from '../../../objects/field-error.ts';

const POLICIES = ['Always', 'IfNotPresent', 'Never'];

export function validatePullPolicy(policy: string | undefined, field: string): FieldError[] {
  if (!policy) return [required(field)];
  return POLICIES.includes(policy) ? [] : [notSupported(field, policy, POLICIES)];
}
