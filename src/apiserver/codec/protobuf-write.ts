/** Messages by the table of types. As Go does, a field that is no pointer is written even when it is empty. */
import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Field, Scalar, Struct, Type } from '../../catalog/schema.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { parseDuration } from './time.ts';

const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
const text = new TextEncoder();
const EMPTY = new Uint8Array();

const inOrder = new WeakMap<Struct, Field[]>();

function fieldsInOrder(struct: Struct): Field[] {
  let fields = inOrder.get(struct);
  if (!fields) {
    fields = struct.declared.filter((f) => f.number > 0).sort((a, b) => a.number - b.number);
    inOrder.set(struct, fields);
  }
  return fields;
}

export function writeMessage(writer: BinaryWriter, struct: Struct, value: any): void {
  for (const { name, number, type } of fieldsInOrder(struct)) {
    const item = name ? value?.[name] : value;
    if (type.form === 'map') writeMap(writer, number, type.element, item);
    else if (type.form === 'list' && !type.named) {
      for (const element of item ?? []) writeField(writer, number, type.element, element);
    } else if (item !== undefined && item !== null) writeField(writer, number, type, item);
    else if (!type.pointer && !isNil(type)) writeField(writer, number, type, undefined);
  }
}

const isNil = (type: Type): boolean => type.form === 'list' || (type.form === 'scalar' && type.scalar === 'bytes');

function writeMap(writer: BinaryWriter, number: number, element: Type, map: Record<string, unknown> | undefined): void {
  for (const key of Object.keys(map ?? {}).sort()) {
    writer.tag(number, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(key);
    writeField(writer, 2, element, map![key]);
    writer.join();
  }
}

function writeField(writer: BinaryWriter, number: number, type: Type, value: any): void {
  if (type.form === 'scalar') {
    writeScalar(writer, number, type.scalar, value);
    return;
  }
  writer.tag(number, WireType.LengthDelimited).fork();
  if (type.form === 'struct') writeMessage(writer, type.struct, value);
  else if (type.form === 'list') for (const item of value ?? []) writeField(writer, 1, type.element, item);
  writer.join();
}

function writeScalar(writer: BinaryWriter, number: number, scalar: Scalar, value: any): void {
  switch (scalar) {
    case 'bool':
      writer.tag(number, WireType.Varint).bool(value ?? false);
      return;
    case 'int32':
      writer.tag(number, WireType.Varint).int32(value ?? 0);
      return;
    case 'int64':
      writer.tag(number, WireType.Varint).int64(BigInt(value ?? 0));
      return;
    case 'float64':
      writer.tag(number, WireType.Bit64).double(value ?? 0);
      return;
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string(value ?? '');
      return;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value ? decodeBase64(value) : EMPTY);
      return;
    case 'any':
      return;
    default:
      writer.tag(number, WireType.LengthDelimited).fork();
      writeParts(writer, scalar, value);
      writer.join();
  }
}

function writeParts(writer: BinaryWriter, scalar: Scalar, value: any): void {
  switch (scalar) {
    case 'Time':
    case 'MicroTime':
      if (value) writeTime(writer, value);
      return;
    case 'Duration':
      writer.tag(1, WireType.Varint).int64(value ? parseDuration(value) : 0n);
      return;
    case 'Quantity':
      writer.tag(1, WireType.LengthDelimited).string(String(value ?? '0'));
      return;
    case 'IntOrString': {
      const isText = typeof value === 'string';
      writer.tag(1, WireType.Varint).int64(isText ? 1n : 0n);
      writer.tag(2, WireType.Varint).int32(isText ? 0 : (value ?? 0));
      writer.tag(3, WireType.LengthDelimited).string(isText ? value : '');
      return;
    }
    case 'FieldsV1':
    case 'RawExtension':
    case 'JSON':
      if (value !== undefined && value !== null) {
        writer.tag(1, WireType.LengthDelimited).bytes(text.encode(JSON.stringify(value)));
      }
      return;
    default:
      writeSchemaOr(writer, scalar, value);
  }
}

function writeTime(writer: BinaryWriter, value: string): void {
  const seconds = BigInt(Math.floor(Date.parse(value) / 1000));
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  writer.tag(1, WireType.Varint).int64(seconds);
  writer.tag(2, WireType.Varint).int32(Number(fraction.padEnd(9, '0').slice(0, 9)));
}

function writeSchemaOr(writer: BinaryWriter, scalar: Scalar, value: any): void {
  const struct = builtInStruct(JSON_SCHEMA);
  const schema = (number: number, item: unknown) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    writeMessage(writer, struct, item);
    writer.join();
  };
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (scalar === 'JSONSchemaPropsOrBool') {
    writer.tag(1, WireType.Varint).bool(isSchema || value === true);
    if (isSchema) schema(2, value);
  } else if (isSchema) schema(1, value);
  else if (scalar === 'JSONSchemaPropsOrArray') for (const item of value ?? []) schema(2, item);
  else for (const item of value ?? []) writer.tag(2, WireType.LengthDelimited).string(item);
}
