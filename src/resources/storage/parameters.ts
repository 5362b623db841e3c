/** Parameters of storage classes and of classes of volume attributes. Source: k8s.io/kubernetes/pkg/apis/storage. */
import { type FieldError, invalid, required, tooLong } from '../../objects/field-error.ts';
import { byteLength } from '../../objects/names.ts';

export const PARAMETERS_MAX = 512;

export const PARAMETERS_MAX_BYTES = 256 * 1024;

/** Of all keys and values. */
export const bytesOf = (map: Record<string, string>): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);

export function validateParameters(parameters: Record<string, string>, allowEmpty: boolean): FieldError[] {
  const keys = Object.keys(parameters);
  if (keys.length > PARAMETERS_MAX) return [tooLong('parameters', PARAMETERS_MAX)];
  const errors = keys.filter((key) => key === '').map((key) => invalid('parameters', key, 'field can not be empty.'));
  if (bytesOf(parameters) > PARAMETERS_MAX_BYTES) errors.push(tooLong('parameters', PARAMETERS_MAX_BYTES));
  if (!allowEmpty && keys.length === 0) errors.push(required('parameters', 'must contain at least one key/value pair'));
  return errors;
}
