/** ConfigMaps, Secrets and ServiceAccounts. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { checked, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, required, tooLong, WHOLE_OBJECT } from '../../objects/field-error.ts';
import { sameData } from '../../objects/go-value.ts';
import { byteLength, isConfigMapKey } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';

/** All values together, in bytes. */
const SIZE_MAX = 1024 * 1024;
const ACCOUNT = 'kubernetes.io/service-account.name';

/** Bytes that a base64 text stands for; null is Go's empty slice. */
function decodedLength(text: string | null): number {
  if (text === null) return 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** The keys for which something is to be said, in their order. */
const faultyKeys = (map: Record<string, unknown> | undefined, isFaulty: (key: string) => boolean): string[] =>
  Object.keys(map ?? {})
    .filter(isFaulty)
    .sort();

function sizeOf<T>(map: Record<string, T> | undefined, size: (value: T) => number): number {
  let total = 0;
  for (const value of Object.values(map ?? {})) total += size(value);
  return total;
}

const FROZEN = 'field is immutable when `immutable` is set';

function frozen(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  if (!object.immutable) errors.push(forbidden('immutable', FROZEN));
  for (const key of fields) if (!sameData(object[key], old[key])) errors.push(forbidden(key, FROZEN));
  return errors;
}

function validateConfigMap(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const isOdd = (key: string): boolean => isConfigMapKey(key).length > 0;
  const isTwice = (key: string): boolean => object.binaryData?.[key] !== undefined;
  for (const key of faultyKeys(object.data, (k) => isOdd(k) || isTwice(k))) {
    errors.push(...checked(isConfigMapKey(key), `data[${key}]`, key));
    if (isTwice(key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  for (const key of faultyKeys(object.binaryData, isOdd))
    errors.push(...checked(isConfigMapKey(key), `binaryData[${key}]`, key));
  const size = sizeOf<string>(object.data, byteLength) + sizeOf(object.binaryData, decodedLength);
  if (size > SIZE_MAX) errors.push(tooLong(WHOLE_OBJECT, SIZE_MAX));
  return errors;
}

/** What secrets of a known type must hold. */
function typeErrors(object: KubeObject): FieldError[] {
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

function validateSecret(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of faultyKeys(object.data, (k) => isConfigMapKey(k).length > 0))
    errors.push(...checked(isConfigMapKey(key), `data[${key}]`, key));
  const size = sizeOf(object.data, decodedLength);
  if (size > SIZE_MAX) errors.push(tooLong('data', SIZE_MAX));
  return [...errors, ...typeErrors(object)];
}

/** `stringData` is only for writing. */
function foldStringData(object: KubeObject): void {
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

const configmaps: Strategy = {
  validate: validateConfigMap,
  validateUpdate: (object, old) => [...frozen(object, old, ['data', 'binaryData']), ...validateConfigMap(object)],
};

const secrets: Strategy = {
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

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

/** Of the secrets, only their names are kept. */
function nameSecrets({ secrets }: KubeObject): void {
  if (secrets) for (const [i, secret] of secrets.entries()) secrets[i] = secret.name ? { name: secret.name } : {};
}

const serviceaccounts: Strategy = {
  hasGeneration: false,
  prepareForCreate: nameSecrets,
  prepareForUpdate: nameSecrets,
  warnings: (object, old) =>
    object.metadata.annotations?.[MOUNTABLE] !== undefined && old?.metadata.annotations?.[MOUNTABLE] === undefined
      ? [
          `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ]
      : [],
};

export const CONFIGURATION_STRATEGIES: Record<string, Strategy> = { configmaps, secrets, serviceaccounts };
