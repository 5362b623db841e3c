/** The SQL driver over Node's own SQLite: a whole cluster in one process, for tests and tools. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Sql, SqlValue } from './sql.ts';

export function nodeSql(path = ':memory:'): Sql & { close(): void } {
  const database = new DatabaseSync(path);
  const prepared = new Map<string, StatementSync>();
  let depth = 0;

  const prepare = (statement: string): StatementSync => {
    const handle = database.prepare(statement);
    handle.setReturnArrays(true);
    return handle;
  };

  const exec = (statement: string, ...bindings: SqlValue[]): SqlValue[][] => {
    let handle = prepared.get(statement);
    if (!handle) {
      handle = prepare(statement);
      prepared.set(statement, handle);
    }
    return handle.all(...(bindings as SQLInputValue[])) as unknown as SqlValue[][];
  };

  const pragma = (name: string): number => Number(exec(`PRAGMA ${name}`)[0]?.[0]);

  return {
    exec,
    // A statement of its own: while its rows are read, the same text may be run again.
    rows: (statement, ...bindings) =>
      prepare(statement).iterate(...(bindings as SQLInputValue[])) as unknown as Iterable<SqlValue[]>,
    transaction(work) {
      const level = depth;
      exec(level === 0 ? 'BEGIN' : `SAVEPOINT s${level}`);
      depth++;
      try {
        const result = work();
        exec(level === 0 ? 'COMMIT' : `RELEASE s${level}`);
        return result;
      } catch (error) {
        if (level === 0) exec('ROLLBACK');
        else {
          exec(`ROLLBACK TO s${level}`);
          exec(`RELEASE s${level}`);
        }
        throw error;
      } finally {
        depth--;
      }
    },
    // As a Durable Object's: free pages are not counted.
    size: () => (pragma('page_count') - pragma('freelist_count')) * pragma('page_size'),
    close: () => database.close(),
  };
}
