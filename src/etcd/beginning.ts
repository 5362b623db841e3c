/**
 * The revision that a store can be brought back to, however much is compacted meanwhile. Nothing is kept for it but what changes after
 * it: where a key stood then is told by its first change since, and when compaction takes that away it is written here.
 */
import { afterAllOf, beforeAllOf, compactedUpTo, markCompacted, type Place } from './compaction-place.ts';
import type { Log } from './log.ts';
import type { SqlValue } from './sql.ts';

const SCHEMA = `CREATE TABLE IF NOT EXISTS etcd_beginning (key TEXT PRIMARY KEY, revision INTEGER NOT NULL, sub INTEGER NOT NULL, value,
  create_revision INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID`;
const META = 'beginning';
/** The highest revision that was ever taken back. */
const TAKEN_BACK = 'takenBack';

/** Of the changes from one to another those that are their key's first since the beginning: what was before them. */
const KEEP = `INSERT OR IGNORE INTO etcd_beginning
  SELECT c.key, c.prev_revision, c.prev_sub, p.value, ifnull(p.create_revision, 0), ifnull(p.version, 0)
  FROM etcd_log c LEFT JOIN etcd_log p ON p.revision = c.prev_revision AND p.sub = c.prev_sub
  WHERE (c.revision, c.sub) > (?, ?) AND (c.revision, c.sub) <= (?, ?) AND c.prev_revision <= ?`;
const KEPT = 'SELECT key, revision, sub, value, create_revision, version FROM etcd_beginning';
const FORGET_AFTER = 'DELETE FROM etcd_log WHERE revision > ?';
const PUT_BACK = "INSERT OR IGNORE INTO etcd_log VALUES (?, ?, ?, ?, ?, ?, '0', 0, 0)";
const FORGET_REST =
  "DELETE FROM etcd_meta WHERE name NOT IN ('version', 'beginning', 'takenBack', 'revision', 'compactRevision', 'compacted', 'pointed')";

/** The store's revision is its beginning from now on. */
export function markBeginning(log: Log): void {
  log.sql.exec(SCHEMA);
  log.sql.exec('DELETE FROM etcd_beginning');
  log.setMeta(META, log.revision);
}

/** Undefined where none was marked, as in stores that are older than this. */
export function beginningOf(log: Log): number | undefined {
  const marked = log.meta(META);
  return typeof marked === 'number' ? marked : undefined;
}

/**
 * Whether who has seen all before this revision must have seen it before it was taken back. When the store has come there again,
 * nobody can tell.
 */
export const isTakenBack = (log: Log, from: number): boolean =>
  from > log.revision + 1 && from <= Number(log.meta(TAKEN_BACK) ?? 0) + 1;

/** Before what was before the changes after `from`, up to `to`, is forgotten: what belongs to the beginning is kept. */
export function keepBeginning(log: Log, from: Place, to: Place): void {
  const beginning = beginningOf(log);
  if (beginning === undefined || to[0] <= beginning) return;
  log.sql.exec(KEEP, ...(from[0] > beginning ? from : afterAllOf(beginning)), ...to, beginning);
}

/**
 * Brings keys, revision and history back to the beginning. Leases end, and so do etcd's users and alarms. Takes time in proportion to what has been
 * changed since. Must be run in a transaction, and nobody may hold what was read of the store before.
 */
export function returnToBeginning(log: Log): void {
  const beginning = beginningOf(log);
  if (beginning === undefined) throw new Error('the store has no beginning');
  const { sql } = log;
  keepBeginning(log, afterAllOf(beginning), afterAllOf(log.revision));
  sql.exec(FORGET_AFTER, beginning);
  for (const row of sql.rows(KEPT)) putBack(log, row);
  for (const table of ['etcd_beginning', 'etcd_lease_key', 'etcd_lease']) sql.exec(`DELETE FROM ${table}`);
  sql.exec(FORGET_REST);
  log.setMeta(TAKEN_BACK, Math.max(log.revision, Number(log.meta(TAKEN_BACK) ?? 0)));
  log.revision = beginning;
  log.compactRevision = Math.min(log.compactRevision, beginning);
  log.places.putBackTo(beginning);
  log.forgetReads();
  log.setMeta('revision', log.revision);
  log.setMeta('compactRevision', log.compactRevision);
  // A compaction that is beyond it has been through all that is left.
  if ((compactedUpTo(log)?.[0] ?? 0) >= beginning) markCompacted(log, beforeAllOf(log.compactRevision));
}

/** A revision of 0 or below: the key was not there, or as the base layer has it. */
function putBack({ sql, places }: Log, row: SqlValue[]): void {
  const [key, revision, sub, value, createRevision, version] = row as [string, number, number, ...SqlValue[]];
  if (revision > 0) sql.exec(PUT_BACK, revision, sub, key, value ?? null, createRevision!, version!);
  places.putBack(key, revision > 0 ? [revision, sub] : undefined, version !== 0);
}
