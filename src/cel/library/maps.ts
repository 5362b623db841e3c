/** What the macros with two variables put maps together with. Source: cel-go's ext/comprehensions.go. */
import type { FunctionTable } from '../declarations.ts';
import { CelError, type CelMap, EntryMap, GrowingMap, mapKey, type Value } from '../value.ts';
import { describeValue } from '../value-text.ts';

/** A map that grows takes what is put in; of any other a copy does. */
function growing(map: CelMap): EntryMap {
  if (map instanceof GrowingMap) return map;
  const copy = new EntryMap();
  for (const key of map.keys()) copy.entries.set(mapKey(key)!, [key, map.get(key)!]);
  return copy;
}

function insert(map: CelMap, key: Value, value: Value): Value {
  const known = mapKey(key);
  if (known === undefined) return new CelError(`unsupported key type: ${describeValue(key)}`);
  const target = growing(map);
  if (target.entries.has(known)) return new CelError(`insert failed: key ${describeValue(key)} already exists`);
  target.entries.set(known, [key, value]);
  return target;
}

function insertAll(map: CelMap, other: CelMap): Value {
  let result: Value = map;
  for (const key of other.keys()) {
    result = insert(result as CelMap, key, other.get(key)!);
    if (result instanceof CelError) return result;
  }
  return result;
}

export const MAPS: FunctionTable = {
  'cel.@mapInsert': [
    ['@mapInsert_map_key_value', '(map(K, V), K, V) -> map(K, V)', insert],
    ['@mapInsert_map_map', '(map(K, V), map(K, V)) -> map(K, V)', insertAll],
  ],
};
