/** Fields, keys and elements of values, and whether they are there. Models cel-go's interpreter/attributes.go. */

import { runtimeType } from './runtime-type.ts';
import { CelError, CelList, CelMap, CelOptional, CelUint, NONE, type Value } from './value.ts';
import { describeValue } from './value-text.ts';

/** The value at a key or an index, or why there is none. */
export function lookup(container: Value, key: Value): Value {
  const value = find(container, key);
  if (value !== undefined) return value;
  return new CelError(`${container instanceof CelList ? 'index out of bounds' : 'no such key'}: ${describeValue(key)}`);
}

/** Undefined: there is none; a `CelError`: it can't be told. */
export function find(container: Value, key: Value): Value | undefined {
  if (container instanceof CelMap) return container.get(key);
  if (container instanceof CelList) {
    const index = indexOf(key);
    if (typeof index !== 'number') return index;
    return index >= 0 && index < container.size ? container.get(index) : undefined;
  }
  return container instanceof CelError ? container : undefined;
}

/** As `lookup`, within optionals, or to be one itself. */
export function lookupOptional(container: Value, key: Value): Value {
  const inner = container instanceof CelOptional ? container.value : container;
  if (inner === undefined) return NONE;
  const found = find(inner, key);
  if (found === undefined) return NONE;
  return found instanceof CelError ? found : new CelOptional(found);
}

/** Whole numbers of all types count elements. */
function indexOf(key: Value): number | CelError {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof CelUint) return Number(key.value);
  if (typeof key !== 'number') return new CelError(`unsupported index type '${runtimeType(key).name}' in list`);
  return Number.isInteger(key) ? key : new CelError(`unsupported index value ${describeValue(key)} in list`);
}
