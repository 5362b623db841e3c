/** Numbers that may be percentages. Source: k8s.io/kubernetes/pkg/apis/apps/validation. */
import { checked, nonNegative } from './field-checks.ts';
import { type FieldError, invalid } from './field-error.ts';
import { isPercent } from './names.ts';

const percentOf = (value: unknown): number | undefined =>
  typeof value === 'string' && /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;

/** The number, or the percentage's; 0 for what is neither. */
export function intOrPercentValue(value: unknown): number {
  if (typeof value === 'number') return value;
  return percentOf(value) ?? (/^-?\d+$/.test(String(value ?? '')) ? Number(value) : 0);
}

export const positiveIntOrPercent = (value: number | string | undefined, field: string): FieldError[] =>
  typeof value === 'string' ? checked(isPercent(value), field, value) : nonNegative(value, field);

export function notMoreThan100Percent(value: unknown, field: string): FieldError[] {
  const percent = percentOf(value);
  return percent === undefined || percent <= 100 ? [] : [invalid(field, value, 'must not be greater than 100%')];
}
