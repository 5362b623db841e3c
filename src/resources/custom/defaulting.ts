/** Fills in what the schema says is there by default. models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting */

import { cloneJSON } from '../../objects/clone.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { own, setOwn } from '../../objects/own.ts';
import { additionalOf, itemsOf, propertyOf, type Schema } from './schema.ts';

const isNullInVain = (value: unknown, schema: Schema | undefined): boolean =>
  value === null && schema !== undefined && !schema.nullable;

const hasDefault = (schema: Schema | undefined): schema is Schema =>
  schema?.default !== undefined && schema.default !== null;

/** In place. A null where the schema allows none counts as missing. */
export function setDefaults(value: unknown, schema: Schema | undefined): void {
  if (!schema || !concernsDefaults(schema)) return;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    for (const [i, item] of value.entries()) {
      if (isNullInVain(item, items)) value[i] = cloneJSON(items?.default ?? null);
      setDefaults(value[i], items);
    }
  } else if (isJSONObject(value)) defaultMembers(value, schema);
}

function defaultMembers(members: JSONObject, schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    if (hasDefault(property)) {
      const value = own(members, name);
      if (value === undefined || isNullInVain(value, property)) setOwn(members, name, cloneJSON(property.default));
    }
  const additional = additionalOf(schema);
  for (const name of Object.keys(members)) {
    const property = propertyOf(schema, name);
    if (!property && isNullInVain(members[name], additional))
      setOwn(members, name, cloneJSON(additional?.default ?? null));
    setDefaults(members[name], property ?? additional);
  }
}

const concerned = new WeakMap<Schema, boolean>();

/** Whether there is any default in a schema or below it: most parts of most schemas have none. */
function concernsDefaults(schema: Schema): boolean {
  let found = concerned.get(schema);
  if (found === undefined) {
    found = [...Object.values(schema.properties ?? {}), additionalOf(schema), itemsOf(schema)].some(
      (below) => below !== undefined && (hasDefault(below) || concernsDefaults(below)),
    );
    concerned.set(schema, found);
  }
  return found;
}

/** Takes nulls away, in place, where neither the schema allows them nor a default takes their place. */
export function dropNulls(value: unknown, schema: Schema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    for (const item of value) dropNulls(item, items);
  } else if (isJSONObject(value))
    for (const name of Object.keys(value)) {
      const below = propertyOf(schema, name) ?? additionalOf(schema);
      if (isNullInVain(value[name], below) && !hasDefault(below)) delete value[name];
      else dropNulls(value[name], below);
    }
}
