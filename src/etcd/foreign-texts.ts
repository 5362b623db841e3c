/**
 * The store's own migration: before foreign values were kept as bytes, whatever came through etcd's door was kept as text, and texts are
 * trusted. A store that has not been looked through is, once.
 */
import { foreignValue } from './foreign-value.ts';
import type { Log } from './log.ts';

const DONE = 'foreignTexts';
/** Changes that are looked at together. */
const PAGE = 200;
const TEXTS = `SELECT revision, sub, key, value FROM etcd_log
  WHERE (revision, sub) > (?, ?) AND key >= '/registry/' AND key < '/registry0' AND typeof(value) = 'text'
  ORDER BY revision, sub LIMIT ${PAGE}`;
const REWRITE = 'UPDATE etcd_log SET value = ? WHERE revision = ? AND sub = ?';

/** Readers of a key see the bytes that they saw before. */
export function separateForeignTexts(log: Log): void {
  if (log.meta(DONE) !== undefined) return;
  log.sql.transaction(() => {
    let [revision, sub] = [-1, -1];
    for (;;) {
      const rows = log.sql.exec(TEXTS, revision, sub);
      for (const row of rows) {
        const value = row[3] as string;
        const kept = foreignValue(row[2] as string, value);
        if (kept !== value) log.sql.exec(REWRITE, kept, row[0]!, row[1]!);
      }
      const last = rows.at(-1);
      if (rows.length < PAGE || !last) break;
      [revision, sub] = [Number(last[0]), Number(last[1])];
    }
    log.setMeta(DONE, 1);
  });
}
