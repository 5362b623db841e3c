/** The SQL driver over a Durable Object's storage. */
import type { Sql, SqlValue } from './sql.ts';

/** What is used of `ctx.storage`. */
interface DurableSqlStorage {
  sql: {
    // biome-ignore lint/suspicious/noExplicitAny: as the platform's types have it
    exec(statement: string, ...bindings: any[]): { raw(): Iterable<unknown[]> };
    readonly databaseSize: number;
  };
  transactionSync<T>(work: () => T): T;
}

export function durableSql(storage: DurableSqlStorage): Sql {
  const sql = storage.sql;
  return {
    exec: (statement, ...bindings) => [...sql.exec(statement, ...bindings).raw()] as SqlValue[][],
    rows: (statement, ...bindings) => sql.exec(statement, ...bindings).raw() as Iterable<SqlValue[]>,
    transaction: (work) => storage.transactionSync(work),
    size: () => sql.databaseSize,
  };
}
