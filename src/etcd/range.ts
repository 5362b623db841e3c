/** Reading: one key or a range, now or at a revision, with etcd's order of filtering, sorting and cutting. */
import { bytesRead } from './bounded-read.ts';
import { ETCD_ERRORS } from './errors.ts';
import { joinedValues } from './joined-values.ts';
import { endOf, type Log } from './log.ts';
import type { JoinedValues, KeyValue, RangeRequest, RangeResponse } from './types.ts';

/** More keys than a store holds. */
export const MAX_LIMIT = 2 ** 31;

/** `revision` is the store's as the reader sees it: one more than the log's inside a transaction that has written. */
export function range(log: Log, request: RangeRequest, revision: number): RangeResponse {
  const at = request.revision && request.revision > 0 ? request.revision : 0;
  if (at > revision) throw ETCD_ERRORS.futureRevision();
  if (at > 0 && at < log.compactRevision) throw ETCD_ERRORS.compacted();
  const past = at > 0 && at < revision;
  const end = endOf(request.rangeEnd);

  if (end === undefined) {
    const kv = past ? log.liveAt(at, request.key, `${request.key}\0`).kvs[0] : log.head(request.key)?.kv;
    return { revision, count: kv ? 1 : 0, more: false, kvs: request.countOnly || !kv ? [] : refine([kv], request) };
  }

  const count = () => (past ? log.countAt(at, request.key, end) : log.countLive(request.key, end));
  if (request.countOnly) return { revision, count: count(), more: false, kvs: [] };
  const limit = request.limit && request.limit > 0 ? Math.min(request.limit, MAX_LIMIT) : 0;
  const inOrder = isInOrder(request);
  const cutEarly = limit > 0 && inOrder;
  const keysOnly = request.keysOnly === true && request.sortTarget !== 'VALUE';
  const extent = {
    limit: cutEarly ? limit + 1 : -1,
    ...(inOrder && !keysOnly && request.maxBytes !== undefined ? { maxBytes: request.maxBytes } : {}),
    keysOnly,
  };
  const joined = past || !inOrder || request.keysOnly ? undefined : joinedRange(log, request, end, limit);
  if (joined) {
    const total = limit > 0 ? count() : joined.count;
    return { revision, count: total, more: joined.count < total, kvs: [], joined };
  }
  const { kvs: found, cut } = past ? log.liveAt(at, request.key, end, extent) : log.live(request.key, end, extent);
  const total = cutEarly && (cut || found.length > limit) ? count() : found.length;
  const kvs = refine(found, request);
  const more = cut || (limit > 0 && kvs.length > limit);
  if (limit > 0 && kvs.length > limit) kvs.length = limit;
  // The next page starts after this one's last key.
  if (more && cutEarly) log.counts.set(`${kvs.at(-1)!.key}\0`, end, past ? at : 0, total - kvs.length);
  return { revision, count: total, more, kvs, ...(cut ? { cut } : {}) };
}

function joinedRange(
  log: Log,
  { key, splice, maxBytes = Number.POSITIVE_INFINITY }: RangeRequest,
  end: string,
  limit: number,
): JoinedValues | undefined {
  return splice && joinedValues(log, [key, end], splice, { limit: limit || -1, maxBytes });
}

/** About how many bytes a range would answer, told without reading more than are enough to know. */
export function bytesIn(log: Log, request: RangeRequest, enough: number): number {
  const { key, rangeEnd, limit, revision = 0, countOnly } = request;
  const end = endOf(rangeEnd);
  if (countOnly) return 0;
  if (end !== undefined && revision <= 0) return log.bytesIn(key, end, limit || undefined);
  if (revision <= 0) return log.head(key)?.kv?.value.length ?? 0;
  if (revision > log.revision || revision < log.compactRevision) return 0;
  const extent = { ...(limit ? { limit } : {}), maxBytes: enough };
  const { kvs, cut } = log.liveAt(revision, key, end ?? `${key}\0`, extent);
  return bytesRead([{ kvs }]) + (cut ? enough : 0);
}

/** What a key held from a revision on that put it; undefined if that is compacted and there is another now. */
export function versionOf(log: Log, key: string, modRevision: number): KeyValue | undefined {
  const head = log.head(key)?.kv;
  if (head?.modRevision === modRevision) return head;
  if (modRevision < log.compactRevision || modRevision > log.revision) return undefined;
  const kv = log.liveAt(modRevision, key, `${key}\0`).kvs[0];
  return kv?.modRevision === modRevision ? kv : undefined;
}

/** Whether it can be cut and continued by key. */
export const isInOrder = (request: RangeRequest): boolean => isInKeyOrder(request) && !hasRevisionFilter(request);

/** As etcd judges it before reading: with a target but no order, the limit cuts first and the rest is sorted. */
function isInKeyOrder({ sortOrder = 'NONE', sortTarget = 'KEY' }: RangeRequest): boolean {
  return sortOrder === 'NONE' || (sortTarget === 'KEY' && sortOrder === 'ASCEND');
}

function hasRevisionFilter(request: RangeRequest): boolean {
  return Boolean(
    request.minModRevision || request.maxModRevision || request.minCreateRevision || request.maxCreateRevision,
  );
}

function refine(found: KeyValue[], request: RangeRequest): KeyValue[] {
  const { sortOrder = 'NONE', sortTarget = 'KEY', keysOnly } = request;
  let kvs = hasRevisionFilter(request) ? found.filter((kv) => isWithin(kv, request)) : found;
  if (sortTarget !== 'KEY' || sortOrder === 'DESCEND') {
    const compare = COMPARE[sortTarget];
    kvs = kvs.sort((a, b) => (sortOrder === 'DESCEND' ? compare(b, a) : compare(a, b)));
  }
  if (!keysOnly) return kvs;
  // Unless the values are needed, etcd answers from its index of keys, which knows of no lease.
  return kvs.map((kv) => ({ ...kv, value: '', lease: sortTarget === 'VALUE' ? kv.lease : '0' }));
}

function isWithin(kv: KeyValue, request: RangeRequest): boolean {
  return (
    (!request.maxModRevision || kv.modRevision <= request.maxModRevision) &&
    (!request.minModRevision || kv.modRevision >= request.minModRevision) &&
    (!request.maxCreateRevision || kv.createRevision <= request.maxCreateRevision) &&
    (!request.minCreateRevision || kv.createRevision >= request.minCreateRevision)
  );
}

const COMPARE: Record<NonNullable<RangeRequest['sortTarget']>, (a: KeyValue, b: KeyValue) => number> = {
  KEY: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  VERSION: (a, b) => a.version - b.version,
  CREATE: (a, b) => a.createRevision - b.createRevision,
  MOD: (a, b) => a.modRevision - b.modRevision,
  VALUE: (a, b) => compareValues(a.value, b.value),
};

const encoder = new TextEncoder();

/** Byte order. */
export function compareValues(a: KeyValue['value'], b: KeyValue['value']): number {
  if (a === b) return 0;
  const left = typeof a === 'string' ? encoder.encode(a) : a;
  const right = typeof b === 'string' ? encoder.encode(b) : b;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}
