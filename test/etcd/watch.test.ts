import { expect, it } from 'vitest';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import type { WatchBatch, WatchRequest } from '../../src/etcd/types.ts';
import { type ClientSocket, watchOver } from '../../src/etcd/watch-client.ts';
import { type HubSocket, WatchHub } from '../../src/etcd/watch-hub.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';

/** Two ends of a WebSocket; the object's end keeps its attachment while the object sleeps. */
class SocketPair implements HubSocket {
  attachment: unknown = null;
  toObject: (message: string) => void = () => {};
  readonly #listeners: Record<string, ((event: { data: unknown }) => void)[]> = { message: [], close: [], error: [] };
  readonly client: ClientSocket = {
    send: (message) => this.toObject(message),
    close: () => {},
    addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
      this.#listeners[type]!.push(listener);
    },
  };

  send(data: string): void {
    for (const listener of this.#listeners.message!) listener({ data });
  }

  close(): void {
    for (const listener of this.#listeners.close!) listener({ data: undefined });
  }

  serializeAttachment(attachment: unknown): void {
    this.attachment = structuredClone(attachment);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.attachment);
  }
}

function durableObject() {
  const sql = nodeSql();
  const sockets = new Set<SocketPair>();
  const object = {
    store: new Store(sql),
    hub: undefined as unknown as WatchHub,
    sockets,
    /** The object leaves memory; its database and its sockets stay. */
    hibernate() {
      object.hub?.flush();
      object.store = new Store(sql);
      object.hub = new WatchHub(object.store, sockets);
    },
    async connect(request: WatchRequest) {
      const pair = new SocketPair();
      pair.toObject = (message) => object.hub.message(pair, message);
      sockets.add(pair);
      setTimeout(() => object.hub.accept(pair, request), 0);
      return pair.client;
    },
  };
  object.hub = new WatchHub(object.store, []);
  return object;
}

async function collect(stream: AsyncIterable<WatchBatch>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const batch of stream) {
    for (const event of batch.events) seen.push(`${event.type} ${event.kv.key}@${event.kv.modRevision}`);
    if (seen.length >= count || batch.compactRevision) break;
  }
  return seen;
}

it('gives a watcher history and then commits, whole and in order, across hibernation and broken sockets', async () => {
  const object = durableObject();
  for (let i = 0; i < 1200; i++) object.store.put({ key: `k${i % 7}`, value: 'x' });
  const stream = await watchOver(object.connect, { key: 'k', rangeEnd: 'l', startRevision: 2 });
  const reading = collect(stream, 1500);
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 1200; i < 1500; i++) {
    object.store.put({ key: `k${i % 7}`, value: 'x' });
    if (i % 50 === 0) object.hibernate();
    if (i % 97 === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      for (const socket of [...object.sockets]) {
        object.hub.closed(socket);
        object.sockets.delete(socket);
        socket.close();
      }
    }
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect(await reading).toEqual(Array.from({ length: 1500 }, (_, i) => `PUT k${i % 7}@${i + 2}`));
});

it('tells a watcher whose start was compacted where it can start', async () => {
  const object = durableObject();
  for (let i = 0; i < 10; i++) object.store.put({ key: 'k', value: 'x' });
  object.store.compact(8);
  const stream = await watchOver(object.connect, { key: 'k', startRevision: 3 });
  for await (const batch of stream) expect(batch.compactRevision).toBe(8);
});

it('answers a request for progress with the revision up to which everything has been sent', async () => {
  const object = durableObject();
  const stream = await watchOver(object.connect, { key: 'k', startRevision: 2 });
  await new Promise((resolve) => setTimeout(resolve, 1));
  object.store.put({ key: 'other', value: 'x' });
  stream.requestProgress();
  for await (const batch of stream) {
    expect(batch).toEqual({ revision: 2, events: [] });
    break;
  }
});

it('ends a reader in the same process that falls behind', async () => {
  const store = new Store(nodeSql());
  const stream = await storeStorage(store, { now: () => 0, catalog: () => BUILT_IN }).watch({ key: 'k' });
  for (let i = 0; i < 2000; i++) store.put({ key: 'k', value: 'x' });
  const seen = await collect(stream, 5000);
  expect(seen.length).toBeLessThan(2000);
});

it('keeps bytes that are not text', async () => {
  const object = durableObject();
  const stream = await watchOver(object.connect, { key: 'k', startRevision: 2 });
  object.store.put({ key: 'k', value: new Uint8Array([0xff, 0, 1]) });
  for await (const batch of stream) {
    expect(batch.events[0]!.kv.value).toEqual(new Uint8Array([0xff, 0, 1]));
    break;
  }
});
