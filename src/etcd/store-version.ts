/**
 * The version of a store's tables, in the store itself. A hosted cluster outlives the code that made it: what an earlier version has
 * written is brought up to date when it wakes, in one transaction, and what a later one has written is left as it is.
 */
import { StateTooNew } from './errors.ts';
import type { Sql } from './sql.ts';

/** From one version to the next, over tables that are as that version made them. */
export type Migration = (sql: Sql) => void;

/** Kept for good: the first leads from version 1 to 2. */
const MIGRATIONS: readonly Migration[] = [
  // Places of keys may be aside (places.ts), which were all in their table.
  (sql) => {
    if (hasLog(sql)) sql.exec("INSERT OR REPLACE INTO etcd_meta SELECT 'pointed', max(revision) FROM etcd_log");
  },
];

const META = 'CREATE TABLE IF NOT EXISTS etcd_meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID';
const READ = "SELECT value FROM etcd_meta WHERE name = 'version'";
const WRITE = "INSERT OR REPLACE INTO etcd_meta VALUES ('version', ?)";
/** Stores that are older than versions have no row of theirs. */
const FIRST_VERSION = 1;

/** Before any other use of the tables. @throws StateTooNew */
export function upgradeStore(sql: Sql, migrations: readonly Migration[] = MIGRATIONS): void {
  sql.exec(META);
  const current = FIRST_VERSION + migrations.length;
  const stored = sql.exec(READ)[0]?.[0];
  const found = typeof stored === 'number' ? stored : isNew(sql) ? current : FIRST_VERSION;
  if (found > current) throw new StateTooNew("the cluster's store", found, current);
  if (found === current && stored !== undefined) return;
  sql.transaction(() => {
    for (const migrate of migrations.slice(found - FIRST_VERSION)) migrate(sql);
    sql.exec(WRITE, current);
  });
}

const isNew = (sql: Sql): boolean => sql.exec('SELECT count(*) FROM etcd_meta')[0]![0] === 0 && !hasLog(sql);

function hasLog(sql: Sql): boolean {
  try {
    return sql.exec('SELECT 1 FROM etcd_log LIMIT 1').length > 0;
  } catch {
    // There is no such table.
    return false;
  }
}
