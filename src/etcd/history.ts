/** What happened: the events of a watch from a revision on, read back from the log. */
import { isTakenBack } from './beginning.ts';
import { endOf, keyValueOf, type Log } from './log.ts';
import type { KeyValue, WatchBatch, WatchEvent, WatchRequest } from './types.ts';

const COLUMNS = `l.key, l.value, l.create_revision, l.revision, l.version, l.lease, l.prev_revision,
  p.key, p.value, p.create_revision, p.revision, p.version, p.lease, l.sub, l.prev_sub`;
const WHERE = `WHERE (l.revision, l.sub) >= (?, ?) AND l.revision <= ? AND l.key >= ? AND l.key < ?
  ORDER BY l.revision, l.sub`;
const PREVIOUS = 'LEFT JOIN etcd_log p ON p.revision = l.prev_revision AND p.sub = l.prev_sub';
/** Every change with what was before it: rows for `eventOf`, and after them the place within its revision, and that of what was before. */
export const SELECT_CHANGES = `SELECT ${COLUMNS} FROM etcd_log l ${PREVIOUS}`;
const EVENTS = `${SELECT_CHANGES} ${WHERE}`;
const EVENTS_AND_DELETED = `SELECT ${COLUMNS} FROM etcd_log l ${PREVIOUS} AND l.version = 0 ${WHERE}`;

export interface BatchLimits {
  events: number;
  /** Characters of keys and values, of what was before too where that is wanted. */
  bytes: number;
}

/** Read at once; a longer history comes in several batches. */
export const HISTORY_BATCH: BatchLimits = { events: 1000, bytes: 1024 * 1024 };

/**
 * The events of `request` from its start revision on. Where a batch is not the last one, its `revision` is below the store's, and the
 * next starts at `revision + 1`. It ends with a whole revision, unless that is all of the batch and too large for it: then `sub` tells
 * how far it goes.
 */
export function history(log: Log, request: WatchRequest, limits: Partial<BatchLimits> = {}): WatchBatch {
  const { events: maxEvents, bytes: maxBytes } = { ...HISTORY_BATCH, ...limits };
  const from = request.startRevision || log.revision + 1;
  if (from < log.compactRevision) return { revision: log.revision, events: [], compactRevision: log.compactRevision };
  // Who goes on from what is no more begins anew, as after a compaction.
  if (isTakenBack(log, from)) return { revision: log.revision, events: [], compactRevision: log.revision };
  if (from > log.revision) return { revision: log.revision, events: [] };
  const end = endOf(request.rangeEnd) ?? `${request.key}\0`;
  const statement = request.prevKv === true ? EVENTS : EVENTS_AND_DELETED;
  const events: WatchEvent[] = [];
  let read = 0;
  let bytes = 0;
  for (const row of log.sql.rows(statement, from, request.startSub ?? 0, log.revision, request.key, end)) {
    const event = eventOf(log, row);
    bytes += eventBytes(event);
    if (read > 0 && (read === maxEvents || bytes > maxBytes)) {
      // The revision that this one belongs to is left whole to the next batch, if that gets any further.
      const revision = event.kv.modRevision - 1;
      if (revision < from) return { revision, sub: row[13] as number, events };
      return { revision, events: events.filter(({ kv }) => kv.modRevision <= revision) };
    }
    read++;
    if (isWanted(request, event)) events.push(wantsPrevious(request, event) ? event : withoutPrevious(event));
  }
  return { revision: log.revision, events };
}

export const eventBytes = ({ kv, prevKv }: WatchEvent): number =>
  kv.key.length + kv.value.length + (prevKv ? prevKv.key.length + prevKv.value.length : 0);

/** Whether a watch is told what was before an event. */
export const wantsPrevious = ({ prevKv }: WatchRequest, { type }: WatchEvent): boolean =>
  prevKv === true || (prevKv === 'deletes' && type === 'DELETE');

export function eventOf(log: Log, row: Parameters<typeof keyValueOf>[0]): WatchEvent {
  const kv = keyValueOf(row);
  const prevKv = previousOf(log, kv.key, row);
  const type = kv.version === 0 ? 'DELETE' : 'PUT';
  return prevKv ? { type, kv, prevKv } : { type, kv };
}

function previousOf(log: Log, key: string, row: Parameters<typeof keyValueOf>[0]): KeyValue | undefined {
  if (row[6] === -1) return log.base.get(key);
  if (row[6] === 0 || row[7] === null || row[11] === 0) return undefined;
  return keyValueOf(row.slice(7));
}

export function withoutPrevious(event: WatchEvent): WatchEvent {
  return event.prevKv ? { type: event.type, kv: event.kv } : event;
}

/** Whether a watch's range and filters let an event through. */
export function isWanted(request: WatchRequest, event: WatchEvent): boolean {
  const { key } = event.kv;
  const end = endOf(request.rangeEnd);
  if (end === undefined ? key !== request.key : key < request.key || key >= end) return false;
  return !request.filters?.includes(event.type === 'PUT' ? 'NOPUT' : 'NODELETE');
}
