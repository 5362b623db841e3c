/**
 * The least that a Worker with an object can do for the benchmark's requests: no authentication, no decoding, no history, one call to the
 * object for a read and two for a write, as the product has. What this takes is the platform's own.
 */
import { DurableObject } from 'cloudflare:workers';

export class BareCluster extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as never);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS bare (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
  }

  get(key: string): string | undefined {
    return this.ctx.storage.sql.exec('SELECT value FROM bare WHERE key = ?', key).toArray()[0]?.value as
      | string
      | undefined;
  }

  list(limit: number): string[] {
    return this.ctx.storage.sql
      .exec('SELECT value FROM bare ORDER BY key LIMIT ?', limit)
      .toArray()
      .map(({ value }) => value as string);
  }

  /** One row, as a revision is. `value` null: the key is gone. */
  write(key: string, value: string | null): void {
    this.ctx.storage.transactionSync(() => {
      if (value === null) this.ctx.storage.sql.exec('DELETE FROM bare WHERE key = ?', key);
      else this.ctx.storage.sql.exec('INSERT OR REPLACE INTO bare VALUES (?, ?)', key, value);
    });
  }
}

interface Env {
  CLUSTER: DurableObjectNamespace<BareCluster>;
}

const HEADERS = { 'content-type': 'application/json' };

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const cluster = env.CLUSTER.getByName('one');
    const limit = searchParams.get('limit');
    if (request.method === 'GET' && limit) {
      const items = await cluster.list(Number(limit));
      return new Response(`{"items":[${items.join(',')}]}`, { headers: HEADERS });
    }
    if (request.method === 'GET') return new Response(await cluster.get(pathname), { headers: HEADERS });
    const text = request.body ? await request.text() : null;
    const key = request.method === 'POST' && text ? `${pathname}/${JSON.parse(text).metadata.name}` : pathname;
    await cluster.get(key);
    await cluster.write(key, text);
    return new Response(text ?? '{}', { headers: HEADERS });
  },
};
