/** The operators and functions of the language itself. Source: cel-go's common/stdlib. */
import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare, contains, equal } from '../compare.ts';
import { convert } from '../convert.ts';
import type { FunctionTable, OverloadRow } from '../declarations.ts';
import { withPattern } from '../regex.ts';
import { runtimeType } from '../runtime-type.ts';
import { codePoints } from '../source.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, type Type, UINT } from '../type.ts';
import { type CelBytes, CelError, type CelList, type CelMap, CelType, noSuchOverload, type Value } from '../value.ts';

const binary = (name: string, types: string, call: (a: Value, b: Value) => Value): OverloadRow[] =>
  types.split(' ').map((row) => {
    const [id, left, right, result] = row.split(',');
    return [`${name}_${id}`, `(${left}, ${right}) -> ${result}`, call];
  });

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

function comparison(name: string, holds: (order: number) => boolean): OverloadRow[] {
  const call = (a: Value, b: Value): Value => {
    const order = compare(a, b);
    return typeof order === 'number' ? holds(order) : order;
  };
  return COMPARED.map(([id, left, right]) => [`${name}_${id}`, `(${left}, ${right}) -> bool`, call]);
}

/** The evaluator has its own ways for these: `?:`, `&&`, `||` do not look at all of their arguments. */
const notCalled = (): Value => noSuchOverload();

const not = (value: Value): Value => (typeof value === 'boolean' ? !value : noSuchOverload());
const listSize = (list: CelList): Value => BigInt(list.size);
const mapSize = (map: CelMap): Value => BigInt(map.size);
const stringSize = (text: string): Value => BigInt(codePoints(text));
const bytesSize = (value: CelBytes): Value => BigInt(value.bytes.length);

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
    'add',
    `bytes,bytes,bytes,bytes double,double,double,double duration_duration,duration,duration,duration duration_timestamp,duration,timestamp,timestamp timestamp_duration,timestamp,duration,timestamp int64,int,int,int list,list(A),list(A),list(A) string,string,string,string uint64,uint,uint,uint`,
    add,
  ),
  '_/_': binary('divide', NUMBERS, divide),
  '_%_': binary('modulo', 'int64,int,int,int uint64,uint,uint,uint', modulo),
  '_*_': binary('multiply', NUMBERS, multiply),
  '-_': [
    ['negate_double', '(double) -> double', negate],
    ['negate_int64', '(int) -> int', negate],
  ],
  '_-_': binary(
    'subtract',
    `double,double,double,double duration_duration,duration,duration,duration int64,int,int,int timestamp_duration,timestamp,duration,timestamp timestamp_timestamp,timestamp,timestamp,duration uint64,uint,uint,uint`,
    subtract,
  ),
  '_<_': comparison('less', (order) => order < 0),
  '_<=_': comparison('less_equals', (order) => order <= 0),
  '_>_': comparison('greater', (order) => order > 0),
  '_>=_': comparison('greater_equals', (order) => order >= 0),
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

const FUNCTIONS: FunctionTable = {
  size: [
    ['size_bytes', '(bytes) -> int', bytesSize],
    ['bytes_size', 'bytes.() -> int', bytesSize],
    ['size_list', '(list(A)) -> int', listSize],
    ['list_size', 'list(A).() -> int', listSize],
    ['size_map', '(map(A, B)) -> int', mapSize],
    ['map_size', 'map(A, B).() -> int', mapSize],
    ['size_string', '(string) -> int', stringSize],
    ['string_size', 'string.() -> int', stringSize],
  ],
  contains: [['contains_string', 'string.(string) -> bool', (text: string, part: string) => text.includes(part)]],
  endsWith: [['ends_with_string', 'string.(string) -> bool', (text: string, part: string) => text.endsWith(part)]],
  startsWith: [
    ['starts_with_string', 'string.(string) -> bool', (text: string, part: string) => text.startsWith(part)],
  ],
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
export const UNGUARDED: ReadonlySet<string> = new Set(Object.keys(OPERATORS));
