/**
 * A cluster as one file, documented in docs/export.md: lines of JSON. The first line is the header, each other one a key with its
 * value, in key order. Text values are `value`, others are base64 in `value64`; keys that are not ASCII are base64 in `key64`.
 */
import { foreignValue } from './foreign-value.ts';
import type { KeyValue } from './types.ts';

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

/** @throws Error that says what is wrong with the line. */
export function decodeEntry(line: string): KeyValue {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const key = typeof entry.key === 'string' ? entry.key : decode64(entry.key64, 'key');
  const value =
    typeof entry.value === 'string'
      ? entry.value
      : Uint8Array.from(decode64(entry.value64, 'value'), (c) => c.charCodeAt(0));
  if (key === '') throw new Error('the key is empty');
  return {
    key,
    value: foreignValue(key, value),
    createRevision: positive(entry.createRevision, 'createRevision'),
    modRevision: positive(entry.modRevision, 'modRevision'),
    version: positive(entry.version, 'version'),
    lease: '0',
  };
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
export function decodeHeader<Making>(line: string): SnapshotHeader<Making> {
  let header: Partial<SnapshotHeader<Making>>;
  try {
    header = JSON.parse(line);
  } catch {
    throw new Error('the first line is not JSON');
  }
  if (header?.format !== FORMAT) throw new Error(`the first line's format is not ${FORMAT}`);
  if (header.version !== FORMAT_VERSION) throw new Error(`version ${header.version} of the format is not known here`);
  positive(header.revision, 'revision');
  if (typeof header.making !== 'object' || header.making === null) throw new Error('the header has no making');
  return header as SnapshotHeader<Making>;
}

/** The lines of a stream of bytes, without their ends. */
export async function* linesOf(stream: ReadableStream<Uint8Array>, maxLineLength: number): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    if (rest.length > maxLineLength) throw new Error(`a line has more than ${maxLineLength} characters`);
    for (const line of lines) if (line !== '') yield line;
    if (done) break;
  }
  if (rest !== '') yield rest;
}
