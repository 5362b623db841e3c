/**
 * `application/vnd.kubernetes.protobuf`: the magic `k8s\0`, then a `runtime.Unknown` around the object's own message.
 * Field numbers come from the table of types. Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { BUILT_IN_SCHEMAS, builtInStruct, META, type Struct } from '../../catalog/schema.ts';
import type { KubeObject } from '../../objects/object.ts';
import { decodeValue } from './decode.ts';
import { DecodeError } from './decode-error.ts';
import { readMessage } from './protobuf-read.ts';
import { writeMessage } from './protobuf-write.ts';

export class ProtobufError extends Error {}

const MAGIC = [0x6b, 0x38, 0x73, 0x00];

export interface DecodedProtobuf {
  apiVersion: string;
  kind: string;
  value: KubeObject;
  struct: Struct;
}

export const isProtobuf = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** Only built-in types have numbers for their fields, and with them a Protobuf form. */
function structOf(group: string, version: string, kind: string): Struct | undefined {
  const name = BUILT_IN_SCHEMAS.nameOf(group, version, kind);
  return name === undefined ? undefined : BUILT_IN_SCHEMAS.find(name);
}

/** Reads an enveloped object. Throws `ProtobufError`. */
export function decodeProtobuf(
  body: Uint8Array,
  expected?: { group: string; version: string; kind: string },
): DecodedProtobuf {
  if (!isProtobuf(body)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(body.subarray(4));
    const version = apiVersion || (expected ? [expected.group, expected.version].filter(Boolean).join('/') : '');
    const name = kind || expected?.kind || '';
    const slash = version.indexOf('/');
    const struct = structOf(version.slice(0, Math.max(slash, 0)), version.slice(slash + 1), name);
    if (!struct) {
      throw new ProtobufError(
        `no kind "${name}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`,
      );
    }
    const value = decodeValue(struct, readMessage(new BinaryReader(raw), struct, raw.length)).value;
    return { apiVersion: version, kind: name, value, struct };
  } catch (error) {
    if (error instanceof ProtobufError) throw error;
    if (error instanceof DecodeError) throw new ProtobufError(error.message);
    throw new ProtobufError('unexpected EOF');
  }
}

function readEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const result = { apiVersion: '', kind: '', raw: new Uint8Array() };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 2) result.raw = reader.bytes() as Uint8Array<ArrayBuffer>;
    else if (number === 1) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) {
        const [inner, innerWire] = reader.tag();
        if (inner === 1) result.apiVersion = reader.string();
        else if (inner === 2) result.kind = reader.string();
        else reader.skip(innerWire);
      }
    } else reader.skip(wire);
  }
  return result;
}

/** An object, list, `Status` or options with its envelope; undefined for a kind that has no Protobuf form. */
export function encodeProtobuf(object: KubeObject): Uint8Array | undefined {
  // The core group's discovery goes without a version, and what is no object, such as /version, without a kind.
  const { apiVersion = '', kind } = object as Partial<KubeObject>;
  if (kind === undefined) return undefined;
  const slash = apiVersion.indexOf('/');
  const struct = structOf(apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1) || 'v1', kind);
  if (!struct) return undefined;
  const message = new BinaryWriter();
  writeMessage(message, struct, object);
  return envelope(apiVersion, kind, message.finish());
}

/**
 * A list whose members come bit by bit: what stands before them (which says how many bytes they are), the members themselves, what
 * stands after them. `head` is the list without members, of a kind that has a Protobuf form.
 */
export function protobufList(head: KubeObject): {
  begin(length: number): Uint8Array<ArrayBuffer>;
  members(items: unknown[]): Uint8Array<ArrayBuffer>;
  end: Uint8Array<ArrayBuffer>;
} {
  const { apiVersion = '', kind } = head;
  const slash = apiVersion.indexOf('/');
  const struct = structOf(apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1), kind)!;
  const message = (value: object): Uint8Array<ArrayBuffer> => {
    const writer = new BinaryWriter();
    writeMessage(writer, struct, value);
    return writer.finish() as Uint8Array<ArrayBuffer>;
  };
  const raw = message(head);
  // What a list without anything has in front: its metadata.
  const bare = message({}).length;
  return {
    begin(length) {
      const whole = envelope(apiVersion, kind, raw, raw.length + length);
      return whole.subarray(0, whole.length - ENVELOPE_END.length) as Uint8Array<ArrayBuffer>;
    },
    members: (items) => message({ items }).subarray(bare) as Uint8Array<ArrayBuffer>,
    end: ENVELOPE_END,
  };
}

/** An empty contentEncoding and contentType. */
const ENVELOPE_END = new Uint8Array([(3 << 3) | 2, 0, (4 << 3) | 2, 0]);

/** `length`: of the object's message, if `raw` is only its beginning. */
function envelope(apiVersion: string, kind: string, raw: Uint8Array, length = raw.length): Uint8Array {
  const writer = new BinaryWriter();
  writer.raw(new Uint8Array(MAGIC));
  writer.tag(1, 2).fork();
  writer.tag(1, 2).string(apiVersion).tag(2, 2).string(kind);
  writer.join();
  writer.tag(2, 2).uint32(length).raw(raw);
  writer.raw(ENVELOPE_END);
  return writer.finish();
}

/** One frame of a watch: four bytes of length, then a `WatchEvent` without an envelope around the object with one. */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const struct = builtInStruct(`${META}WatchEvent`);
  const numberOf = (name: string) => struct.byName.get(name)!.number;
  const writer = new BinaryWriter();
  writer.tag(numberOf('type'), 2).string(type);
  writer.tag(numberOf('object'), 2).fork().tag(1, 2).bytes(object).join();
  const event = writer.finish();
  const frame = new Uint8Array(event.length + 4);
  new DataView(frame.buffer).setUint32(0, event.length);
  frame.set(event, 4);
  return frame;
}
