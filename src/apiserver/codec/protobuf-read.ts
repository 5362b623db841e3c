/** Messages by the table of types, as the values that JSON would have. */
import type { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Field, Scalar, Struct, Type } from '../../catalog/schema.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import { encodeBase64 } from '../../simulation/base64.ts';
import { parseJSON } from './json-text.ts';
import { isoSeconds } from './time.ts';

const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

const byNumber = new WeakMap<Struct, Map<number, Field>>();

function fieldsByNumber(struct: Struct): Map<number, Field> {
  let fields = byNumber.get(struct);
  if (!fields) {
    fields = new Map(struct.declared.filter((f) => f.number > 0).map((f) => [f.number, f]));
    byNumber.set(struct, fields);
  }
  return fields;
}

/** Reads up to `end`. Throws on bytes that are no message. */
export function readMessage(reader: BinaryReader, struct: Struct, end: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  readInto(result, reader, struct, end);
  return result;
}

function readInto(result: Record<string, unknown>, reader: BinaryReader, struct: Struct, end: number): void {
  const fields = fieldsByNumber(struct);
  if (end > reader.len) throw new RangeError('message is longer than its container');
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const field = fields.get(number);
    if (!field) {
      reader.skip(wire);
      continue;
    }
    const { type, name } = field;
    if (!name && type.form === 'struct') readInto(result, reader, type.struct, lengthEnd(reader));
    else if (type.form === 'map') {
      result[name] ??= {};
      readEntry(result[name] as Record<string, unknown>, reader, type.element);
    } else if (type.form === 'list' && !type.named) {
      result[name] ??= [];
      readElement(result[name] as unknown[], reader, type.element, wire);
    } else result[name] = readValue(reader, type);
  }
}

const lengthEnd = (reader: BinaryReader): number => reader.uint32() + reader.pos;

function readElement(list: unknown[], reader: BinaryReader, element: Type, wire: WireType): void {
  const number = element.form === 'scalar' && ['int32', 'int64', 'bool', 'float64'].includes(element.scalar);
  if (!number || wire !== 2) {
    list.push(readValue(reader, element));
    return;
  }
  const end = lengthEnd(reader);
  while (reader.pos < end) list.push(readValue(reader, element));
}

function readEntry(map: Record<string, unknown>, reader: BinaryReader, element: Type): void {
  const end = lengthEnd(reader);
  let key = '';
  let value: unknown = null;
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    if (number === 1) key = reader.string();
    else if (number === 2) value = readValue(reader, element);
    else reader.skip(wire);
  }
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function readValue(reader: BinaryReader, type: Type): unknown {
  switch (type.form) {
    case 'struct':
      return readMessage(reader, type.struct, lengthEnd(reader));
    case 'list':
      return readParts(reader, (number) => (number === 1 ? () => readValue(reader, type.element) : undefined)).map(
        ([, value]) => value,
      );
    case 'map':
      return null;
    case 'scalar':
      return readScalar(reader, type.scalar);
  }
}

function readScalar(reader: BinaryReader, scalar: Scalar): unknown {
  switch (scalar) {
    case 'string':
      return reader.string();
    case 'bool':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return Number(reader.int64());
    case 'float64':
      return reader.double();
    case 'bytes':
      return encodeBase64(reader.bytes());
    case 'any':
      return null;
    case 'Time':
    case 'MicroTime':
      return readTime(reader, scalar);
    case 'Duration':
      return `${Number(
        one(
          readParts(reader, () => () => reader.int64()),
          1,
        ) ?? 0,
      )}ns`;
    case 'Quantity':
      return (
        one(
          readParts(reader, () => () => reader.string()),
          1,
        ) ?? '0'
      );
    case 'IntOrString':
      return readIntOrString(reader);
    case 'FieldsV1':
    case 'RawExtension':
    case 'JSON':
      return readRaw(
        one(
          readParts(reader, () => () => reader.bytes()),
          1,
        ) as Uint8Array | undefined,
      );
    default:
      return readSchemaOr(reader, scalar);
  }
}

/** The fields of a small message: for each number a way to read it, or none to skip it. */
function readParts(reader: BinaryReader, how: (number: number) => (() => unknown) | undefined): [number, unknown][] {
  const parts: [number, unknown][] = [];
  const end = lengthEnd(reader);
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const read = how(number);
    if (read) parts.push([number, read()]);
    else reader.skip(wire);
  }
  return parts;
}

const one = (parts: [number, unknown][], number: number): unknown => parts.findLast(([n]) => n === number)?.[1];

/** The furthest instant that a Date can tell, milliseconds from 1970. */
export const MAX_TIME = 8.64e15;

function readTime(reader: BinaryReader, scalar: 'Time' | 'MicroTime'): string | null {
  const parts = readParts(reader, (n) => (n === 1 ? () => reader.int64() : n === 2 ? () => reader.int32() : undefined));
  if (parts.length === 0) return null;
  const since = Number(one(parts, 1) ?? 0) * 1000;
  if (Math.abs(since) > MAX_TIME) return null;
  const seconds = isoSeconds(since);
  if (scalar === 'Time') return `${seconds}Z`;
  return `${seconds}.${String(one(parts, 2) ?? 0)
    .padStart(9, '0')
    .slice(0, 6)}Z`;
}

function readIntOrString(reader: BinaryReader): number | string {
  const parts = readParts(reader, (n) => (n === 3 ? () => reader.string() : () => Number(reader.int64())));
  return one(parts, 1) === 1 ? ((one(parts, 3) as string) ?? '') : Number(one(parts, 2) ?? 0);
}

/** JSON within a message, or an enveloped object of which only the bytes are known. */
function readRaw(bytes: Uint8Array | undefined): unknown {
  if (!bytes || bytes.length === 0) return null;
  return parseJSON(new TextDecoder().decode(bytes)).value;
}

function readSchemaOr(reader: BinaryReader, scalar: Scalar): unknown {
  const struct = builtInStruct(JSON_SCHEMA);
  const schema = () => readMessage(reader, struct, lengthEnd(reader));
  if (scalar === 'JSONSchemaPropsOrBool') {
    const parts = readParts(reader, (n) => (n === 1 ? () => reader.bool() : schema));
    return one(parts, 2) ?? one(parts, 1) ?? false;
  }
  const list = scalar === 'JSONSchemaPropsOrStringArray' ? () => reader.string() : schema;
  const parts = readParts(reader, (n) => (n === 1 ? schema : list));
  return one(parts, 1) ?? parts.map(([, value]) => value);
}
