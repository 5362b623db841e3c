import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Env } from './env.ts';

const ORIGIN = 'https://diorama.test';
const MAX_BODY_BYTES = 3 * 1024 * 1024;
const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;

async function createCluster(
  spec: unknown = { nodes: 0, profile: 'api' },
): Promise<{ id: string; token: string; server: string }> {
  const response = await worker.fetch(`${ORIGIN}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(spec),
  });
  expect(response.status).toBe(201);
  return response.json();
}

const call = (cluster: { id: string; token?: string }, path: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(`${ORIGIN}/clusters/${cluster.id}${path}`, {
    ...init,
    headers: {
      ...(cluster.token ? { authorization: `Bearer ${cluster.token}` } : {}),
      'content-type': 'application/json',
      ...init.headers,
    },
  });

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const create = (cluster: { id: string; token: string }, name: string): Promise<Response> =>
  call(cluster, CONFIG_MAPS, { method: 'POST', body: JSON.stringify({ metadata: { name } }) });

describe('who may enter a cluster', () => {
  it('answers 404 for a cluster that does not exist', async () => {
    const response = await call({ id: 'nowhere', token: 'x' }, '/api/v1/pods');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404 });
  });

  it("answers 401 for a wrong token, 403 for another cluster's, and 403 for none", async () => {
    const [one, other] = [await createCluster(), await createCluster()];
    const wrong = await call({ id: one.id, token: 'wrong' }, '/api/v1/pods');
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    const foreign = await call({ id: one.id, token: other.token }, '/api/v1/pods');
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ kind: 'Status', reason: 'Forbidden' });
    const anonymous = await call({ id: one.id }, '/api/v1/pods');
    expect(anonymous.status).toBe(403);
    expect(((await anonymous.json()) as any).message).toContain('User "system:anonymous" cannot list resource "pods"');
    expect((await call({ id: one.id }, '/version')).status).toBe(200);
  });

  it('forgets a deleted cluster at once', async () => {
    const cluster = await createCluster();
    expect((await call(cluster, '/api/v1/pods')).status).toBe(200);
    const gone = await worker.fetch(`${ORIGIN}/v1/clusters/${cluster.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${cluster.token}` },
    });
    expect(gone.status).toBe(204);
    expect((await call(cluster, '/api/v1/pods')).status).toBe(404);
  });
});

describe('bad input', () => {
  it('refuses a body over the limit with 413 and takes one below it', async () => {
    const cluster = await createCluster();
    const body = (bytes: number) => {
      const shell = JSON.stringify({ metadata: { name: 'big' }, x: '' });
      return shell.replace('"x":""', `"x":"${'y'.repeat(bytes - shell.length)}"`);
    };
    const over = await call(cluster, CONFIG_MAPS, { method: 'POST', body: body(MAX_BODY_BYTES + 1) });
    expect(over.status).toBe(413);
    expect(await over.json()).toMatchObject({ kind: 'Status', reason: 'RequestEntityTooLarge' });
    const below = await call(cluster, CONFIG_MAPS, { method: 'POST', body: body(MAX_BODY_BYTES) });
    expect(below.status).toBe(201);
  });

  it('answers problem JSON at /v1 and for what is nowhere', async () => {
    const broken = await worker.fetch(`${ORIGIN}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect(broken.headers.get('content-type')).toContain('application/problem+json');
    const nowhere = await worker.fetch(`${ORIGIN}/nowhere`);
    expect(nowhere.status).toBe(404);
    expect(nowhere.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('watching over WebSocket', () => {
  async function watch(
    cluster: { id: string; token: string },
    query = '',
  ): Promise<{ socket: WebSocket; events: any[]; until(count: number): Promise<void> }> {
    const response = await call(cluster, `${CONFIG_MAPS}?watch=true${query}`, { headers: { upgrade: 'websocket' } });
    expect(response.status).toBe(101);
    const socket = response.webSocket!;
    const events: any[] = [];
    let told = (): void => {};
    socket.addEventListener('message', ({ data }) => {
      events.push(JSON.parse(data as string));
      told();
    });
    socket.accept();
    const until = async (count: number): Promise<void> => {
      while (events.length < count)
        await new Promise<void>((resolve) => {
          told = resolve;
        });
    };
    return { socket, events, until };
  }

  it('goes on after the object has hibernated under an open watch', async () => {
    const cluster = await createCluster();
    const list = (await (await call(cluster, CONFIG_MAPS)).json()) as any;
    const { socket, events, until } = await watch(cluster, `&resourceVersion=${list.metadata.resourceVersion}`);
    await create(cluster, 'before');
    await until(1);
    await evictDurableObject(objects.getByName(cluster.id));
    await create(cluster, 'after');
    await until(2);
    expect(events.map((e) => [e.type, e.object.metadata.name])).toEqual([
      ['ADDED', 'before'],
      ['ADDED', 'after'],
    ]);
    socket.close();
  });

  it('keeps state across an eviction', async () => {
    const cluster = await createCluster({ nodes: 2 });
    await create(cluster, 'kept');
    await evictDurableObject(objects.getByName(cluster.id));
    const list = (await (await call(cluster, CONFIG_MAPS)).json()) as any;
    expect(list.items.map((o: any) => o.metadata.name)).toContain('kept');
    const nodes = (await (await call(cluster, '/api/v1/nodes')).json()) as any;
    expect(nodes.items).toHaveLength(2);
  });
});
