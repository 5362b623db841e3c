/**
 * Protobuf's JSON, as the gateway speaks it: requests are read by the message's table of fields (names in either case, int64 as text
 * or number, base64 in either alphabet, unknown fields ignored); answers leave out what has its default value.
 * Source: https://protobuf.dev/programming-guides/json/
 */

import { EtcdError, GRPC } from '../errors.ts';
import type { Value } from '../types.ts';
import { splitDocuments } from './json-documents.ts';

/** A field's type: a scalar, an enum (its names by number), a message, or a list of one of them. */
export type FieldType =
  | 'bytes'
  | 'string'
  | 'bool'
  | 'int64'
  | 'uint64'
  | { enum: readonly string[] }
  | { message: () => MessageType }
  | { repeated: FieldType };

/** Names the fields of a message of which only one may be given. */
export const ONEOF = Symbol('oneof');

/** Fields by their proto name. */
export type MessageType = Record<string, FieldType> & { [ONEOF]?: readonly string[] };

/** A read message: fields by proto name, only those given. int64 is a decimal string, bytes a byte string, an enum its number. */
export type Message = Record<string, unknown>;

function invalid(message: string): EtcdError {
  return new EtcdError(GRPC.INVALID_ARGUMENT, `proto: ${message}`);
}

/** The JSON token that a value begins with. */
function token(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return Array.isArray(value) ? '[' : '{';
}

const RANGE = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

/** Messages in messages; protobuf's own limit is 10,000, more than a stack of ours takes. */
export const MAX_DEPTH = 1000;

/** `depth`: messages around it. */
export function readMessage(type: MessageType, json: unknown, depth = 0): Message {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw invalid(`syntax error (line 1:1): unexpected token ${token(json)}`);
  }
  if (depth >= MAX_DEPTH) throw invalid('exceeded max recursion depth');
  const message: Message = {};
  for (const [name, value] of Object.entries(json)) {
    const field = name in type ? name : snakeCase(name);
    const fieldType = Object.hasOwn(type, field) ? type[field] : undefined;
    if (!fieldType || value === null) continue;
    if (field in message) throw invalid(`duplicate field ${JSON.stringify(name)}`);
    const read = readField(fieldType, value, field, depth);
    if (read !== undefined) message[field] = read;
  }
  const given = type[ONEOF]?.filter((field) => field in message) ?? [];
  if (given.length > 1) throw invalid(`error parsing ${JSON.stringify(given[1])}, oneof is already set`);
  return message;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function readField(fieldType: FieldType, value: unknown, name: string, depth: number): unknown {
  if (typeof fieldType === 'object') {
    if ('repeated' in fieldType) {
      if (!Array.isArray(value)) throw invalid(`syntax error: unexpected token ${token(value)}`);
      return value.map((item) => readField(fieldType.repeated, item, name, depth)).filter((item) => item !== undefined);
    }
    if ('message' in fieldType) return readMessage(fieldType.message(), value, depth + 1);
    return readEnum(fieldType.enum, value, name);
  }
  switch (fieldType) {
    case 'bytes':
      if (typeof value === 'string') return readBase64(value, name);
      break;
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'int64':
    case 'uint64':
      return readInteger(fieldType, value, name);
    default: {
      return fieldType satisfies never;
    }
  }
  throw invalid(`invalid value for ${fieldType} field ${name}: ${token(value)}`);
}

function readEnum(names: readonly string[], value: unknown, name: string): number | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value !== 'string') throw invalid(`invalid value for enum field ${name}: ${token(value)}`);
  // A name that is not known is ignored like an unknown field.
  const number = names.indexOf(value);
  return number < 0 ? undefined : number;
}

function readInteger(type: 'int64' | 'uint64', value: unknown, name: string): string {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? wholeNumber(value) : '';
  const digits = /^-?\d+$/.test(text) ? text : exponent(text);
  if (digits !== undefined) {
    const integer = BigInt(digits);
    const [low, high] = RANGE[type];
    if (integer >= low && integer <= high) return String(integer);
  }
  throw invalid(`invalid value for ${type} field ${name}: ${token(value)}`);
}

function wholeNumber(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** `1.0` and `1e3` are integers too. */
function exponent(text: string): string | undefined {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? String(number) : undefined;
}

function readBase64(text: string, name: string): string {
  const plain = text
    .replace(/[\r\n]/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  const unpadded = plain.replace(/={1,2}$/, '');
  const padded = plain.length !== unpadded.length;
  if (/[^A-Za-z0-9+/]/.test(unpadded) || unpadded.length % 4 === 1 || (padded && plain.length % 4 !== 0)) {
    throw invalid(`invalid value for bytes field ${name}: ${JSON.stringify(text.slice(0, 64))}`);
  }
  return atob(unpadded);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** A value's stored form: text where it is valid UTF-8 without NUL, else bytes. */
export function valueOfBytes(bytes: string): Value {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every byte but NUL, up to 0x7f
  if (/^[\x01-\x7f]*$/.test(bytes)) return bytes;
  const array = Uint8Array.from(bytes, (unit) => unit.charCodeAt(0));
  if (bytes.includes('\0')) return array;
  try {
    return decoder.decode(array);
  } catch {
    return array;
  }
}

export function bytesOfValue(value: Value): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is its own UTF-8
  if (typeof value === 'string' && /^[\x00-\x7f]*$/.test(value)) return value;
  const array = typeof value === 'string' ? encoder.encode(value) : value;
  let bytes = '';
  for (let i = 0; i < array.length; i += 8192) bytes += String.fromCharCode(...array.subarray(i, i + 8192));
  return bytes;
}

/** An answer's message without the fields that have their default; a message field stays, however empty. */
export function message(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === false || value === 0 || value === '' || value === '0') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    kept[name] = value;
  }
  return kept;
}

const TOKEN = /"(?:[^"\\]|\\.)*"\s*:?|[{}]/g;

/** Whether an object in the text names a field twice, which JSON's parser would not tell. */
function namesTwice(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const names = open[open.length - 1];
      const name = token.slice(0, -1).trimEnd();
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}

/** Numbers too big to be exact come as their digits. */
export function parseJSON(text: string): unknown {
  const value = parseExactly(text);
  if (namesTwice(text)) throw invalid('duplicate field');
  return value;
}

function parseExactly(text: string): unknown {
  try {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return JSON.parse(text, function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
      const exact = typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined;
      return exact ? value : context.source;
    } as (key: string, value: unknown) => unknown);
  } catch {
    throw new EtcdError(GRPC.INVALID_ARGUMENT, text.trim() === '' ? 'unexpected EOF' : syntaxError(text));
  }
}

function syntaxError(text: string): string {
  const { documents, rest } = splitDocuments(text);
  if (documents.length === 0 && /^[{["]/.test(rest)) return 'unexpected EOF';
  return `invalid character '${(rest || documents[0] || ' ').trim()[0]}' looking for beginning of value`;
}
