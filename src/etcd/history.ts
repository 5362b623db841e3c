/** What happened: the events of a watch from a revision on, read back from the log. */
import { endOf, keyValueOf, type Log } from './log.ts';
import type { KeyValue, WatchBatch, WatchEvent, WatchRequest } from './types.ts';

const COLUMNS = `l.key, l.value, l.create_revision, l.revision, l.version, l.lease, l.prev_revision,
  p.key, p.value, p.create_revision, p.revision, p.version, p.lease`;
const EVENTS = `SELECT ${COLUMNS} FROM etcd_log l
  LEFT JOIN etcd_log p ON p.revision = l.prev_revision AND p.sub = l.prev_sub
  WHERE l.revision >= ? AND l.revision <= ? AND l.key >= ? AND l.key < ? ORDER BY l.revision, l.sub LIMIT ?`;

/** Events read at once; a longer history comes in several batches. */
export const HISTORY_BATCH = 1000;

/**
 * The events of `request` from its start revision on. A batch ends with a whole revision; where it is not the last one, its
 * `revision` is below the store's, and the next starts at `revision + 1`.
 */
export function history(log: Log, request: WatchRequest, limit = HISTORY_BATCH): WatchBatch {
  const from = request.startRevision || log.revision + 1;
  if (from < log.compactRevision) return { revision: log.revision, events: [], compactRevision: log.compactRevision };
  if (from > log.revision) return { revision: log.revision, events: [] };
  const end = endOf(request.rangeEnd) ?? `${request.key}\0`;
  let rows = log.sql.exec(EVENTS, from, log.revision, request.key, end, limit);
  let revision = log.revision;
  if (rows.length === limit) {
    // The last revision may be cut: take it whole, or leave it to the next batch.
    const last = rows[rows.length - 1]![3] as number;
    const whole = rows.filter((row) => (row[3] as number) < last);
    rows = whole.length > 0 ? whole : log.sql.exec(EVENTS, last, last, request.key, end, -1);
    revision = whole.length > 0 ? last - 1 : last;
  }
  const events: WatchEvent[] = [];
  for (const row of rows) {
    const event = eventOf(log, row);
    if (isWanted(request, event)) events.push(request.prevKv ? event : withoutPrevious(event));
  }
  return { revision, events };
}

function eventOf(log: Log, row: Parameters<typeof keyValueOf>[0]): WatchEvent {
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
