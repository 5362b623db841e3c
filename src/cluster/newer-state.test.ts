import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import type { Env } from './env.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const { CLUSTER } = env as unknown as Env;
const ORIGIN = 'https://diorama.test';

interface Made {
  id: string;
  token: string;
}

async function create(): Promise<Made> {
  const headers = { 'content-type': 'application/json' };
  return (await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: '{"profile":"api"}' })).json();
}

const namespaces = ({ id, token }: Made): Promise<Response> =>
  worker.fetch(`${ORIGIN}/clusters/${id}/api/v1/namespaces`, { headers: { authorization: `Bearer ${token}` } });

const versionOfStore = (version: number) => (storage: DurableObjectStorage) =>
  void storage.sql.exec("INSERT OR REPLACE INTO etcd_meta VALUES ('version', ?)", version);
const versionOfRecord = (version: number) => (storage: DurableObjectStorage) =>
  storage.kv.put('life', { ...storage.kv.get<object>('life'), version });

describe.each([
  ['store', versionOfStore, 2],
  ['record', versionOfRecord, 1],
] as const)("a cluster's %s of a later version", (what, versionOf, current) => {
  it('is told of, left as it is, and served again by who knows it', async () => {
    const made = await create();
    expect((await namespaces(made)).status).toBe(200);
    const object = CLUSTER.getByName(made.id);
    const write = (version: number) => runInDurableObject(object, (_, { storage }) => versionOf(version)(storage));
    await write(current + 1);
    await evictDurableObject(object);
    await expect.poll(async () => (await namespaces(made)).status, { timeout: 60_000 }).toBe(503);
    const { reason, message } = await (await namespaces(made)).json<{ reason: string; message: string }>();
    expect(reason).toBe('ServiceUnavailable');
    expect(message).toBe(
      `the cluster's ${what} has the version ${current + 1}, and this server knows none after ${current}: it was used by a newer one. Nothing of it was changed.`,
    );
    const clock = `${ORIGIN}/v1/clusters/${made.id}/clock`;
    const headers = { authorization: `Bearer ${made.token}` };
    expect((await worker.fetch(clock, { headers })).status).toBe(503);
    // The alarm, which ends what is nobody's, does not end this.
    await runInDurableObject(object, (instance) => (instance as unknown as Cluster).alarm());
    await write(current);
    await evictDurableObject(object);
    await expect.poll(async () => (await namespaces(made)).status, { timeout: 60_000 }).toBe(200);
  });
});
