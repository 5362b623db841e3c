import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { Env } from './env.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

interface Made {
  id: string;
  token: string;
  expiresAt: string;
  kubeconfig?: string;
  manifests?: { applied: number; failed: { index: number; kind: string; code: number; message: string }[] };
}

const send = (method: string, path: string, token?: string, body?: unknown) =>
  worker.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function create(body?: unknown): Promise<Made> {
  const answer = await send('POST', '/v1/clusters', undefined, body);
  expect(answer.status).toBe(201);
  return answer.json();
}

const get = async ({ id, token }: Made, path: string): Promise<LooseObject> =>
  (await send('GET', `/clusters/${id}${path}`, token)).json();

const names = async (cluster: Made, path: string): Promise<string[]> =>
  (await get(cluster, path)).items.map(({ metadata }: LooseObject) => metadata.name);

const MANIFESTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
# nothing here
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
--- 
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: shop}
spec: {containers: [{name: web, image: nginx}]}
`;

describe('a cluster with manifests', () => {
  it('has them when it is answered, in their order', async () => {
    const cluster = await create({ nodes: 1, manifests: MANIFESTS });
    expect(cluster.manifests).toEqual({ applied: 3, failed: [] });
    const pods = await get(cluster, '/api/v1/namespaces/shop/pods');
    expect(pods.items.map(({ status }: LooseObject) => status.phase)).toEqual(['Running', 'Running', 'Running']);
    const [manager] = (await get(cluster, '/api/v1/namespaces/shop/pods/lone')).metadata.managedFields;
    expect(manager).toMatchObject({ manager: 'diorama', operation: 'Apply' });
  });

  it('says which were refused, and has the others', async () => {
    const { manifests } = await create({
      profile: 'api',
      manifests: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'No' } },
        'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {generateName: b-}}',
        { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'c' } },
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'd', namespace: 'missing' }, spec: {} },
      ],
    });
    expect(manifests!.applied).toBe(2);
    expect(manifests!.failed.map(({ index, kind, code }) => [index, kind, code])).toEqual([
      [0, 'ConfigMap', 422],
      [3, 'Thing', 404],
      [4, 'Pod', 404],
    ]);
    expect(manifests!.failed.map(({ message }) => message)).toEqual([
      expect.stringContaining('ConfigMap "No" is invalid: metadata.name'),
      'no matches for kind "Thing" in version "example.com/v1"',
      'namespaces "missing" not found',
    ]);
  });

  it('is the same with the same seed', async () => {
    const wanted = { nodes: 2, seed: 7, clock: { start: '2026-01-01T00:00:00Z', paused: true }, manifests: MANIFESTS };
    const [one, other] = [await create(wanted), await create(wanted)];
    const facts = async (cluster: Made): Promise<unknown> =>
      (await get(cluster, '/api/v1/namespaces/shop/pods')).items.map(({ metadata, spec, status }: LooseObject) => [
        metadata.name,
        metadata.uid,
        metadata.resourceVersion,
        spec.nodeName,
        status.podIP,
      ]);
    expect(await facts(one)).toEqual(await facts(other));
  });

  it.each([
    ['a: [', '/manifests'],
    ['just words', '/manifests'],
    ['kind: Pod', '/manifests'],
    ['apiVersion: ""\nkind: Pod\nmetadata: {name: a}', '/manifests'],
    ['apiVersion: v1\nkind: Pod', '/manifests'],
    [['apiVersion: v1\nkind: Pod\nmetadata: {name: a}', { kind: 'Pod' }], '/manifests/1'],
    [7, '/manifests'],
    [
      Array.from({ length: 501 }, (_, i) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i}` } })),
      '/manifests',
    ],
  ])('is not made of %j', async (manifests, pointer) => {
    const answer = await send('POST', '/v1/clusters', undefined, { manifests });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as LooseObject).errors[0].pointer).toBe(pointer);
  });
});

describe('a cluster', () => {
  it('is made of nothing, and has a kubeconfig in its answer if one is asked for', async () => {
    expect(await names(await create(), '/api/v1/nodes')).toEqual(['node-1', 'node-2', 'node-3']);
    const { id, token, kubeconfig } = await create({ kubeconfig: true, profile: 'api' });
    expect(kubeconfig).toContain(`https://${id}.diorama.test`);
    expect(kubeconfig).toContain(token);
  });

  it('is renamed, and lives longer or shorter', async () => {
    const { id, token, expiresAt } = await create({ profile: 'api', ttl: 60 });
    const change = (body: unknown) => send('PATCH', `/v1/clusters/${id}`, token, body);
    const renamed = await (await change({ name: 'shop' })).json<Made & { name: string }>();
    expect([renamed.name, renamed.expiresAt]).toEqual(['shop', expiresAt]);
    const longer = await (await change({ ttl: 3600 })).json<Made>();
    expect(Date.parse(longer.expiresAt) - Date.parse(expiresAt)).toBeGreaterThan(3_400_000);
    expect(await (await send('GET', `/v1/clusters/${id}`, token)).json()).toMatchObject({
      name: 'shop',
      expiresAt: longer.expiresAt,
    });
    expect((await change({ ttl: 1 })).status).toBe(200);
    await expect
      .poll(async () => (await send('GET', `/clusters/${id}/version`, token)).status, { timeout: 60_000 })
      .toBe(404);
  });

  it.each([{ ttl: 0 }, { ttl: 30 * 24 * 3600 + 1 }, { name: 'No name' }, { nodes: 3 }])(
    'is not changed to %j',
    async (change) => {
      const { id, token } = await create({ profile: 'api' });
      expect((await send('PATCH', `/v1/clusters/${id}`, token, change)).status).toBe(422);
    },
  );

  it('goes back to its beginning, with its tokens, and does the same again', async () => {
    const cluster = await create({
      nodes: 2,
      seed: 1,
      clock: { start: '2026-01-01T00:00:00Z', paused: true },
      manifests: MANIFESTS,
    });
    const { id, token } = cluster;
    const object = (env as unknown as Env).CLUSTER.getByName(id);
    const state = async (): Promise<unknown> => ({
      pods: (await get(cluster, '/api/v1/pods')).items,
      events: (await get(cluster, '/api/v1/events')).items,
      clock: await (await send('GET', `/v1/clusters/${id}/clock`, token)).json(),
    });
    const lesson = async (): Promise<void> => {
      await send('DELETE', `/clusters/${id}/api/v1/namespaces/shop/pods/lone`, token);
      await send('PATCH', `/v1/clusters/${id}/clock`, token, { advance: 7200 });
      const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } };
      await send('PUT', `/clusters/${id}/apis/apps/v1/namespaces/shop/deployments/web/scale`, token, scale);
      await object.settled();
    };
    const [beginning, issued] = [
      await state(),
      await (await send('POST', `/v1/clusters/${id}/tokens`, token, { role: 'view' })).json<Made>(),
    ];
    await lesson();
    const end = await state();
    expect(end).not.toEqual(beginning);
    for (let round = 0; round < 2; round++) {
      expect((await send('POST', `/v1/clusters/${id}/reset`, token)).status).toBe(200);
      await object.settled();
      expect(await state()).toEqual(beginning);
      expect((await send('GET', `/clusters/${id}/api/v1/pods`, issued.token)).status).toBe(200);
      await lesson();
      expect(await state()).toEqual(end);
    }
    expect((await send('POST', `/v1/clusters/${id}/reset`, issued.token)).status).toBe(403);
  });

  it('that is a copy goes back to what it was copied as', async () => {
    const { id, token } = await create({ nodes: 1, manifests: MANIFESTS });
    const fork = await (await send('POST', `/v1/clusters/${id}/forks`, token)).json<Made>();
    const pods = await names(fork, '/api/v1/pods');
    await send('DELETE', `/clusters/${fork.id}/api/v1/namespaces/shop/pods/lone`, fork.token);
    expect((await send('POST', `/v1/clusters/${fork.id}/reset`, fork.token)).status).toBe(200);
    expect(await names(fork, '/api/v1/pods')).toEqual(pods);
  });

  it('ends all streams when it is reset', async () => {
    const { id, token } = await create({ profile: 'api' });
    const watch = await send('GET', `/clusters/${id}/api/v1/configmaps?watch=true`, token);
    const gateway = await send('POST', `/clusters/${id}/etcd/v3/watch`, token, {
      create_request: { key: 'AA==', range_end: 'AA==' },
    });
    const ends = Promise.all([watch.text(), gateway.text()]);
    expect((await send('POST', `/v1/clusters/${id}/reset`, token)).status).toBe(200);
    const [events, answers] = await ends;
    expect(events).not.toContain('ERROR');
    expect(answers).toContain('"created":true');
  });
});
