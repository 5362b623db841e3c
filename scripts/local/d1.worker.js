/**
 * D1 for the local server: the protocol that workerd's D1 binding speaks, over one SQLite database in a Durable Object. The table
 * of applied migrations is wrangler's, so that `npm run dev` can go on with the same state.
 */
import { DurableObject } from 'cloudflare:workers';

export class D1DatabaseObject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.transactionSync(() => this.migrate(env.MIGRATIONS));
  }

  /** @param {{name: string, sql: string}[]} migrations */
  migrate(migrations) {
    const { sql } = this.ctx.storage;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS d1_migrations(
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    );
    const applied = new Set([...sql.exec('SELECT name FROM d1_migrations')].map((row) => row.name));
    for (const migration of migrations.filter(({ name }) => !applied.has(name))) {
      sql.exec(migration.sql);
      sql.exec('INSERT INTO d1_migrations (name) VALUES (?)', migration.name);
    }
  }

  async fetch(request) {
    const body = await request.json();
    const asObjects = new URL(request.url).searchParams.get('resultsFormat') === 'ARRAY_OF_OBJECTS';
    try {
      const queries = Array.isArray(body) ? body : [body];
      return Response.json(this.ctx.storage.transactionSync(() => queries.map((query) => this.run(query, asObjects))));
    } catch (error) {
      return Response.json({ success: false, error: String(error?.message ?? error) });
    }
  }

  run({ sql, params }, asObjects) {
    const values = (params ?? []).map((value) => (Array.isArray(value) ? new Uint8Array(value).buffer : value));
    const cursor = this.ctx.storage.sql.exec(sql, ...values);
    const columns = cursor.columnNames;
    const rows = [...cursor.raw()].map((row) =>
      row.map((value) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value)),
    );
    return {
      success: true,
      results: asObjects
        ? rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))
        : { columns, rows },
      meta: {
        served_by: 'local',
        duration: 0,
        changes: 0,
        last_row_id: 0,
        changed_db: cursor.rowsWritten > 0,
        size_after: this.ctx.storage.sql.databaseSize,
        rows_read: cursor.rowsRead,
        rows_written: cursor.rowsWritten,
      },
    };
  }
}

export default {
  fetch: (request, env) => env.DATABASE.getByName(env.DATABASE_ID).fetch(request),
};
