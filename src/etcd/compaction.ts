/**
 * Forgetting: what only readers of revisions below `revision` could see leaves the log. Nobody can read it from the moment on that a
 * compaction is asked for; its rows go part by part, as in etcd, so that others get in between. How far that has come is stored.
 */
import { keepBeginning } from './beginning.ts';
import { beforeAllOf, compactedUpTo, markCompacted } from './compaction-place.ts';
import { ETCD_ERRORS } from './errors.ts';
import type { Log } from './log.ts';

/** Changes that are looked at in one part: a few milliseconds' work. */
export const COMPACTION_PART = 500;

const CHANGES = `SELECT revision, sub, key, version, prev_revision, prev_sub FROM etcd_log
  WHERE (revision, sub) > (?, ?) AND revision <= ? ORDER BY revision, sub LIMIT ?`;
const FORGET_CHANGE = 'DELETE FROM etcd_log WHERE revision = ? AND sub = ?';

export class Compaction {
  readonly #log: Log;
  readonly #atomically: <T>(work: () => T) => T;
  #isUnderWay: boolean;

  /** `atomically` runs work in a transaction of the store's. */
  constructor(log: Log, atomically: <T>(work: () => T) => T) {
    this.#log = log;
    this.#atomically = atomically;
    this.#isUnderWay = compactedUpTo(log) !== undefined;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** @throws EtcdError for a revision that is compacted or still to come. */
  begin(revision: number): void {
    this.#isUnderWay = this.#atomically(() => {
      begin(this.#log, revision);
      return goOn(this.#log);
    });
  }

  /** Forgets a part more. */
  goOn(): void {
    if (this.#isUnderWay) this.#isUnderWay = this.#atomically(() => goOn(this.#log));
  }

  finish(): void {
    while (this.#isUnderWay) this.goOn();
  }

  /** After a transaction that has left nothing behind. */
  reread(): void {
    this.#isUnderWay = compactedUpTo(this.#log) !== undefined;
  }
}

/** From here on nobody reads what was before `revision`. */
function begin(log: Log, revision: number): void {
  if (revision <= log.compactRevision || revision <= 0) throw ETCD_ERRORS.compacted();
  if (revision > log.revision) throw ETCD_ERRORS.futureRevision();
  // Deletions at the last compaction's own revision are still there.
  if (compactedUpTo(log) === undefined) markCompacted(log, beforeAllOf(Math.max(log.compactRevision, 0)));
  log.setMeta('revision', log.revision);
  log.setMeta('compactRevision', revision);
  log.compactRevision = revision;
}

/** Forgets one part of what is to be forgotten; answers whether there is more. */
function goOn(log: Log): boolean {
  const from = compactedUpTo(log);
  if (!from) return false;
  const { sql, compactRevision } = log;
  const rows = sql.exec(CHANGES, ...from, compactRevision, COMPACTION_PART);
  const last = rows.at(-1);
  if (last) keepBeginning(log, from, [last[0] as number, last[1] as number]);
  for (const [revision, sub, key, version, prevRevision, prevSub] of rows) {
    // What a later change at or below the compaction replaced.
    if ((prevRevision as number) > 0) sql.exec(FORGET_CHANGE, prevRevision!, prevSub!);
    // Deletions stay while they are at the compaction's own revision (a watch may start there), and over the base layer.
    if (version !== 0 || (revision as number) >= compactRevision || log.base.get(key as string)) continue;
    log.places.remove(key as string, [revision as number, sub as number]);
    sql.exec(FORGET_CHANGE, revision!, sub!);
  }
  log.forgetReads();
  const hasMore = last !== undefined && rows.length === COMPACTION_PART;
  markCompacted(log, hasMore ? [last[0] as number, last[1] as number] : undefined);
  return hasMore;
}
