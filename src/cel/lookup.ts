/** Fields, keys and elements of values, and whether they are there. Models cel-go's interpreter/attributes.go. */
import { CelError, CelList, CelMap, CelOptional, CelUint, NONE, noSuchOverload, type Value } from './value.ts';
import { describeValue } from './value-text.ts';

/** The value at a key or an index, or why there is none. */
export function lookup(container: Value, key: Value): Value {
  if (container instanceof CelMap) {
    const value = container.get(key);
    return value === undefined ? new CelError(`no such key: ${keyText(key)}`) : value;
  }
  if (container instanceof CelList) {
    const index = indexOf(key);
    if (index === undefined) return new CelError(`unsupported index type '${describeValue(key)}' in list`);
    return index >= 0 && index < container.size
      ? container.get(index)
      : new CelError(`index out of bounds: ${keyText(key)}`);
  }
  return container instanceof CelError ? container : noSuchOverload();
}

/** Undefined: there is none; a `CelError`: it can't be told. */
export function find(container: Value, key: Value): Value | undefined {
  if (container instanceof CelMap) return container.get(key);
  if (container instanceof CelList) {
    const index = indexOf(key);
    return index !== undefined && index >= 0 && index < container.size ? container.get(index) : undefined;
  }
  return container instanceof CelError ? container : noSuchOverload();
}

/** As `lookup`, within optionals, or to be one itself. */
export function lookupOptional(container: Value, key: Value): Value {
  const inner = container instanceof CelOptional ? container.value : container;
  if (inner === undefined) return NONE;
  const found = find(inner, key);
  if (found === undefined) return NONE;
  return found instanceof CelError ? found : new CelOptional(found);
}

const keyText = (key: Value): string => (typeof key === 'string' ? key : describeValue(key));

/** Whole numbers of all types count elements. */
function indexOf(key: Value): number | undefined {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof CelUint) return Number(key.value);
  return typeof key === 'number' && Number.isInteger(key) ? key : undefined;
}
