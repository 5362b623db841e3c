/** The operators on numbers, texts, lists and times, with the errors where the result is none. Models cel-go's common/types. */
import {
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelTimestamp,
  CelUint,
  MAX_INT,
  MAX_UINT,
  MIN_INT,
  noSuchOverload,
  type Value,
} from './value.ts';

const SECOND = 1_000_000_000n;
/** The first and last seconds of the years 1 and 9999. */
export const MIN_UNIX = -62_135_596_800n;
export const MAX_UNIX = 253_402_300_799n;

const int = (value: bigint): Value => (BigInt.asIntN(64, value) === value ? value : new CelError('integer overflow'));
const uint = (value: bigint): Value =>
  value < 0n || value > MAX_UINT ? new CelError('unsigned integer overflow') : new CelUint(value);
export const durationOf = (nanos: bigint): Value =>
  nanos < MIN_INT || nanos > MAX_INT ? new CelError('integer overflow') : new CelDuration(nanos);
export function timestampOf(nanos: bigint, offset = 0): Value {
  const seconds = nanos >= 0n ? nanos / SECOND : -((-nanos + SECOND - 1n) / SECOND);
  return seconds < MIN_UNIX || seconds > MAX_UNIX
    ? new CelError('timestamp overflow')
    : new CelTimestamp(nanos, offset);
}

export function add(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a + b);
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof CelList && b instanceof CelList) return a.concat(b);
  if (a instanceof CelUint && b instanceof CelUint) return uint(a.value + b.value);
  if (a instanceof CelBytes && b instanceof CelBytes) return joinBytes(a, b);
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos + b.nanos);
  if (a instanceof CelDuration && b instanceof CelTimestamp) return timestampOf(a.nanos + b.nanos, b.offset);
  if (a instanceof CelTimestamp && b instanceof CelDuration) return timestampOf(a.nanos + b.nanos, a.offset);
  return noSuchOverload();
}

function joinBytes(a: CelBytes, b: CelBytes): CelBytes {
  const bytes = new Uint8Array(a.bytes.length + b.bytes.length);
  bytes.set(a.bytes);
  bytes.set(b.bytes, a.bytes.length);
  return new CelBytes(bytes);
}

export function subtract(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a - b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof CelUint && b instanceof CelUint) return uint(a.value - b.value);
  if (a instanceof CelDuration && b instanceof CelDuration) return durationOf(a.nanos - b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelDuration) return timestampOf(a.nanos - b.nanos, a.offset);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return durationOf(a.nanos - b.nanos);
  return noSuchOverload();
}

export function multiply(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a * b);
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a instanceof CelUint && b instanceof CelUint) return uint(a.value * b.value);
  return noSuchOverload();
}

export function divide(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? new CelError('division by zero') : int(a / b);
  if (a instanceof CelUint && b instanceof CelUint)
    return b.value === 0n ? new CelError('division by zero') : uint(a.value / b.value);
  return noSuchOverload();
}

export function modulo(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return new CelError('modulus by zero');
    return a === MIN_INT && b === -1n ? new CelError('integer overflow') : a % b;
  }
  if (a instanceof CelUint && b instanceof CelUint)
    return b.value === 0n ? new CelError('modulus by zero') : uint(a.value % b.value);
  return noSuchOverload();
}

export function negate(a: Value): Value {
  if (typeof a === 'bigint') return int(-a);
  if (typeof a === 'number') return -a;
  if (a instanceof CelDuration) return durationOf(-a.nanos);
  return noSuchOverload();
}
