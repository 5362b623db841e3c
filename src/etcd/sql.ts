/**
 * The little of SQLite that the store needs. Drivers: sql-durable.ts (a Durable Object's storage), sql-node.node.ts (node:sqlite).
 * Statements are constant strings, so that both drivers reuse their prepared form.
 */

export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;

export interface Sql {
  /** Runs one statement; the rows as arrays, in the statement's column order. */
  exec(statement: string, ...bindings: SqlValue[]): SqlValue[][];
  /** The rows of a query one by one, as they are asked for: whoever stops early has read no more. */
  rows(statement: string, ...bindings: SqlValue[]): Iterable<SqlValue[]>;
  /** Runs `work` in a transaction; may nest. What `work` throws undoes its writes and is thrown on. */
  transaction<T>(work: () => T): T;
  /** Bytes that the database takes. */
  size(): number;
}
