/** Objects within an object say what they are, and have metadata as all have. models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta */

import { validateMetadata } from '../../catalog/metadata.ts';
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { isDNS1035Label } from '../../objects/names.ts';
import type { ObjectMeta } from '../../objects/object.ts';
import { isEmbedded, itemsOf, memberSchema, propertyOf, type Schema } from './schema.ts';

/** `path`: of the value, '' for an object as a whole, which is no embedded one. */
export function validateEmbedded(schema: Schema | undefined, value: unknown, path = ''): FieldError[] {
  if (!schema || !concernsEmbedded(schema)) return [];
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.flatMap((item, i) => validateEmbedded(items, item, `${path}[${i}]`));
  }
  if (!isJSONObject(value)) return [];
  const errors = isEmbedded(schema) && path !== '' ? validateObject(value, path) : [];
  for (const name of Object.keys(value)) {
    const at = propertyOf(schema, name) ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    errors.push(...validateEmbedded(memberSchema(schema, name), value[name], at));
  }
  return errors;
}

const concerned = new WeakMap<Schema, boolean>();

/** Whether a schema, or one below it, is that of an embedded object. */
export function concernsEmbedded(schema: Schema): boolean {
  let found = concerned.get(schema);
  if (found === undefined) {
    const { additionalProperties } = schema;
    const additional = isJSONObject(additionalProperties) ? (additionalProperties as Schema) : undefined;
    found =
      isEmbedded(schema) ||
      [...Object.values(schema.properties ?? {}), additional, itemsOf(schema)].some(
        (below) => below !== undefined && concernsEmbedded(below),
      );
    concerned.set(schema, found);
  }
  return found;
}

function validateObject(object: JSONObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion, kind, metadata } = object;
  if (apiVersion === undefined) errors.push(required(`${path}.apiVersion`));
  if (kind === undefined) errors.push(required(`${path}.kind`));
  if (apiVersion !== undefined) errors.push(...validateVersion(apiVersion, `${path}.apiVersion`));
  if (kind !== undefined) errors.push(...validateKind(kind, `${path}.kind`));
  if (isJSONObject(metadata)) errors.push(...validateMeta(metadata, `${path}.metadata`));
  return errors;
}

function validateVersion(value: unknown, field: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value === '') return [invalid(field, value, 'must not be empty')];
  return value.split('/').length > 2 ? [invalid(field, value, `unexpected GroupVersion string: ${value}`)] : [];
}

function validateKind(value: unknown, field: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value === '') return [invalid(field, value, 'must not be empty')];
  const wrong = isDNS1035Label(value.toLowerCase()).join(',');
  return wrong ? [invalid(field, value, `may have mixed case, but should otherwise match: ${wrong}`)] : [];
}

function validateMeta(metadata: JSONObject, path: string): FieldError[] {
  // It need not have a name, and is in no place where one would be given to it.
  const named = { ...metadata, name: metadata.name || 'fakename' } as ObjectMeta;
  return validateMetadata({ metadata: named }, { namespaced: Boolean(metadata.namespace) }, 'path', path, 'any');
}
