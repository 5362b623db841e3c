/** What `int()`, `string()`, `timestamp()` and the like make of a value. Models ConvertToType in cel-go's common/types. */
import { MAX_UNIX, MIN_UNIX } from './arithmetic.ts';
import { formatDouble, parseDouble } from './double-text.ts';
import { runtimeType } from './runtime-type.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from './time-text.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, TYPE, type Type, typeName, UINT } from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelTimestamp,
  CelType,
  CelUint,
  MAX_INT,
  MAX_UINT,
  MIN_INT,
  type Value,
} from './value.ts';

const SECOND = 1_000_000_000n;
const TWO_TO_63 = 2 ** 63;
const TWO_TO_64 = 2 ** 64;

/** The value as one of a type, or a `CelError` that it is none. */
export function convert(value: Value, type: Type): Value {
  if (value instanceof CelError) return value;
  return (
    converted(value, type) ??
    new CelError(`type conversion error from '${typeName(runtimeType(value))}' to '${type.name}'`)
  );
}

function converted(value: Value, type: Type): Value | undefined {
  if (type === TYPE) return new CelType(runtimeType(value));
  if (typeof value === 'string') return fromText(value, type);
  if (typeof value === 'bigint') return fromInt(value, type);
  if (typeof value === 'number') return fromDouble(value, type);
  if (typeof value === 'boolean') return type === STRING ? String(value) : type === BOOL ? value : undefined;
  if (value instanceof CelUint) return fromUint(value, type);
  if (value instanceof CelBytes) return type === STRING ? bytesToText(value) : type === BYTES ? value : undefined;
  if (value instanceof CelDuration) {
    if (type === STRING) return formatDuration(value);
    return type === INT ? value.nanos : type === DURATION ? value : undefined;
  }
  if (value instanceof CelTimestamp) {
    if (type === STRING) return formatTimestamp(value);
    if (type === INT) return (value.nanos - (((value.nanos % SECOND) + SECOND) % SECOND)) / SECOND;
    return type === TIMESTAMP ? value : undefined;
  }
  if (value instanceof CelType) return type === STRING ? value.type.name : undefined;
  return value === null && type === STRING ? 'null' : undefined;
}

const INTEGER = /^[+-]?\d{1,100}$/;
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function fromText(text: string, type: Type): Value | undefined {
  switch (type) {
    case STRING:
      return text;
    case INT: {
      const value = INTEGER.test(text) ? BigInt(text.replace('+', '')) : undefined;
      return value === undefined || value < MIN_INT || value > MAX_INT ? undefined : value;
    }
    case UINT: {
      const value = /^\d{1,100}$/.test(text) ? BigInt(text) : undefined;
      return value === undefined || value > MAX_UINT ? undefined : new CelUint(value);
    }
    case DOUBLE:
      return parseDouble(text);
    case BOOL:
      return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
    case BYTES:
      return CelBytes.ofText(text);
    case DURATION:
      return parseDuration(text);
    case TIMESTAMP:
      return parseTimestamp(text);
    default:
      return undefined;
  }
}

const uint = (value: bigint): Value =>
  value < 0n || value > MAX_UINT ? new CelError('unsigned integer overflow') : new CelUint(value);

function fromInt(value: bigint, type: Type): Value | undefined {
  if (type === INT) return value;
  if (type === STRING) return String(value);
  if (type === DOUBLE) return Number(value);
  if (type === UINT) return uint(value);
  if (type !== TIMESTAMP) return undefined;
  return value < MIN_UNIX || value > MAX_UNIX ? new CelError('timestamp overflow') : new CelTimestamp(value * SECOND);
}

function fromUint(uintValue: CelUint, type: Type): Value | undefined {
  const { value } = uintValue;
  if (type === UINT) return uintValue;
  if (type === STRING) return String(value);
  if (type === DOUBLE) return Number(value);
  if (type === INT) return value > MAX_INT ? new CelError('integer overflow') : value;
  return undefined;
}

function fromDouble(value: number, type: Type): Value | undefined {
  if (type === DOUBLE) return value;
  if (type === STRING) return formatDouble(value);
  if (type === INT) {
    if (!(value > -TWO_TO_63 && value < TWO_TO_63)) return new CelError('integer overflow');
    return BigInt(Math.trunc(value));
  }
  if (type !== UINT) return undefined;
  if (!(value >= 0 && value < TWO_TO_64)) return new CelError('unsigned integer overflow');
  return new CelUint(BigInt(Math.trunc(value)));
}

function bytesToText({ bytes }: CelBytes): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}
