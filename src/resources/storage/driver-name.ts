/** Names of CSI drivers. */
import { type FieldError, invalid, required, tooLong } from '../../objects/field-error.ts';
import { byteLength, isDNS1123Subdomain } from '../../objects/names.ts';

export const DRIVER_NAME_MAX = 63;

export function validateDriverName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)];
  const errors = byteLength(name) > DRIVER_NAME_MAX ? [tooLong(field, DRIVER_NAME_MAX)] : [];
  for (const words of isDNS1123Subdomain(name.toLowerCase())) errors.push(invalid(field, name, words));
  return errors;
}
