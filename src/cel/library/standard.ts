/** The operators and functions of the language itself. Source: cel-go's common/stdlib. */
import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare, contains, equal } from '../compare.ts';
import { convert } from '../convert.ts';
import type { FunctionTable, OverloadRow } from '../declarations.ts';
import { withPattern } from '../regex.ts';
import { hasMethods, runtimeType } from '../runtime-type.ts';
import { codePoints } from '../source.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, type Type, UINT } from '../type.ts';
import { CelBytes, CelError, CelList, CelMap, CelType, noSuchOverload, type Value } from '../value.ts';

/** An operator on values of some kinds; on others it is told by its name that there is none. */
const operator =
  (symbol: string, kinds: string[], call: (a: Value, b: Value) => Value) =>
  (a: Value, b: Value): Value => {
    const result = call(a, b);
    if (!(result instanceof CelError)) return result;
    const { kind } = runtimeType(a);
    return kinds.includes(kind) || hasMethods(a) ? result : new CelError(`no such overload: ${symbol}`);
  };

function binary(symbol: string, name: string, types: string, call: (a: Value, b: Value) => Value): OverloadRow[] {
  const rows = types.split(' ').map((row) => row.split(','));
  const kinds = rows.map(([, left]) => left!.replace(/\(.*/, ''));
  const guarded = operator(symbol, kinds, call);
  return rows.map(([id, left, right, result]) => [`${name}_${id}`, `(${left}, ${right}) -> ${result}`, guarded]);
}

const NUMBERS = 'int64,int,int,int uint64,uint,uint,uint double,double,double,double';

/** In the order in which cel-go has them, which shows where several fit. */
const COMPARED = [
  ['bool', 'bool', 'bool'],
  ['int64', 'int', 'int'],
  ['int64_double', 'int', 'double'],
  ['int64_uint64', 'int', 'uint'],
  ['uint64', 'uint', 'uint'],
  ['uint64_double', 'uint', 'double'],
  ['uint64_int64', 'uint', 'int'],
  ['double', 'double', 'double'],
  ['double_int64', 'double', 'int'],
  ['double_uint64', 'double', 'uint'],
  ['string', 'string', 'string'],
  ['bytes', 'bytes', 'bytes'],
  ['timestamp', 'timestamp', 'timestamp'],
  ['duration', 'duration', 'duration'],
] as const;

const COMPARABLE = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'];

function comparison(symbol: string, name: string, holds: (order: number) => boolean): OverloadRow[] {
  const call = operator(symbol, COMPARABLE, (a, b) => {
    const order = compare(a, b);
    return typeof order === 'number' ? holds(order) : order;
  });
  return COMPARED.map(([id, left, right]) => [`${name}_${id}`, `(${left}, ${right}) -> bool`, call]);
}

/** The evaluator has its own ways for these: `?:`, `&&`, `||` do not look at all of their arguments. */
const notCalled = (): Value => noSuchOverload();

const negated = (value: Value): Value => {
  const result = negate(value);
  return result instanceof CelError &&
    result.message === 'no such overload' &&
    !hasMethods(value) &&
    typeof value !== 'boolean'
    ? new CelError('no such overload: -_')
    : result;
};
const not = (value: Value): Value => (typeof value === 'boolean' ? !value : noSuchOverload());

function size(value: Value): Value {
  if (typeof value === 'string') return BigInt(codePoints(value));
  if (value instanceof CelList || value instanceof CelMap) return BigInt(value.size);
  if (value instanceof CelBytes) return BigInt(value.bytes.length);
  return hasMethods(value) ? noSuchOverload() : new CelError('no such overload: size');
}

const conversion = (to: Type, name: string, rows: [id: string, from: string][]): OverloadRow[] =>
  rows.map(([id, from]) => [id, `(${from}) -> ${name}`, (value: Value) => convert(value, to)]);

const OPERATORS: FunctionTable = {
  '_?_:_': [['conditional', '(bool, A, A) -> A', notCalled]],
  '_&&_': [['logical_and', '(bool, bool) -> bool', notCalled]],
  '_||_': [['logical_or', '(bool, bool) -> bool', notCalled]],
  '!_': [['logical_not', '(bool) -> bool', not]],
  '@not_strictly_false': [['not_strictly_false', '(bool) -> bool', notCalled]],
  '_==_': [['equals', '(A, A) -> bool', equal]],
  '_!=_': [['not_equals', '(A, A) -> bool', notCalled]],
  '_+_': binary(
    '_+_',
    'add',
    `bytes,bytes,bytes,bytes double,double,double,double duration_duration,duration,duration,duration duration_timestamp,duration,timestamp,timestamp timestamp_duration,timestamp,duration,timestamp int64,int,int,int list,list(A),list(A),list(A) string,string,string,string uint64,uint,uint,uint`,
    add,
  ),
  '_/_': binary('_/_', 'divide', NUMBERS, divide),
  '_%_': binary('_%_', 'modulo', 'int64,int,int,int uint64,uint,uint,uint', modulo),
  '_*_': binary('_*_', 'multiply', NUMBERS, multiply),
  '-_': [
    ['negate_double', '(double) -> double', negated],
    ['negate_int64', '(int) -> int', negated],
  ],
  '_-_': binary(
    '_-_',
    'subtract',
    `double,double,double,double duration_duration,duration,duration,duration int64,int,int,int timestamp_duration,timestamp,duration,timestamp timestamp_timestamp,timestamp,timestamp,duration uint64,uint,uint,uint`,
    subtract,
  ),
  '_<_': comparison('_<_', 'less', (order) => order < 0),
  '_<=_': comparison('_<=_', 'less_equals', (order) => order <= 0),
  '_>_': comparison('_>_', 'greater', (order) => order > 0),
  '_>=_': comparison('_>=_', 'greater_equals', (order) => order >= 0),
  '_[_]': [
    ['index_list', '(list(A), int) -> A', notCalled],
    ['index_map', '(map(A, B), A) -> B', notCalled],
    ['optional_list_index_int', '(optional(list(V)), int) -> optional(V)', notCalled],
    ['optional_map_index_value', '(optional(map(K, V)), K) -> optional(V)', notCalled],
  ],
  '@in': [
    ['in_list', '(A, list(A)) -> bool', contains],
    ['in_map', '(A, map(A, B)) -> bool', contains],
  ],
};

const onTexts =
  (holds: (text: string, part: string) => boolean) =>
  (text: Value, part: Value): Value =>
    typeof text === 'string' && typeof part === 'string' ? holds(text, part) : noSuchOverload();

const FUNCTIONS: FunctionTable = {
  size: [
    ['size_bytes', '(bytes) -> int', size],
    ['bytes_size', 'bytes.() -> int', size],
    ['size_list', '(list(A)) -> int', size],
    ['list_size', 'list(A).() -> int', size],
    ['size_map', '(map(A, B)) -> int', size],
    ['map_size', 'map(A, B).() -> int', size],
    ['size_string', '(string) -> int', size],
    ['string_size', 'string.() -> int', size],
  ],
  contains: [['contains_string', 'string.(string) -> bool', onTexts((text, part) => text.includes(part))]],
  endsWith: [['ends_with_string', 'string.(string) -> bool', onTexts((text, part) => text.endsWith(part))]],
  startsWith: [['starts_with_string', 'string.(string) -> bool', onTexts((text, part) => text.startsWith(part))]],
  matches: [
    ['matches', '(string, string) -> bool', withPattern('matches', '')],
    ['matches_string', 'string.(string) -> bool', withPattern('matches', '')],
  ],
};

const CONVERSIONS: FunctionTable = {
  bool: conversion(BOOL, 'bool', [
    ['bool_to_bool', 'bool'],
    ['string_to_bool', 'string'],
  ]),
  bytes: conversion(BYTES, 'bytes', [
    ['bytes_to_bytes', 'bytes'],
    ['string_to_bytes', 'string'],
  ]),
  double: conversion(DOUBLE, 'double', [
    ['double_to_double', 'double'],
    ['int64_to_double', 'int'],
    ['string_to_double', 'string'],
    ['uint64_to_double', 'uint'],
  ]),
  duration: conversion(DURATION, 'duration', [
    ['duration_to_duration', 'duration'],
    ['string_to_duration', 'string'],
  ]),
  dyn: [['to_dyn', '(A) -> dyn', (value: Value) => value]],
  int: conversion(INT, 'int', [
    ['int64_to_int64', 'int'],
    ['double_to_int64', 'double'],
    ['duration_to_int64', 'duration'],
    ['string_to_int64', 'string'],
    ['timestamp_to_int64', 'timestamp'],
    ['uint64_to_int64', 'uint'],
  ]),
  string: conversion(STRING, 'string', [
    ['string_to_string', 'string'],
    ['bool_to_string', 'bool'],
    ['bytes_to_string', 'bytes'],
    ['double_to_string', 'double'],
    ['duration_to_string', 'duration'],
    ['int64_to_string', 'int'],
    ['timestamp_to_string', 'timestamp'],
    ['uint64_to_string', 'uint'],
  ]),
  timestamp: conversion(TIMESTAMP, 'timestamp', [
    ['timestamp_to_timestamp', 'timestamp'],
    ['int64_to_timestamp', 'int'],
    ['string_to_timestamp', 'string'],
  ]),
  type: [
    ['type', '(A) -> type(A)', (value: Value) => (value instanceof CelError ? value : new CelType(runtimeType(value)))],
  ],
  uint: conversion(UINT, 'uint', [
    ['uint64_to_uint64', 'uint'],
    ['double_to_uint64', 'double'],
    ['int64_to_uint64', 'int'],
    ['string_to_uint64', 'string'],
  ]),
};

export const STANDARD: FunctionTable = { ...OPERATORS, ...FUNCTIONS, ...CONVERSIONS };

/** Those whose implementation is the same for all types and looks at them itself. */
export const UNGUARDED: ReadonlySet<string> = new Set([
  ...Object.keys(OPERATORS),
  'contains',
  'endsWith',
  'startsWith',
  'size',
]);
