/** The conditions that newer kinds have in their status. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation. */

import { checked } from './field-checks.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from './field-error.ts';
import type { Condition } from './generated/meta-v1.gen.ts';
import { byteLength, isConditionReason } from './names.ts';
import type { Unchecked } from './object.ts';
import { validateLabelName } from './selector-validation.ts';

const STATUSES = ['False', 'True', 'Unknown'];
export const REASON_MAX_BYTES = 1024;
export const MESSAGE_MAX_BYTES = 32 * 1024;

export function validateConditions(conditions: Unchecked<Condition>[] | null | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [i, condition] of (conditions ?? []).entries()) {
    const at = `${field}[${i}]`;
    const type: string = condition.type ?? '';
    if (types.has(type)) errors.push(duplicate(at, type));
    types.add(type);
    if (type === '') errors.push(required(`${at}.type`, 'is required'));
    else errors.push(...validateLabelName(type, `${at}.type`));
    if (!condition.status) errors.push(required(`${at}.status`));
    else if (!STATUSES.includes(condition.status))
      errors.push(notSupported(`${at}.status`, condition.status, STATUSES));
    if ((condition.observedGeneration ?? 0) < 0)
      errors.push(
        invalid(`${at}.observedGeneration`, condition.observedGeneration, 'must be greater than or equal to zero'),
      );
    if (!condition.lastTransitionTime) errors.push(required(`${at}.lastTransitionTime`));
    if (!condition.reason) errors.push(required(`${at}.reason`));
    else {
      errors.push(...checked(isConditionReason(condition.reason), `${at}.reason`, condition.reason));
      if (byteLength(condition.reason) > REASON_MAX_BYTES) errors.push(tooLong(`${at}.reason`, REASON_MAX_BYTES));
    }
    if (byteLength(condition.message ?? '') > MESSAGE_MAX_BYTES)
      errors.push(tooLong(`${at}.message`, MESSAGE_MAX_BYTES));
  }
  return errors;
}
