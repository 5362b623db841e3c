/** What became of one key, and what one writer has written: read back from the log, for whoever tells of it. */
import { eventOf, SELECT_CHANGES } from './history.ts';
import type { Log } from './log.ts';
import type { WatchEvent } from './types.ts';

const CHANGE = `${SELECT_CHANGES} WHERE l.revision = ? AND l.sub = ?`;
const CHANGES = `${SELECT_CHANGES} WHERE l.revision >= ? AND l.revision <= ? ORDER BY l.revision, l.sub LIMIT ?`;
const SUB_OF = 'SELECT sub FROM etcd_log WHERE revision = ? AND key = ? ORDER BY sub DESC LIMIT 1';

/** A key's changes, the last first, each with what was before it; as far back as the log has them. */
export function* changesOfKey(log: Log, key: string): Generator<WatchEvent> {
  const head = log.head(key);
  let [revision, sub] = head ? [head.revision, head.sub] : [0, 0];
  while (revision > 0) {
    const row = log.sql.exec(CHANGE, revision, sub)[0];
    if (!row) return;
    const event = eventOf(log, row);
    // A deletion that is compacted may be there for whoever begins at it.
    if (revision < log.compactRevision && event.type === 'DELETE') return;
    yield event;
    [revision, sub] = [row[6] as number, row[14] as number];
  }
}

/** The change of a key at a revision. */
export function changeAt(log: Log, key: string, revision: number): WatchEvent | undefined {
  const sub = log.sql.exec(SUB_OF, revision, key)[0]?.[0];
  const row = typeof sub === 'number' ? log.sql.exec(CHANGE, revision, sub)[0] : undefined;
  return row && eventOf(log, row);
}

/** What the revisions from one to another have changed, so much of it at the most. */
export const changesBetween = (log: Log, from: number, to: number, limit: number): WatchEvent[] =>
  log.sql.exec(CHANGES, from, to, limit).map((row) => eventOf(log, row));
