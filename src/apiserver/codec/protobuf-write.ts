/** Messages by the table of types. As Go does, a field that is no pointer is written even when it is empty. */
import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Field, Scalar, Struct, Type } from '../../catalog/schema.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import { parseDuration } from '../../objects/go-duration.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { decodeBase64 } from '../../simulation/base64.ts';

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

/** @param value of the struct's type: it has been decoded, or made here. */
export function writeMessage(writer: BinaryWriter, struct: Struct, value: object | undefined): void {
  for (const { name, number, type } of fieldsInOrder(struct)) {
    const item: unknown = name ? (value as JSONObject | undefined)?.[name] : value;
    if (type.form === 'map') writeMap(writer, number, type.element, item as JSONObject | null | undefined);
    else if (type.form === 'list' && !type.named) {
      for (const element of (item as unknown[] | null | undefined) ?? [])
        writeField(writer, number, type.element, element);
    } else if (item !== undefined && item !== null) writeField(writer, number, type, item);
    else if (!type.pointer && !isNil(type)) writeField(writer, number, type, undefined);
  }
}

const isNil = (type: Type): boolean => type.form === 'list' || (type.form === 'scalar' && type.scalar === 'bytes');

function writeMap(writer: BinaryWriter, number: number, element: Type, map: JSONObject | null | undefined): void {
  for (const key of Object.keys(map ?? {}).sort()) {
    writer.tag(number, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(key);
    writeField(writer, 2, element, map![key]);
    writer.join();
  }
}

function writeField(writer: BinaryWriter, number: number, type: Type, value: unknown): void {
  if (type.form === 'scalar') {
    writeScalar(writer, number, type.scalar, value);
    return;
  }
  writer.tag(number, WireType.LengthDelimited).fork();
  if (type.form === 'struct') writeMessage(writer, type.struct, (value ?? undefined) as object | undefined);
  else if (type.form === 'list')
    for (const item of (value as unknown[] | undefined) ?? []) writeField(writer, 1, type.element, item);
  writer.join();
}

function writeScalar(writer: BinaryWriter, number: number, scalar: Scalar, value: unknown): void {
  switch (scalar) {
    case 'bool':
      writer.tag(number, WireType.Varint).bool((value as boolean | undefined) ?? false);
      return;
    case 'int32':
      writer.tag(number, WireType.Varint).int32((value as number | undefined) ?? 0);
      return;
    case 'int64':
      writer.tag(number, WireType.Varint).int64(BigInt((value as number | undefined) ?? 0));
      return;
    case 'float64':
      writer.tag(number, WireType.Bit64).double((value as number | undefined) ?? 0);
      return;
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string((value as string | undefined) ?? '');
      return;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value ? decodeBase64(value as string) : EMPTY);
      return;
    case 'any':
      return;
    default:
      writer.tag(number, WireType.LengthDelimited).fork();
      writeParts(writer, scalar, value);
      writer.join();
  }
}

function writeParts(writer: BinaryWriter, scalar: Scalar, value: unknown): void {
  switch (scalar) {
    case 'Time':
    case 'MicroTime':
      if (value) writeTime(writer, value as string);
      return;
    case 'Duration':
      writer.tag(1, WireType.Varint).int64(value ? parseDuration(value as string) : 0n);
      return;
    case 'Quantity':
      writer.tag(1, WireType.LengthDelimited).string(String(value ?? '0'));
      return;
    case 'IntOrString': {
      const isText = typeof value === 'string';
      writer.tag(1, WireType.Varint).int64(isText ? 1n : 0n);
      writer.tag(2, WireType.Varint).int32(isText ? 0 : ((value as number | undefined) ?? 0));
      writer.tag(3, WireType.LengthDelimited).string(isText ? value : '');
      return;
    }
    case 'FieldsV1':
      if (value !== undefined && value !== null)
        writer.tag(1, WireType.LengthDelimited).bytes(text.encode(JSON.stringify(value, namesInOrder)));
      return;
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

/** Who reads a set of fields as bytes finds its names in the order of the real server, which sorts them. */
const namesInOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

function writeTime(writer: BinaryWriter, value: string): void {
  const seconds = BigInt(Math.floor(Date.parse(value) / 1000));
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  writer.tag(1, WireType.Varint).int64(seconds);
  writer.tag(2, WireType.Varint).int32(Number(fraction.padEnd(9, '0').slice(0, 9)));
}

function writeSchemaOr(writer: BinaryWriter, scalar: Scalar, value: unknown): void {
  const struct = builtInStruct(JSON_SCHEMA);
  const schema = (number: number, item: object) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    writeMessage(writer, struct, item);
    writer.join();
  };
  if (scalar === 'JSONSchemaPropsOrBool') {
    writer.tag(1, WireType.Varint).bool(isJSONObject(value) || value === true);
    if (isJSONObject(value)) schema(2, value);
  } else if (isJSONObject(value)) schema(1, value);
  else if (scalar === 'JSONSchemaPropsOrArray')
    for (const item of (value as object[] | undefined) ?? []) schema(2, item);
  else for (const item of (value as string[] | undefined) ?? []) writer.tag(2, WireType.LengthDelimited).string(item);
}
