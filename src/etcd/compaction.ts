/** Forgetting: what only readers of revisions below `revision` could see leaves the log. */
import { keepBeginning } from './beginning.ts';
import { ETCD_ERRORS } from './errors.ts';
import type { Log } from './log.ts';

// A change that a later one at or below the compaction replaced. Changes up to the last compaction have been through this.
const REPLACED = `DELETE FROM etcd_log WHERE (revision, sub) IN (
  SELECT prev_revision, prev_sub FROM etcd_log WHERE revision >= ? AND revision <= ? AND prev_revision > 0)`;
// Deletions stay while they are at the compaction's own revision (a watch may start there), and over the base layer.
const TOMBSTONES = 'SELECT key, revision, sub FROM etcd_log WHERE revision >= ? AND revision < ? AND version = 0';
const FORGET_CHANGE = 'DELETE FROM etcd_log WHERE revision = ? AND sub = ?';
const FORGET_KEY = 'DELETE FROM etcd_current WHERE key = ? AND revision = ? AND sub = ?';

export function compact(log: Log, revision: number): void {
  if (revision <= log.compactRevision || revision <= 0) throw ETCD_ERRORS.compacted();
  if (revision > log.revision) throw ETCD_ERRORS.futureRevision();
  const from = Math.max(log.compactRevision, 0);
  keepBeginning(log, from, revision);
  log.sql.exec(REPLACED, from, revision);
  for (const [key, at, sub] of log.sql.exec(TOMBSTONES, from, revision)) {
    if (log.base.get(key as string)) continue;
    log.sql.exec(FORGET_CHANGE, at!, sub!);
    log.sql.exec(FORGET_KEY, key!, at!, sub!);
  }
  log.setMeta('revision', log.revision);
  log.setMeta('compactRevision', revision);
  log.compactRevision = revision;
}
