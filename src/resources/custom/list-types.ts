/**
 * Lists that are sets, or maps by some of their items' fields, have nothing twice.
 * models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype
 */

import { duplicate, type FieldError, invalid } from '../../objects/field-error.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';
import { additionalOf, itemsOf, propertyOf, type Schema } from './schema.ts';

/** `path`: of the value, '' for an object as a whole. */
export function validateListTypes(schema: Schema | undefined, value: unknown, path = ''): FieldError[] {
  if (!schema || !concernsLists(schema)) return [];
  if (Array.isArray(value)) return validateList(schema, value, path);
  if (!isJSONObject(value)) return [];
  const additional = additionalOf(schema);
  return Object.keys(value).flatMap((name) => {
    const property = propertyOf(schema, name);
    if (property) return validateListTypes(property, value[name], path === '' ? name : `${path}.${name}`);
    return additional ? validateListTypes(additional, value[name], `${path}[${name}]`) : [];
  });
}

const concerned = new WeakMap<Schema, boolean>();

/** Whether there is such a list in a schema or below it. */
function concernsLists(schema: Schema): boolean {
  let found = concerned.get(schema);
  if (found === undefined) {
    const type = schema['x-kubernetes-list-type'];
    found =
      type === 'set' ||
      type === 'map' ||
      [...Object.values(schema.properties ?? {}), additionalOf(schema), itemsOf(schema)].some(
        (below) => below !== undefined && concernsLists(below),
      );
    concerned.set(schema, found);
  }
  return found;
}

function validateList(schema: Schema, list: unknown[], path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const own = type === 'set' ? validateSet(list, path) : type === 'map' ? validateMap(schema, list, path) : [];
  const items = itemsOf(schema);
  return [...own, ...(items ? list.flatMap((item, i) => validateListTypes(items, item, `${path}[${i}]`)) : [])];
}

const validateSet = (list: unknown[], path: string): FieldError[] =>
  repeated(list).map((i) => duplicate(`${path}[${i}]`, list[i]));

/** Where each value that is there more than once stands the second time. */
function repeated(values: readonly unknown[]): number[] {
  const times = new Map<string, number>();
  return values.flatMap((value, i) => {
    const key = value === undefined ? '' : JSON.stringify(sorted(value));
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    return before === 1 ? [i] : [];
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJSONObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function validateMap(schema: Schema, list: unknown[], path: string): FieldError[] {
  const other = list.findIndex((item) => item !== null && !isJSONObject(item));
  if (other >= 0) return [invalid(`${path}[${other}]`, list[other], 'must be an object for an array of list-type map')];
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  const keys = list.map((item) => keyOf(item as JSONObject | null, names));
  return repeated(keys).map((i) => duplicate(`${path}[${i}]`, keys[i]));
}

/** The keys that an item has. */
function keyOf(item: JSONObject | null, names: readonly string[]): JSONObject {
  const key: JSONObject = {};
  for (const name of names) {
    const value = item === null ? undefined : own(item, name);
    if (value !== undefined) key[name] = value;
  }
  return key;
}
