/** What was begun and not ended: nobody's objects end themselves. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { KeyValue } from '../etcd/types.ts';
import { clusterRequestSchema, clusterSpec } from '../platform/clusters/cluster-spec.ts';
import { addCluster, findCluster, removeCluster } from '../platform/directory/directory.ts';
import type { Env } from './env.ts';
import { LISTING_MS } from './life.ts';
import { MAX_KEYS } from './store-limits.ts';

const { CLUSTER, DB } = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;

const specOf = (id: string) =>
  clusterSpec(clusterRequestSchema.parse({ nodes: 0, profile: 'api' }), id, 'hash', Date.now());
const page = (from: number): KeyValue[] =>
  Array.from({ length: 10 }, (_, i) => ({
    key: `/registry/configmaps/default/c${from + i}`,
    value: '{}',
    createRevision: 2,
    modRevision: 2,
    version: 1,
    lease: '0',
  }));

const tables = (id: string): Promise<string[]> =>
  runInDurableObject(CLUSTER.getByName(id), (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name LIKE 'etcd_%'")
      .toArray()
      .map(({ name }) => String(name)),
  );

async function makeCluster(): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch('https://diorama.test/v1/clusters', { method: 'POST', headers, body: '{"nodes":0}' });
  return ((await made.json()) as { id: string }).id;
}

/** As when the time has passed within which it was to be listed. */
async function letTimePass(id: string): Promise<void> {
  await runInDurableObject(CLUSTER.getByName(id), (_, { storage }) => {
    const life = storage.kv.get<{ listedBy?: number }>('life')!;
    expect(life.listedBy).toBeGreaterThan(Date.now());
    storage.kv.put('life', { ...life, listedBy: 1 });
  });
  await evictDurableObject(CLUSTER.getByName(id));
}

const lifeOf = (id: string): Promise<{ listedBy?: number } | undefined> =>
  runInDurableObject(CLUSTER.getByName(id), (_, { storage }) => storage.kv.get<{ listedBy?: number }>('life'));

it('a copy that lost its maker is no cluster, and its alarm leaves nothing of it', async () => {
  for (const lost of ['the object', 'the maker'] as const) {
    const id = lost === 'the object' ? 'copylostaa' : 'copylostbb';
    const stub = CLUSTER.getByName(id);
    await stub.beginCopy(specOf(id));
    expect(await stub.copyPage(page(0))).toBeUndefined();
    if (lost === 'the object') {
      await evictDurableObject(stub);
      expect(await stub.copyPage(page(10))).toEqual({ ended: true });
    }
    expect(await stub.open()).toBeNull();
    expect(await tables(id)).toContain('etcd_log');
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await tables(id)).toEqual([]);
    expect(await stub.copyPage(page(10))).toEqual({ ended: true });
    expect(await stub.finishCopy(5, true)).toEqual({ ended: true });
    expect(await tables(id)).toEqual([]);
    expect(await stub.open()).toBeNull();
  }
});

it('a key that comes twice is told by its place, wherever it came first', async () => {
  const stub = CLUSTER.getByName('copytwiceaa');
  await stub.beginCopy(specOf('copytwiceaa'));
  expect(await stub.copyPage([...page(0), ...page(3).slice(0, 1)])).toEqual({ repeated: 10 });
  await stub.destroy();
  await stub.beginCopy(specOf('copytwiceaa'));
  expect(await stub.copyPage(page(0))).toBeUndefined();
  expect(await stub.copyPage([...page(10), ...page(5)])).toEqual({ repeated: 10 });
  await stub.destroy();
});

it('a copy takes no more than a cluster may hold', async () => {
  const id = 'copyfullaa';
  const stub = CLUSTER.getByName(id);
  await stub.beginCopy(specOf(id));
  const many = (from: number, count: number): KeyValue[] =>
    Array.from({ length: count }, (_, i) => ({ ...page(0)[0]!, key: `/registry/configmaps/default/m${from + i}` }));
  for (let from = 0; from < MAX_KEYS; from += 4000) expect(await stub.copyPage(many(from, 4000))).toBeUndefined();
  // With what the cluster has from the beginning it is more than that now.
  expect(await stub.copyPage(page(0))).toEqual({ full: true });
  await stub.destroy();
});

it('a cluster that the directory never heard of ends itself', async () => {
  const id = await makeCluster();
  await removeCluster(DB, id);
  await letTimePass(id);
  await runDurableObjectAlarm(CLUSTER.getByName(id));
  expect(await tables(id)).toEqual([]);
});

it('a cluster that the directory has goes on, and does not ask again', async () => {
  const id = await makeCluster();
  await letTimePass(id);
  await runDurableObjectAlarm(CLUSTER.getByName(id));
  expect(await lifeOf(id)).toMatchObject({ epoch: expect.any(String) });
  expect(await lifeOf(id)).not.toHaveProperty('listedBy');
  await removeCluster(DB, id);
  await runDurableObjectAlarm(CLUSTER.getByName(id));
  expect(await tables(id)).toContain('etcd_log');
});

describe('a row whose object has nothing', () => {
  const isListed = async (id: string): Promise<boolean> => (await findCluster(DB, id, Date.now())) !== undefined;
  const madeBefore = (id: string, milliseconds: number) =>
    DB.prepare('UPDATE clusters SET created_at = ? WHERE id = ?')
      .bind(Date.now() - milliseconds, id)
      .run();
  const ask = async (id: string): Promise<number> =>
    (await worker.fetch(`https://diorama.test/clusters/${id}/version`)).status;

  it('is taken out of the directory by a request', async () => {
    const id = await makeCluster();
    await CLUSTER.getByName(id).destroy();
    await evictDurableObject(CLUSTER.getByName(id));
    await madeBefore(id, LISTING_MS + 1);
    expect(await isListed(id)).toBe(true);
    // What a Worker remembers of it may still be used for a moment: it is refused by the object, and then forgotten.
    expect(await ask(id)).toBe(404);
    expect(await isListed(id)).toBe(false);
  });

  it('stays while its object may still be on its way', async () => {
    const id = 'rowfirstaa';
    const spec = specOf(id);
    await addCluster(DB, spec, {});
    expect(await ask(id)).toBe(404);
    expect(await isListed(id)).toBe(true);
    await CLUSTER.getByName(id).create(spec);
    expect(await ask(id)).toBe(200);
    await madeBefore(id, LISTING_MS + 1);
    expect([await ask(id), await isListed(id)]).toEqual([200, true]);
  });
});
