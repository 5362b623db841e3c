/** Secrets. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { checked, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, required, tooLong } from '../../objects/field-error.ts';
import type { Secret } from '../../objects/generated/core-v1.gen.ts';
import { isConfigMapKey, isPlainKey } from '../../objects/names.ts';
import { decodedLength, faultyKeys, frozen, SIZE_MAX, sizeOf } from './data-keys.ts';

const ACCOUNT = 'kubernetes.io/service-account.name';

/** What secrets of a known type must hold. */
function typeErrors(object: Secret): FieldError[] {
  const data = object.data ?? {};
  const missing = (...keys: string[]): FieldError[] =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (object.type) {
    case 'kubernetes.io/service-account-token':
      return object.metadata.annotations?.[ACCOUNT] ? [] : [required(`metadata.annotations[${ACCOUNT}]`)];
    case 'kubernetes.io/dockercfg':
      return dockerConfig(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return dockerConfig(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth': {
      const errors = missing('username', 'password');
      return errors.length === 2 ? errors : [];
    }
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key');
    default:
      return [];
  }
}

function dockerConfig(data: Record<string, string>, key: string): FieldError[] {
  const value = data[key];
  if (value === undefined) return [required(`data[${key}]`)];
  const words = jsonObjectError(atob(value));
  return words ? [invalid(`data[${key}]`, '<secret contents redacted>', words)] : [];
}

/** Go's words for a text that isn't a JSON object. */
function jsonObjectError(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  try {
    const value = JSON.parse(text);
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
      return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
    }
    return undefined;
  } catch {
    const first = text.trim().charAt(0);
    return /[{["\d\-tfn]/.test(first)
      ? 'unexpected end of JSON input'
      : `invalid character '${first}' looking for beginning of value`;
  }
}

function validateSecret(object: Secret): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of faultyKeys(object.data, (key) => !isPlainKey(key)))
    errors.push(...checked(isConfigMapKey(key), `data[${key}]`, key));
  const size = sizeOf(object.data, decodedLength);
  if (size > SIZE_MAX) errors.push(tooLong('data', SIZE_MAX));
  return [...errors, ...typeErrors(object)];
}

/** `stringData` is only for writing. */
function foldStringData(object: Secret): void {
  if (!object.stringData) return;
  object.data = { ...object.data };
  for (const [key, value] of Object.entries<string>(object.stringData)) {
    const bytes = new TextEncoder().encode(value);
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    object.data[key] = btoa(binary);
  }
  delete object.stringData;
}

export const secrets: Strategy<Secret> = {
  defaults(object) {
    foldStringData(object);
    object.type ||= 'Opaque';
  },
  prepareForUpdate(object, old) {
    object.type ||= old.type;
  },
  validate: validateSecret,
  validateUpdate: (object, old) => [
    ...unchanged(object.type, old.type, 'type'),
    ...frozen(object, old, ['data']),
    ...validateSecret(object),
  ],
  selectableFields: (object) => ({ type: object.type ?? '' }),
};
