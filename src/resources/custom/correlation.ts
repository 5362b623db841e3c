/** What a part of an object was before an update. models k8s.io/apiserver/pkg/cel/common/equality.go */

import { sameJSON } from '../../objects/equality.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { own } from '../../objects/own.ts';
import { itemsOf, memberSchema, type Schema } from './schema.ts';

export interface Correlation {
  old: unknown;
  /** Of the part, by which what is below it is found. */
  schema: Schema;
}

/** Undefined where there was none, or nobody can say which. */
export function correlatedMember({ old, schema }: Correlation, name: string): Correlation | undefined {
  if (!isJSONObject(old)) return undefined;
  const before = own(old, name);
  const below = memberSchema(schema, name);
  return before === undefined || !below ? undefined : { old: before, schema: below };
}

/** Only items of a list with keys are known again. */
export function correlatedItem({ old, schema }: Correlation, item: unknown): Correlation | undefined {
  const items = itemsOf(schema);
  if (!items || schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || !isJSONObject(item))
    return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const before = itemsByKey(old, keys).get(keyOf(item, keys));
  return before === undefined ? undefined : { old: before, schema: items };
}

const keyOf = (item: JSONObject, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => own(item, key) ?? null));

const byKey = new WeakMap<readonly unknown[], Map<string, unknown>>();

/** Of several with one key the first. */
function itemsByKey(list: readonly unknown[], keys: readonly string[]): Map<string, unknown> {
  let found = byKey.get(list);
  if (!found) {
    found = new Map();
    for (const item of list) {
      if (!isJSONObject(item)) continue;
      const key = keyOf(item, keys);
      if (!found.has(key)) found.set(key, item);
    }
    byKey.set(list, found);
  }
  return found;
}

/** Whether a part is what it was. Items with keys may stand in another order; what no schema tells of counts as changed. */
export function isUnchanged(before: Correlation, value: unknown): boolean {
  const { old, schema } = before;
  if (Array.isArray(old) && Array.isArray(value)) {
    if (old.length !== value.length) return false;
    if (schema['x-kubernetes-list-type'] !== 'map') return sameJSON(old, value);
    return value.every((item) => isUnchangedAt(correlatedItem(before, item), item));
  }
  if (!isJSONObject(old) || !isJSONObject(value)) return sameJSON(old, value);
  const names = Object.keys(value);
  if (names.length !== Object.keys(old).length) return false;
  return names.every((name) => isUnchangedAt(correlatedMember(before, name), value[name]));
}

const isUnchangedAt = (before: Correlation | undefined, value: unknown): boolean =>
  before !== undefined && isUnchanged(before, value);
