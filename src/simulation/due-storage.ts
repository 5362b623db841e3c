/** The pump's two small tables: waiting work, and the revision up to which changes have been acted on with the version of who did. */
import type { PumpStorage } from './pump-ports.ts';
import type { DueWork } from './work.ts';

/** Rows of `pump_state`. */
const WATERMARK = 1;
const RECONCILERS = 2;

interface Database {
  exec(statement: string, ...bindings: (string | number)[]): unknown[][];
}

/** As before the first turn: everything is to be looked at. */
export function clearDueStorage(database: Database): void {
  for (const table of ['pump_due', 'pump_state']) database.exec(`DELETE FROM ${table}`);
}

export function createDueStorage(database: Database): PumpStorage {
  database.exec(
    `CREATE TABLE IF NOT EXISTS pump_due (
       reconciler TEXT NOT NULL, key TEXT NOT NULL, due_at INTEGER NOT NULL, failures INTEGER NOT NULL,
       PRIMARY KEY (reconciler, key)) WITHOUT ROWID`,
  );
  database.exec('CREATE TABLE IF NOT EXISTS pump_state (id INTEGER PRIMARY KEY, watermark INTEGER NOT NULL)');
  const read = (id: number): number =>
    Number(database.exec('SELECT watermark FROM pump_state WHERE id = ?', id)[0]?.[0] ?? 0);
  const write = (id: number, value: number): void => {
    database.exec('INSERT OR REPLACE INTO pump_state (id, watermark) VALUES (?, ?)', id, value);
  };
  return {
    load: () =>
      database.exec('SELECT reconciler, key, due_at, failures FROM pump_due').map(
        ([reconciler, key, dueAt, failures]): DueWork => ({
          reconciler: String(reconciler),
          key: String(key),
          dueAt: Number(dueAt),
          failures: Number(failures),
        }),
      ),
    put: (work) => {
      database.exec(
        'INSERT OR REPLACE INTO pump_due (reconciler, key, due_at, failures) VALUES (?, ?, ?, ?)',
        work.reconciler,
        work.key,
        work.dueAt,
        work.failures,
      );
    },
    remove: (work) => {
      database.exec('DELETE FROM pump_due WHERE reconciler = ? AND key = ?', work.reconciler, work.key);
    },
    watermark: () => read(WATERMARK),
    setWatermark: (revision) => write(WATERMARK, revision),
    reconcilers: () => read(RECONCILERS),
    setReconcilers: (version) => write(RECONCILERS, version),
  };
}
