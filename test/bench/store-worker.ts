/**
 * A Worker for the benchmark alone: the store behind RPC as the product has it, beside the barest Durable Object that writes one
 * row a call. Measured in one run, the two show what the store adds to the platform.
 */
import { DurableObject } from 'cloudflare:workers';
import { durableSql } from '../../src/etcd/sql-durable.ts';
import { Store } from '../../src/etcd/store.ts';
import { WatchHub } from '../../src/etcd/watch-hub.ts';

export class StoreObject extends DurableObject {
  #store = new Store(durableSql(this.ctx.storage));
  #hub = new WatchHub(this.#store, this.ctx.getWebSockets());

  put(key: string, value: string): number {
    return this.#store.put({ key, value }).revision;
  }

  get(key: string): string {
    return this.#store.range({ key }).kvs[0]?.value as string;
  }

  /** One page, and where the next starts. */
  range(key: string, rangeEnd: string, limit: number): { count: number; next: string | null } {
    const { kvs, more } = this.#store.range({ key, rangeEnd, limit });
    return { count: kvs.length, next: more ? `${kvs.at(-1)!.key}\0` : null };
  }

  /** Puts many keys at once; answers how many there are. */
  fill(from: number, to: number, value: string): number {
    this.#store.atomically(() => {
      for (let i = from; i < to; i++) this.#store.put({ key: keyOf(i), value });
    });
    return to;
  }

  /** Rows that SQLite says it has written for so many puts of new keys, and for as many of the same keys again. */
  rowsWritten(puts: number): number {
    let rows = 0;
    const storage = this.ctx.storage;
    const counting = {
      sql: {
        get databaseSize() {
          return storage.sql.databaseSize;
        },
        exec(statement: string, ...bindings: any[]) {
          const cursor = storage.sql.exec(statement, ...bindings);
          return {
            raw: () => {
              const found = [...cursor.raw()];
              rows += cursor.rowsWritten;
              return found;
            },
          };
        },
      },
      transactionSync: <T>(work: () => T): T => storage.transactionSync(work),
    };
    const store = new Store(durableSql(counting));
    rows = 0;
    for (let i = 0; i < puts; i++) store.put({ key: `rows/${i % (puts / 2)}`, value: 'v' });
    return rows;
  }

  override async fetch(): Promise<Response> {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server);
    this.#hub.accept(server, { key: '\0', rangeEnd: '\0' });
    return new Response(null, { status: 101, webSocket: client });
  }
}

const keyOf = (i: number): string => `/k/${String(i).padStart(7, '0')}`;

export class BareObject extends DurableObject {
  #n = 0;
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as never);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, key TEXT, value TEXT)');
    this.#n = Number(ctx.storage.sql.exec('SELECT coalesce(max(id), 0) AS n FROM bare').one().n);
  }

  put(key: string, value: string): number {
    this.ctx.storage.sql.exec('INSERT INTO bare VALUES (?, ?, ?)', ++this.#n, key, value);
    return this.#n;
  }
}

interface Env {
  STORE: DurableObjectNamespace<StoreObject>;
  BARE: DurableObjectNamespace<BareObject>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const arg = (name: string): string => url.searchParams.get(name) ?? '';
    const store = env.STORE.getByName(arg('object') || 'one');
    switch (url.pathname) {
      case '/watch':
        return store.fetch(request);
      case '/put':
        return Response.json(await store.put(arg('key'), await request.text()));
      case '/bare':
        return Response.json(await env.BARE.getByName('one').put(arg('key'), await request.text()));
      case '/get':
        return Response.json(await store.get(arg('key')));
      case '/range':
        return Response.json(await store.range(arg('key'), arg('end'), Number(arg('limit'))));
      case '/fill':
        return Response.json(
          await store.fill(Number(arg('from')), Number(arg('to')), 'v'.repeat(Number(arg('bytes')))),
        );
      case '/rows':
        return Response.json(await store.rowsWritten(Number(arg('puts'))));
      default:
        return new Response(null, { status: 404 });
    }
  },
};
