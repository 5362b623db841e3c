/**
 * The log as etcd's bucket `key` has it: an entry for each change, by revision, a tombstone where a key was deleted. It is read a page
 * at a time, so that requests get in between and the whole is never in memory.
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { AFTER_ALL_KEYS, type Log } from '../log.ts';
import type { SqlValue } from '../sql.ts';
import type { KeyValue } from '../types.ts';
import type { Bucket } from './bolt-file.ts';
import type { LeafEntry } from './bolt-page.ts';

const SIZES_PAGE = 5000;
/** Bytes of values that a page of changes may hold, a single larger one aside. */
const PAGE_BYTES = 1024 * 1024;
const SIZES = `SELECT revision, sub, length(key), length(CAST(value AS BLOB)), create_revision, version, lease FROM etcd_log
  WHERE (revision, sub) > (?, ?) AND revision <= ? ORDER BY revision, sub LIMIT ${SIZES_PAGE}`;
const CHANGES = `SELECT revision, sub, key, value, create_revision, version, lease FROM etcd_log
  WHERE (revision, sub) > (?, ?) AND (revision, sub) <= (?, ?) ORDER BY revision, sub`;
const OVER_BASE = 'SELECT key FROM etcd_log WHERE prev_revision = -1';
const LAST_OF_FIRST = 'SELECT max(sub) FROM etcd_log WHERE revision = 1';

/** Lets requests in between two pages. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** etcd's key of a change: eight bytes of revision, `_`, eight of the change's place in it, and `t` if it is a deletion. */
export function changeKey(revision: number, sub: number, isDeletion: boolean): string {
  return `${bigEndian(revision)}_${bigEndian(sub)}${isDeletion ? 't' : ''}`;
}

/** Eight bytes. */
export function bigEndian(number: number | bigint): string {
  let text = '';
  for (let rest = BigInt.asUintN(64, BigInt(number)), i = 0; i < 8; i++, rest >>= 8n)
    text = String.fromCharCode(Number(rest & 0xffn)) + text;
  return text;
}

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (unit) => unit.charCodeAt(0));

/** All changes up to `revision` that are still in the log, over what of the base layer is still to be seen. */
export function logBucket(log: Log, revision: number): Bucket {
  const below = visibleBase(log);
  const compacted = log.compactRevision;
  const firstSub = Number(log.sql.exec(LAST_OF_FIRST)[0]?.[0] ?? -1) + 1;

  async function* sizes(): AsyncGenerator<{ key: string; valueBytes: number }> {
    let last = [0, -1];
    let baseIsNext = true;
    for (;;) {
      const rows = log.sql.exec(SIZES, last[0]!, last[1]!, revision);
      for (const [at, sub, keyBytes, valueBytes, createRevision, version, lease] of rows as number[][]) {
        if (baseIsNext && at! > 1) {
          yield* baseSizes();
          baseIsNext = false;
        }
        const change = { createRevision: createRevision!, modRevision: at!, version: version!, lease: String(lease) };
        yield {
          key: changeKey(at!, sub!, version === 0),
          valueBytes: messageBytes(keyBytes!, valueBytes ?? 0, change),
        };
      }
      if (rows.length < SIZES_PAGE) break;
      last = rows.at(-1) as number[];
      await nextTurn();
    }
    if (baseIsNext) yield* baseSizes();
  }

  function* baseSizes(): Generator<{ key: string; valueBytes: number }> {
    for (const { key, value } of baseEntries()) yield { key, valueBytes: value.length };
  }

  function* baseEntries(): Generator<LeafEntry> {
    for (const [i, kv] of below.entries()) yield { key: changeKey(1, firstSub + i, false), value: message(kv) };
  }

  async function* entries(): AsyncGenerator<LeafEntry> {
    let last = [0, -1];
    let baseIsNext = true;
    for (;;) {
      if (log.compactRevision !== compacted) throw new Error('the log was compacted meanwhile');
      const until = pageEnd(log, last, revision);
      if (!until) break;
      for (const row of log.sql.exec(CHANGES, last[0]!, last[1]!, until[0]!, until[1]!)) {
        if (baseIsNext && (row[0] as number) > 1) {
          yield* baseEntries();
          baseIsNext = false;
        }
        yield entryOf(row);
      }
      last = until;
      await nextTurn();
    }
    if (baseIsNext) yield* baseEntries();
  }

  return { name: 'key', sizes, entries };
}

/** Where the next page of changes ends: its last change. */
function pageEnd(log: Log, [revision, sub]: number[], until: number): number[] | undefined {
  let bytes = 0;
  let end: number[] | undefined;
  for (const row of log.sql.exec(SIZES, revision!, sub!, until) as number[][]) {
    bytes += row[2]! + (row[3] ?? 0);
    if (end && bytes > PAGE_BYTES) break;
    end = [row[0]!, row[1]!];
  }
  return end;
}

/** Keys that have never been changed, or whose first change is still in the log, so that readers of the past see what was before. */
function visibleBase(log: Log): KeyValue[] {
  const changed = new Set(log.sql.exec(OVER_BASE).map((row) => row[0] as string));
  return log.base.scan('', AFTER_ALL_KEYS).filter(({ key }) => changed.has(key) || log.head(key)?.revision === -1);
}

function entryOf(row: SqlValue[]): LeafEntry {
  const [revision, sub, key, value, createRevision, version, lease] = row;
  const at = revision as number;
  if (version === 0) return { key: changeKey(at, sub as number, true), value: message({ key: key as string }) };
  return {
    key: changeKey(at, sub as number, false),
    value: message({
      key: key as string,
      value: value instanceof ArrayBuffer ? new Uint8Array(value) : (value as string | Uint8Array),
      createRevision: createRevision as number,
      modRevision: at,
      version: version as number,
      lease: String(lease),
    }),
  };
}

/** mvccpb.KeyValue; a deletion has its key alone. */
function message(kv: Pick<KeyValue, 'key'> & Partial<KeyValue>): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, 2).bytes(bytesOf(kv.key));
  for (const [number, value] of [kv.createRevision, kv.modRevision, kv.version].entries())
    if (value) writer.tag(number + 2, 0).int64(value);
  if (kv.value !== undefined && kv.value.length > 0) {
    const bytes = typeof kv.value === 'string' ? encoder.encode(kv.value) : kv.value;
    writer.tag(5, 2).bytes(bytes);
  }
  if (kv.lease && kv.lease !== '0') writer.tag(6, 0).int64(kv.lease);
  return writer.finish();
}

const encoder = new TextEncoder();

/** How long `message` is, without the key and the value themselves. */
function messageBytes(
  keyBytes: number,
  valueBytes: number,
  { createRevision, modRevision, version, lease }: Omit<KeyValue, 'key' | 'value'>,
): number {
  const field = (bytes: number): number => 1 + varintBytes(BigInt(bytes)) + bytes;
  if (version === 0) return field(keyBytes);
  let size = field(keyBytes) + (valueBytes > 0 ? field(valueBytes) : 0);
  for (const number of [createRevision, modRevision, version]) size += 1 + varintBytes(BigInt(number));
  return lease === '0' ? size : size + 1 + varintBytes(BigInt(lease));
}

function varintBytes(number: bigint): number {
  let bytes = 1;
  for (let rest = BigInt.asUintN(64, number) >> 7n; rest > 0n; rest >>= 7n) bytes++;
  return bytes;
}
