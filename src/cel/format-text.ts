/** `"%d of %s".format([1, "x"])`. Source: cel-go's ext/formatting.go, in the locale en_US. */

import { quoteGo } from '../objects/go-quote.ts';
import { checkCharacters } from './budget.ts';
import { convert } from './convert.ts';
import { exponential, fixedPoint, grouped } from './number-format.ts';
import { runtimeType } from './runtime-type.ts';
import { STRING } from './type.ts';
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
export const MAX_PRECISION = 1000;

export class FormatFailed {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const nameOf = (value: Value): string => runtimeType(value).name;

/** What a clause can't be used on. */
export const CLAUSES: Record<string, string> = {
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
};

export const refusal = (verb: string, type: string): string =>
  `error during formatting: ${CLAUSES[verb]}, was given ${type}`;

function refuse(verb: string, value: Value): never {
  throw new FormatFailed(refusal(verb, nameOf(value)));
}

export function formatText(format: string, args: CelList): Value {
  try {
    return eachClause(format, args.size, (index, verb, precision) => formatOne(args.get(index), verb, precision));
  } catch (failure) {
    if (failure instanceof FormatFailed) return new CelError(failure.message);
    throw failure;
  }
}

const CLAUSE = /(?:\.(\d*))?([\s\S]?)/y;

/** The text, with what `use` makes of each clause. `count`: of arguments. Throws `FormatFailed`. */
export function eachClause(
  format: string,
  count: number,
  use: (index: number, verb: string, precision: number) => string,
): string {
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
    if (used >= count) throw new FormatFailed(`index ${used} out of range`);
    if (at >= format.length) throw new FormatFailed('unexpected end of string');
    CLAUSE.lastIndex = at;
    const [whole, digits, verb = ''] = CLAUSE.exec(format)!;
    at += whole.length;
    const precision = readPrecision(digits, verb);
    if (!Object.hasOwn(CLAUSES, verb))
      throw new FormatFailed(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    result += use(used++, verb, precision);
    checkCharacters(result.length);
  }
  return result + format.slice(at);
}

function formatOne(value: Value, verb: string, precision: number): string {
  switch (verb) {
    case 's':
      return asString(value);
    case 'd':
      return String(asInteger(value, verb));
    case 'f':
      return grouped(fixedPoint(asDouble(value, verb), precision));
    case 'e':
      return exponential(asDouble(value, verb), precision);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return asInteger(value, verb).toString(2);
    case 'x':
      return asHexadecimal(value);
    case 'X':
      return asHexadecimal(value).toUpperCase();
    default:
      return asInteger(value, verb).toString(8);
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

function asInteger(value: Value, verb: string): bigint {
  if (typeof value === 'bigint') return value;
  return value instanceof CelUint ? value.value : refuse(verb, value);
}

const NAMED_NUMBERS = new Set(['NaN', 'Infinity', '-Infinity']);

function asDouble(value: Value, verb: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NAMED_NUMBERS.has(value)) return Number(value);
  return refuse(verb, value);
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function asHexadecimal(value: Value): string {
  if (typeof value === 'string') return hexadecimal(new TextEncoder().encode(value));
  if (value instanceof CelBytes) return hexadecimal(value.bytes);
  return asInteger(value, 'x').toString(16);
}

function asString(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof CelList) return listText(value);
  if (value instanceof CelMap) return mapText(value);
  const text = isPlain(value) ? convert(value, STRING) : refuse('s', value);
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
    return Number.isFinite(value) ? text : quoteGo(text.replace('-∞', '-Inf').replace('∞', '+Inf'));
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
  let length = 0;
  for (let i = 0; i < list.size; i++) {
    parts.push(nested(list.get(i)));
    length += parts[i]!.length;
    checkCharacters(length);
  }
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
