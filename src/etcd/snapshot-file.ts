/**
 * A cluster as one file, documented in docs/export.md: lines of JSON. The first line is the header, each other one a key with its
 * value, in key order. Text values are `value`, others are base64 in `value64`; keys that are not ASCII are base64 in `key64`.
 */
import { piecesOf } from '../simulation/body-pieces.ts';
import { type Room, readInto } from './bounded-body.ts';
import { foreignValue } from './foreign-value.ts';
import type { KeyValue, Value } from './types.ts';

export const FORMAT = 'diorama-cluster';
export const FORMAT_VERSION = 1;

/** `Making` is what else is needed to make such a cluster again. */
export interface SnapshotHeader<Making> {
  format: typeof FORMAT;
  version: typeof FORMAT_VERSION;
  revision: number;
  /** The cluster's own time, milliseconds since 1970. */
  time: number;
  making: Making;
}

const ASCII = /^[\x20-\x7e]*$/;

export function encodeEntry(kv: KeyValue): string {
  const { key, value, createRevision, modRevision, version } = kv;
  return JSON.stringify({
    ...(ASCII.test(key) ? { key } : { key64: btoa(key) }),
    ...(typeof value === 'string' ? { value } : { value64: btoa(String.fromCharCode(...value)) }),
    createRevision,
    modRevision,
    version,
  });
}

/** Bytes of a key with its value, as etcd takes them in one request. */
export const MAX_ENTRY_BYTES = 1.5 * 1024 * 1024;

/** `revision`: that of the whole state, which no key may be beyond. @throws Error that says what is wrong with the line. */
export function decodeEntry(line: string, revision = Number.MAX_SAFE_INTEGER): KeyValue {
  const entry = objectOf(line);
  const key = textOrBase64(entry, 'key', isPrintableASCII, 'is not printable ASCII: write it as key64');
  const text = textOrBase64(entry, 'value', (value) => value.isWellFormed(), 'is not text: write it as value64');
  const value = typeof entry.value === 'string' ? text : Uint8Array.from(text, (c) => c.charCodeAt(0));
  if (key === '') throw new Error('the key is empty');
  if (key.length + byteLength(value) > MAX_ENTRY_BYTES)
    throw new Error(`the key and its value have more than ${MAX_ENTRY_BYTES} bytes`);
  const createRevision = positive(entry.createRevision, 'createRevision');
  const modRevision = positive(entry.modRevision, 'modRevision');
  const version = positive(entry.version, 'version');
  if (modRevision > revision) throw new Error(`modRevision is beyond the file's revision ${revision}`);
  if (createRevision > modRevision) throw new Error('createRevision is beyond modRevision');
  // Each version but the first was made at a revision of its own after the creation.
  if (version > modRevision - createRevision + 1) throw new Error('version is more than there were revisions');
  return { key, value: foreignValue(key, value), createRevision, modRevision, version, lease: '0' };
}

function objectOf(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('the line is no object');
  return value as Record<string, unknown>;
}

const isPrintableASCII = (text: string): boolean => ASCII.test(text);

/** Long texts are the rule's exception: only they are worth counting. */
const byteLength = (value: Value): number =>
  typeof value === 'string' && value.length * 4 > MAX_ENTRY_BYTES
    ? new TextEncoder().encode(value).length
    : value.length;

function textOrBase64(
  entry: Record<string, unknown>,
  field: 'key' | 'value',
  isText: (text: string) => boolean,
  otherwise: string,
): string {
  const text = entry[field];
  if (typeof text !== 'string') return decode64(entry[`${field}64`], field);
  if (!isText(text)) throw new Error(`the ${field} ${otherwise}`);
  return text;
}

function decode64(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`there is no ${what}`);
  try {
    return atob(value);
  } catch {
    throw new Error(`the ${what} is not base64`);
  }
}

function positive(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw new Error(`${what} must be a positive integer`);
  return value as number;
}

/** @throws Error that says why this is no such file. */
export function decodeHeader(line: string): object {
  let header: Partial<SnapshotHeader<unknown>>;
  try {
    header = JSON.parse(line);
  } catch {
    throw new Error('the first line is not JSON');
  }
  if (header?.format !== FORMAT) throw new Error(`the first line's format is not ${FORMAT}`);
  if (header.version !== FORMAT_VERSION) throw new Error(`version ${header.version} of the format is not known here`);
  if (typeof header.making !== 'object' || header.making === null) throw new Error('the header has no making');
  return header;
}

export interface NumberedLine {
  text: string;
  /** From 1 on. */
  number: number;
}

/** What is read of a file at once. */
const LINES_BYTES = 64 * 1024;

/**
 * The lines of a stream of bytes, without their ends and but for empty ones. `room`: where its bytes count, until they are given back.
 * @throws Error for a line too long, or that is not UTF-8.
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  maxLineLength: number,
  room?: Room,
): AsyncGenerator<NumberedLine> {
  const reader = piecesOf(stream, LINES_BYTES, true);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let number = 1;
  // Of the line that has begun: its pieces are looked at once, however many there are.
  let parts: string[] = [];
  let length = 0;
  const take = (part: string): void => {
    parts.push(part);
    length += part.length;
    if (length > maxLineLength) throw new Error(`a line has more than ${maxLineLength} characters`);
  };
  for (;;) {
    const { value, done } = await readInto(reader, room);
    const text = decoder.decode(value, { stream: !done });
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
      if (length > 0) yield { text: parts.join(''), number };
      number++;
      parts = [];
      length = 0;
    }
    take(text.slice(from));
    if (done) break;
  }
  if (length > 0) yield { text: parts.join(''), number };
}
