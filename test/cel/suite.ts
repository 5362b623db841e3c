/** The language's own tests (cel.dev/expr, tests/simple), as cases: an expression, what is known of its variables, and what it must be. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TYPE_NAMES } from '../../src/cel/environment.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  type Type,
  typeOfType,
  UINT,
} from '../../src/cel/type.ts';
import {
  ArrayList,
  CelBytes,
  CelDuration,
  CelTimestamp,
  CelType,
  CelUint,
  EntryMap,
  mapKey,
  type Value,
} from '../../src/cel/value.ts';
import { type Field, type Message, messages, one, readTextproto, text } from './textproto.ts';

export interface SuiteCase {
  name: string;
  expression: string;
  /** Without the language's types it is not checked before it is evaluated, which Kubernetes always does. */
  unchecked: boolean;
  variables: Map<string, Type>;
  values: Map<string, Value>;
  /** Undefined: it must fail. */
  expected: Value | undefined;
  /** Whether only its type counts. */
  deduced: Type | undefined;
}

/** A value or type of protocol buffers, which Kubernetes' environment has none of. */
export class Unsupported extends Error {}

export function readSuite(): { cases: SuiteCase[]; unsupported: string[] } {
  const cases: SuiteCase[] = [];
  const unsupported: string[] = [];
  for (const file of globSync(join(import.meta.dirname, 'conformance/*.textproto')).sort()) {
    const root = readTextproto(readFileSync(file, 'utf8'));
    for (const section of messages(root, 'section'))
      for (const test of messages(section, 'test')) {
        const name = `${basename(file, '.textproto')}/${text(section, 'name')}/${text(test, 'name')}`;
        try {
          cases.push(readCase(name, test));
        } catch (error) {
          if (!(error instanceof Unsupported)) throw error;
          unsupported.push(name);
        }
      }
  }
  return { cases, unsupported };
}

function readCase(name: string, test: Message): SuiteCase {
  const expression = text(test, 'expr')!;
  const container = text(test, 'container') ?? '';
  if (
    /proto[23]|TestAllTypes|google\.(protobuf|type)|GlobalEnum|NestedEnum/.test(`${expression} ${container}`) &&
    !/google\.protobuf\.(Timestamp|Duration)$/.test(expression)
  )
    throw new Unsupported();
  if (container !== '') throw new Unsupported();
  const variables = new Map<string, Type>();
  const values = new Map<string, Value>();
  for (const declaration of messages(test, 'type_env')) {
    const ident = one(declaration, 'ident');
    if (!ident) throw new Unsupported();
    variables.set(text(declaration, 'name')!, readType(one(ident, 'type')!));
  }
  for (const binding of messages(test, 'bindings')) {
    const key = text(binding, 'key')!;
    values.set(key, readValue(one(one(binding, 'value'), 'value')!));
    if (!variables.has(key)) variables.set(key, DYN);
  }
  const typed = one(test, 'typed_result');
  const expected = one(typed, 'result') ?? one(test, 'value');
  const deduced = one(typed, 'deduced_type');
  const fails = test.has('eval_error') || test.has('any_eval_errors');
  return {
    name,
    expression,
    unchecked: test.get('disable_check')?.[0] === 'true',
    variables,
    values,
    expected: expected ? readValue(expected) : fails || deduced ? undefined : true,
    deduced: deduced && readType(deduced),
  };
}

const PRIMITIVES: Record<string, Type> = {
  BOOL,
  INT64: INT,
  UINT64: UINT,
  DOUBLE,
  STRING,
  BYTES,
};

export function readType(message: Message): Type {
  const [kind, [value]] = [...message][0] as [string, Field[]];
  const inner = value instanceof Map ? value : undefined;
  switch (kind) {
    case 'primitive':
      return PRIMITIVES[value as string]!;
    case 'dyn':
      return DYN;
    case 'null':
      return NULL;
    case 'well_known':
      if (value === 'ANY') throw new Unsupported();
      return value === 'DURATION' ? DURATION : TIMESTAMP;
    case 'list_type':
      return listOf(readType(one(inner, 'elem_type')!));
    case 'map_type':
      return mapOf(readType(one(inner, 'key_type')!), readType(one(inner, 'value_type')!));
    case 'type':
      return inner!.size === 0 ? typeOfType(DYN) : typeOfType(readType(inner!));
    case 'abstract_type':
      if (text(inner, 'name') !== 'optional_type') throw new Unsupported();
      return optionalOf(readType(one(inner, 'parameter_types')!));
    default:
      throw new Unsupported(kind);
  }
}

function readValue(message: Message): Value {
  const [kind, values] = [...message][0] ?? ['null_value', ['NULL_VALUE']];
  const value = values![0]!;
  const inner = value instanceof Map ? value : undefined;
  switch (kind) {
    case 'null_value':
      return null;
    case 'bool_value':
      return value === 'true';
    case 'int64_value':
      return BigInt(value as bigint);
    case 'uint64_value':
      return new CelUint(BigInt(value as bigint));
    case 'double_value':
      return readDouble(value);
    case 'string_value':
      return new TextDecoder().decode(value as Uint8Array);
    case 'bytes_value':
      return new CelBytes(value as Uint8Array);
    case 'type_value': {
      const type = TYPE_NAMES.get(new TextDecoder().decode(value as Uint8Array));
      if (!type) throw new Unsupported();
      return new CelType(type);
    }
    case 'list_value':
      return new ArrayList(messages(inner, 'values').map(readValue));
    case 'map_value':
      return readMap(inner!);
    case 'object_value':
      return readObject(inner!);
    default:
      throw new Unsupported(kind);
  }
}

const NAMED: Record<string, number> = { inf: Number.POSITIVE_INFINITY, infinity: Number.POSITIVE_INFINITY };

function readDouble(value: Field): number {
  if (typeof value !== 'string') return Number(value);
  const plain = value.toLowerCase().replace('-', '');
  const number = NAMED[plain] ?? Number.NaN;
  return value.startsWith('-') ? -number : number;
}

function readMap(inner: Message): Value {
  const map = new EntryMap();
  for (const entry of messages(inner, 'entries')) {
    const key = readValue(one(entry, 'key')!);
    map.entries.set(mapKey(key)!, [key, readValue(one(entry, 'value')!)]);
  }
  return map;
}

/** Instants and durations are the only objects of protocol buffers that Kubernetes has. */
function readObject(inner: Message): Value {
  const [name, [value]] = [...inner][0] as [string, Field[]];
  const fields = value as Message;
  const number = (field: string): bigint => BigInt((fields.get(field)?.[0] as bigint) ?? 0);
  const nanos = () => number('seconds') * 1_000_000_000n + number('nanos');
  if (name.endsWith('google.protobuf.Timestamp]')) return new CelTimestamp(nanos());
  if (name.endsWith('google.protobuf.Duration]')) return new CelDuration(nanos());
  throw new Unsupported(name);
}
