/** `"%d of %s".format([1, "x"])`. Source: cel-go's ext/formatting.go, in the locale en_US. */

import { quoteGo } from '../objects/go-quote.ts';
import { convert } from './convert.ts';
import { exponential, fixedPoint, grouped } from './number-format.ts';
import { runtimeType } from './runtime-type.ts';
import { STRING, typeName } from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  CelType,
  CelUint,
  type Value,
} from './value.ts';

const DEFAULT_PRECISION = 6;
/** What is printed is no longer than a number can be precise. */
const MAX_PRECISION = 1000;

class FormatFailed {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const nameOf = (value: Value): string => typeName({ ...runtimeType(value), params: [] });

function refuse(clause: string, value: Value): never {
  throw new FormatFailed(`error during formatting: ${clause}, was given ${nameOf(value)}`);
}

export function formatText(format: string, args: CelList): Value {
  try {
    return formatted(format, args);
  } catch (failure) {
    if (failure instanceof FormatFailed) return new CelError(failure.message);
    throw failure;
  }
}

const CLAUSE = /(?:\.(\d*))?([\s\S]?)/y;

function formatted(format: string, args: CelList): string {
  let result = '';
  let used = 0;
  let at = 0;
  for (let mark = format.indexOf('%'); mark >= 0; mark = format.indexOf('%', at)) {
    result += format.slice(at, mark);
    at = mark + 1;
    if (format[at] === '%') {
      result += '%';
      at++;
      continue;
    }
    if (used >= args.size) throw new FormatFailed(`index ${used} out of range`);
    if (at >= format.length) throw new FormatFailed('unexpected end of string');
    CLAUSE.lastIndex = at;
    const [whole, digits, verb = ''] = CLAUSE.exec(format)!;
    at += whole.length;
    result += formatOne(args.get(used++), verb, digits);
  }
  return result + format.slice(at);
}

function formatOne(value: Value, verb: string, digits: string | undefined): string {
  const precision = readPrecision(digits, verb);
  switch (verb) {
    case 's':
      return asString(value);
    case 'd':
      return asDecimal(value);
    case 'f':
      return grouped(fixedPoint(asDouble(value, 'fixed-point'), precision));
    case 'e':
      return exponential(asDouble(value, 'scientific'), precision);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return asInteger(value, 'only integers and bools can be formatted as binary').toString(2);
    case 'x':
      return asHexadecimal(value);
    case 'X':
      return asHexadecimal(value).toUpperCase();
    case 'o':
      return asInteger(value, 'octal clause can only be used on integers').toString(8);
    default:
      throw new FormatFailed(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function readPrecision(digits: string | undefined, verb: string): number {
  const wrong = 'could not parse formatting clause: error while parsing precision:';
  if (digits === undefined) return DEFAULT_PRECISION;
  if (verb === '') throw new FormatFailed(`${wrong} could not find end of precision specifier`);
  if (digits === '')
    throw new FormatFailed(
      `${wrong} error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax`,
    );
  if (digits.length > 18)
    throw new FormatFailed(
      `${wrong} error while converting precision to integer: strconv.Atoi: parsing "${digits}": value out of range`,
    );
  return Math.min(Number(digits), MAX_PRECISION);
}

function asInteger(value: Value, clause: string): bigint {
  if (typeof value === 'bigint') return value;
  return value instanceof CelUint ? value.value : refuse(clause, value);
}

const asDecimal = (value: Value): string => String(asInteger(value, 'decimal clause can only be used on integers'));

const NAMED_NUMBERS = new Set(['NaN', 'Infinity', '-Infinity']);

function asDouble(value: Value, clause: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NAMED_NUMBERS.has(value)) return Number(value);
  return refuse(`${clause} clause can only be used on doubles`, value);
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function asHexadecimal(value: Value): string {
  if (typeof value === 'string') return hexadecimal(new TextEncoder().encode(value));
  if (value instanceof CelBytes) return hexadecimal(value.bytes);
  return asInteger(value, 'only integers, byte buffers, and strings can be formatted as hex').toString(16);
}

const STRINGS =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';

function asString(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof CelList) return listText(value);
  if (value instanceof CelMap) return mapText(value);
  const text = isPlain(value) ? convert(value, STRING) : refuse(STRINGS, value);
  if (typeof text !== 'string')
    throw new FormatFailed(`error during formatting: could not convert argument ${quoteGo(String(text))} to string`);
  return text;
}

const isPlain = (value: Value): boolean =>
  typeof value !== 'object' ||
  [CelUint, CelBytes, CelTimestamp, CelDuration, CelType].some((kind) => value instanceof kind);

/** Within a list or a map: as it would be written in an expression. */
function nested(value: Value): string {
  if (typeof value === 'string') return quoteGo(value);
  if (value instanceof CelBytes) return `b${quoteGo(asString(value))}`;
  if (value instanceof CelTimestamp) return `timestamp("${asString(value)}")`;
  if (value instanceof CelDuration) return `duration("${asString(value)}")`;
  if (typeof value === 'number') {
    const text = fixedPoint(value, DEFAULT_PRECISION);
    return Number.isFinite(value) ? text : quoteGo(text.replace('∞', 'Inf'));
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    !isPlain(value) &&
    !(value instanceof CelList) &&
    !(value instanceof CelMap)
  )
    throw new FormatFailed(`error during formatting: no formatting function for ${nameOf(value)}`);
  return asString(value);
}

function listText(list: CelList): string {
  const parts: string[] = [];
  for (let i = 0; i < list.size; i++) parts.push(nested(list.get(i)));
  return `[${parts.join(', ')}]`;
}

function mapText(map: CelMap): string {
  const pairs = map.keys().map((key): [string, string] => {
    if (typeof key === 'number')
      throw new FormatFailed(`error during formatting: no formatting function for map key of type double`);
    return [nested(key), nested(map.get(key)!)];
  });
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${pairs.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}
