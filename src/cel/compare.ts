/** Whether values are the same, and in which order they stand. Numbers of all types compare by what they amount to. */
import { countCompared } from './budget.ts';
import { codePoints } from './source.ts';
import { sameType } from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelObject,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  noSuchOverload,
  type Value,
} from './value.ts';

/** Lists and maps that have rules of their own about when they are the same. */
export interface OwnEquality {
  equalTo(other: Value): boolean | CelError;
}

const hasOwnEquality = (value: object): value is OwnEquality => 'equalTo' in value;

/** A `CelError` where the two can't be compared. */
export function equal(a: Value, b: Value): boolean | CelError {
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return a === b;
  if (typeof a === 'bigint') return typeof b === 'bigint' ? a === b : equalNumbers(a, b);
  if (typeof a === 'number' || a instanceof CelUint) return equalNumbers(a, b);
  if (b === null) return false;
  if (hasOwnEquality(a)) return a.equalTo(b);
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof CelObject) return a.equals(b);
  return equalClasses(a, b);
}

function equalNumbers(a: Value, b: Value): boolean {
  const left = numeric(a);
  const right = numeric(b);
  if (left === undefined || right === undefined) return false;
  // As in Go, an int that meets a double becomes one.
  return typeof left === typeof right ? left === right : Number(left) === Number(right);
}

const numeric = (value: Value): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof CelUint ? value.value : undefined;

function equalClasses(a: Value, b: Value): boolean | CelError {
  if (a instanceof CelBytes) return b instanceof CelBytes && compareBytes(a.bytes, b.bytes) === 0;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelType) return b instanceof CelType && sameTypeValue(a, b);
  if (a instanceof CelOptional && b instanceof CelOptional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value);
  }
  return false;
}

const sameTypeValue = (a: CelType, b: CelType): boolean => a.type.name === b.type.name || sameType(a.type, b.type);

function equalLists(a: CelList, b: CelList): boolean | CelError {
  if (a.size !== b.size) return false;
  if (hasOwnEquality(b)) return b.equalTo(a);
  countCompared(a.size);
  for (let i = 0; i < a.size; i++) {
    const same = equal(a.get(i), b.get(i));
    if (same !== true) return same;
  }
  return true;
}

function equalMaps(a: CelMap, b: CelMap): boolean | CelError {
  if (a.size !== b.size) return false;
  countCompared(a.size);
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined) return false;
    const same = equal(a.get(key)!, other);
    if (same !== true) return same;
  }
  return true;
}

/** Whether a list has such an element, or a map such a key. */
export function contains(element: Value, container: Value): boolean | CelError {
  if (container instanceof CelMap) return container.get(element) !== undefined;
  if (!(container instanceof CelList)) return container instanceof CelError ? container : noSuchOverload();
  let failed: CelError | undefined;
  countCompared(container.size);
  for (let i = 0; i < container.size; i++) {
    const same = equal(element, container.get(i));
    if (same === true) return true;
    if (same !== false) failed ??= same;
  }
  return failed ?? false;
}

const order = (less: boolean, more: boolean): number => (less ? -1 : more ? 1 : 0);

/** Negative, 0 or positive; a `CelError` where there is no order between the two. */
export function compare(a: Value, b: Value): number | CelError {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    if (right === undefined) return noSuchOverload();
    if (Number.isNaN(left) || Number.isNaN(right)) return new CelError('NaN values cannot be ordered');
    if (typeof left === typeof right) return order(left < right, left > right);
    return order(Number(left) < Number(right), Number(left) > Number(right));
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(a.nanos < b.nanos, a.nanos > b.nanos);
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos < b.nanos, a.nanos > b.nanos);
  if (a instanceof CelBytes && b instanceof CelBytes) return compareBytes(a.bytes, b.bytes);
  return noSuchOverload();
}

const HIGH = /[\ud800-\uffff]/;

/** By code points, as UTF-8 orders them; JavaScript's own order differs beyond the first plane. */
function compareText(a: string, b: string): number {
  if (!HIGH.test(a) || !HIGH.test(b)) return order(a < b, a > b);
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++)
    if (x[i] !== y[i]) return x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
  return x.length - y.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** What a value counts as in the cost of a call: characters, bytes, elements; 1 for what has no size. */
export function costSize(value: Value): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  if (value instanceof CelBytes) return value.bytes.length;
  if (value instanceof CelOptional) return value.value === undefined ? 1 : costSize(value.value);
  if (value instanceof CelObject) return value.size ?? 1;
  return 1;
}
