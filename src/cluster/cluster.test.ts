/** The object leaves memory and comes back: clients that stay connected notice nothing, and time goes on. */

import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { Env } from './env.ts';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface TestCluster {
  id: string;
  call(path: string, init?: RequestInit): Promise<Response>;
  /** A JSON body's answer, which must have succeeded. */
  send(method: string, path: string, body: unknown): Promise<LooseObject>;
  evict(): Promise<void>;
}

async function createCluster(spec: Record<string, unknown>): Promise<TestCluster> {
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: JSON.stringify(spec) });
  expect(made.status).toBe(201);
  const { id, token } = (await made.json()) as { id: string; token: string };
  const call = (path: string, init: RequestInit = {}) =>
    worker.fetch(`${ORIGIN}/clusters/${id}${path}`, {
      ...init,
      headers: { ...headers, authorization: `Bearer ${token}`, ...init.headers },
    });
  return {
    id,
    call,
    async send(method, path, body) {
      const response = await call(path, { method, body: JSON.stringify(body) });
      expect(response.status, `${method} ${path}`).toBeLessThan(300);
      return response.json();
    },
    evict: () => evictDurableObject(objects.getByName(id)),
  };
}

interface WatchedEvent {
  type: string;
  object: LooseObject;
}

/** A watch that is never opened again. */
class Watch {
  readonly events: WatchedEvent[] = [];
  closed = false;
  #told = (): void => {};
  stop = (): void => {};

  static async overWebSocket(cluster: TestCluster, path: string): Promise<Watch> {
    const watch = new Watch();
    const response = await cluster.call(path, { headers: { upgrade: 'websocket' } });
    const socket = response.webSocket!;
    socket.addEventListener('message', ({ data }) => watch.#take(JSON.parse(data as string)));
    socket.addEventListener('close', () => watch.#end());
    socket.accept();
    watch.stop = () => socket.close();
    return watch;
  }

  static async overHttp(cluster: TestCluster, path: string): Promise<Watch> {
    const watch = new Watch();
    const response = await cluster.call(path);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const read = async (): Promise<void> => {
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const lines = (rest + part.value).split('\n');
        rest = lines.pop()!;
        for (const line of lines) watch.#take(JSON.parse(line));
      }
      watch.#end();
    };
    void read().catch(() => watch.#end());
    watch.stop = () => void reader.cancel();
    return watch;
  }

  #take(event: WatchedEvent): void {
    this.events.push(event);
    this.#told();
  }

  #end(): void {
    this.closed = true;
    this.#told();
  }

  async until(isReached: (events: WatchedEvent[]) => boolean): Promise<void> {
    while (!isReached(this.events)) {
      if (this.closed) throw new Error(`the watch ended after ${this.events.length} events`);
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }
}

const EVICTIONS = 40;
const WRITERS = 4;
const KEYS_PER_WRITER = 3;

it(`gives watches every write once and in order over ${EVICTIONS} evictions`, { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  const list = (await (await cluster.call(CONFIG_MAPS)).json()) as LooseObject;
  const path = `${CONFIG_MAPS}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
  const watches = [await Watch.overWebSocket(cluster, path), await Watch.overHttp(cluster, path)];
  const written: { type: string; name: string; version: number; value: string }[] = [];

  async function write(writer: number, round: number): Promise<void> {
    for (let i = 0; i < KEYS_PER_WRITER; i++) {
      const name = `w${writer}-${i}`;
      const body = { metadata: { name }, data: { value: `${round}` } };
      const stored = await (round === 0
        ? cluster.send('POST', CONFIG_MAPS, body)
        : cluster.send('PUT', `${CONFIG_MAPS}/${name}`, body));
      const version = Number(stored.metadata.resourceVersion);
      written.push({ type: round === 0 ? 'ADDED' : 'MODIFIED', name, version, value: `${round}` });
    }
  }

  for (let round = 0; round < EVICTIONS; round++) {
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer, round)));
    await cluster.evict();
  }

  written.sort((a, b) => a.version - b.version);
  for (const watch of watches) {
    await watch.until(({ length }) => length >= written.length);
    watch.stop();
    const seen = watch.events.map(({ type, object }) => ({
      type,
      name: object.metadata.name,
      version: Number(object.metadata.resourceVersion),
      value: object.data.value,
    }));
    expect(seen).toEqual(written);
  }
});

it('ends a lease on time though nobody is there and the object is not in memory', async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api', clock: { speed: 60 } });
  const { metadata } = await cluster.send('POST', CONFIG_MAPS, { metadata: { name: 'kept' } });
  const watch = await Watch.overWebSocket(
    cluster,
    `${CONFIG_MAPS}?watch=true&resourceVersion=${metadata.resourceVersion}`,
  );
  await cluster.send('POST', '/etcd/v3/lease/grant', { ID: '7', TTL: '60' });
  const leased = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'leased' } };
  const key = btoa('/registry/configmaps/default/leased');
  await cluster.send('POST', '/etcd/v3/kv/put', { key, value: btoa(JSON.stringify(leased)), lease: '7' });
  await watch.until(({ length }) => length >= 1);
  await cluster.evict();
  // No request from here on: only the alarm can wake it.
  await watch.until(({ length }) => length >= 2);
  watch.stop();
  expect(watch.events.map(({ type, object }) => [type, object.metadata.name])).toEqual([
    ['ADDED', 'leased'],
    ['DELETED', 'leased'],
  ]);
  const { leases } = await cluster.send('POST', '/etcd/v3/lease/leases', {});
  expect(leases ?? []).toEqual([]);
});

it('brings pods to run though the object leaves memory at every step', async () => {
  const cluster = await createCluster({ nodes: 1 });
  const watch = await Watch.overWebSocket(cluster, '/api/v1/namespaces/default/pods?watch=true');
  const container = { name: 'main', image: 'nginx' };
  await cluster.send('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
    },
  });
  const running = (events: WatchedEvent[]): number => {
    const phases = new Map(events.map(({ object }) => [object.metadata.name, object.status?.phase]));
    return [...phases.values()].filter((phase) => phase === 'Running').length;
  };
  while (running(watch.events) < 3) {
    const { length: seen } = watch.events;
    await cluster.evict();
    // What an object had begun when it left memory it goes on with when the next request brings it back.
    await cluster.call('/api/v1/nodes');
    await watch.until(({ length }) => length > seen);
  }
  watch.stop();
  const versions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
});

it('compacts by itself what is far behind', async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  await cluster.evict();
  // As after very many writes: the store goes on from this revision.
  await runInDurableObject(objects.getByName(cluster.id), (_object, state) => {
    state.storage.sql.exec("INSERT OR REPLACE INTO etcd_meta VALUES ('revision', 150000)");
  });
  await cluster.evict();
  await cluster.send('POST', CONFIG_MAPS, { metadata: { name: 'late' } });
  await expect
    .poll(async () => ((await (await cluster.call(`/at/40000${CONFIG_MAPS}`)).json()) as { reason?: string }).reason)
    .toBe('Expired');
  expect((await cluster.call(`/at/100000${CONFIG_MAPS}`)).status).toBe(200);
});
