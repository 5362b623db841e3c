import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { platformApp } from '../platform/app.ts';
import { MAX_MANIFEST_DEPTH } from '../platform/limits.ts';
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

/** So many lists and objects in one another, the innermost a list. */
function nested(levels: number, object: object = {}, field = 'a'): unknown {
  let inner: unknown = 1;
  for (let level = 0; level < levels; level++) inner = level % 2 === 0 ? [inner] : { ...object, [field]: inner };
  return inner;
}

describe('manifests', () => {
  it('that have no place in an address are refused, and no others', async () => {
    const map = (metadata: object, apiVersion = 'v1') => ({ apiVersion, kind: 'ConfigMap', metadata });
    const versions = ['.', '..', 'v1/..', 'apps/..', '../..', '../../../clusters', '/', 'a/b/c', 'v1?x', '\ud800'];
    const { manifests } = await create({
      profile: 'api',
      manifests: [
        ...versions.map((version) => map({ name: 'a' }, version)),
        ...['.', '..', 'a/b'].map((name) => map({ name })),
        ...['.', '..', 'a/b'].map((namespace) => map({ name: 'a', namespace })),
        ...[{ name: '\ud800' }, { name: 'a', namespace: '\ud800' }].map((metadata) => map(metadata)),
        map({ name: 'last' }),
      ],
    });
    expect(manifests!.applied).toBe(1);
    const told = manifests!.failed.map(({ code, message }) => `${code} ${message}`);
    expect(told).toEqual([
      ...versions.map((version) => `404 no matches for kind "ConfigMap" in version ${JSON.stringify(version)}`),
      ...Array(3).fill(expect.stringMatching(/^422 ConfigMap ".*" is invalid: metadata\.name: Invalid value/)),
      ...Array(3).fill(expect.stringMatching(/^404 namespaces ".*" not found$/)),
      ...Array(2).fill(expect.stringMatching(/^400 .* invalid Unicode/)),
    ]);
  });

  it('leave no cluster behind that is over before it has them', async () => {
    const { DB } = env as unknown as Env;
    const name = 'brief-life';
    const manifests = Array.from({ length: 500 }, (_, i) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `d${i}` },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: `d${i}` } },
        template: {
          metadata: { labels: { app: `d${i}` } },
          spec: { containers: [{ name: 'a', image: 'nginx' }] },
        },
      },
    }));
    const answer = await send('POST', '/v1/clusters', undefined, { name, ttl: 1, manifests });
    expect([answer.status, ((await answer.json()) as LooseObject).errors[0].pointer]).toEqual([422, '/ttl']);
    expect(await DB.prepare('SELECT id FROM clusters WHERE name = ?').bind(name).first()).toBeNull();
  });

  it('are nested as deep as they may be, and no deeper', async () => {
    const map = (levels: number) => [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, x: nested(levels - 1) },
    ];
    const lists = [nested(20_000, { apiVersion: 'v1', kind: 'List' }, 'items')];
    const { manifests } = await create({ profile: 'api', manifests: map(MAX_MANIFEST_DEPTH) });
    expect(manifests!.applied + manifests!.failed.length).toBe(1);
    for (const tooDeep of [map(MAX_MANIFEST_DEPTH + 1), lists]) {
      const answer = await send('POST', '/v1/clusters', undefined, { profile: 'api', manifests: tooDeep });
      expect([answer.status, ((await answer.json()) as LooseObject).errors[0]]).toEqual([
        422,
        { pointer: '/manifests/0', detail: `must not be nested more than ${MAX_MANIFEST_DEPTH} levels deep` },
      ]);
    }
  });
});

describe('a cluster', () => {
  it('that ends meanwhile is not there, whatever is asked of it', async () => {
    const { id, token } = await create({ profile: 'api' });
    const path = `/v1/clusters/${id}`;
    // As in the moment between the look into the directory and the object.
    await (env as unknown as Env).CLUSTER.getByName(id).destroy();
    const asked = [
      send('PATCH', path, token, { ttl: 60 }),
      send('POST', `${path}/reset`, token),
      send('POST', `${path}/tokens`, token, { role: 'view' }),
      send('GET', `${path}/clock`, token),
      send('PATCH', `${path}/clock`, token, { advance: 5 }),
      send('GET', `${path}/export`, token),
      send('POST', `${path}/forks`, token),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 404));
  });

  it('ends in the directory when its object does, whichever change is written there last', async () => {
    const { id, token } = await create({ profile: 'api' });
    const { DB, CLUSTER } = env as unknown as Env;
    const change = (ttl: number) => ({
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ttl }),
    });
    let [reached, open] = [() => {}, () => {}];
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const gate = new Promise<void>((resolve) => (open = resolve));
    // A Worker whose changes of the directory take long.
    const prepare = (sql: string) => ({
      bind: (...values: unknown[]) => {
        const statement = DB.prepare(sql).bind(...values);
        if (!/^update/i.test(sql)) return statement;
        reached();
        return { run: () => gate.then(() => statement.run()) };
      },
    });
    const slow = { ...(env as object), DB: { prepare }, DOOR: { forget: () => undefined } };
    const first = platformApp.fetch(new Request(`${ORIGIN}/v1/clusters/${id}`, change(100)), slow as never);
    await Promise.race([isReached, first]);
    await worker.fetch(`${ORIGIN}/v1/clusters/${id}`, change(5000));
    open();
    expect((await first).status).toBe(200);
    const told = await (await send('GET', `/v1/clusters/${id}`, token)).json<Made>();
    expect(await CLUSTER.getByName(id).open()).toMatchObject({ expiresAt: Date.parse(told.expiresAt) });
  });

  it('that cannot be brought back goes on as it is', async () => {
    const cluster = await create({ profile: 'api' });
    const { id, token } = cluster;
    const map = { metadata: { name: 'kept' } };
    await send('POST', `/clusters/${id}/api/v1/namespaces/default/configmaps`, token, map);
    await runInDurableObject((env as unknown as Env).CLUSTER.getByName(id), (_, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER broken BEFORE DELETE ON etcd_log BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
      );
    });
    expect((await send('POST', `/v1/clusters/${id}/reset`, token)).status).toBe(500);
    expect(await names(cluster, '/api/v1/namespaces/default/configmaps')).toContain('kept');
    expect((await send('GET', `/v1/clusters/${id}`, token)).status).toBe(200);
  });

  it('that went back tells whoever goes on from what is no more to begin anew', async () => {
    const cluster = await create({ profile: 'api' });
    const { id, token } = cluster;
    const maps = '/api/v1/namespaces/default/configmaps';
    const version = async (): Promise<number> => Number((await get(cluster, maps)).metadata.resourceVersion);
    const beginning = await version();
    for (const name of ['a', 'b', 'c']) await send('POST', `/clusters/${id}${maps}`, token, { metadata: { name } });
    const end = await version();
    expect((await send('POST', `/v1/clusters/${id}/reset`, token)).status).toBe(200);
    const watch = async (from: number): Promise<string> =>
      (await send('GET', `/clusters/${id}${maps}?watch=true&timeoutSeconds=1&resourceVersion=${from}`, token)).text();
    expect(JSON.parse(await watch(end))).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watch(beginning)).toBe('');
    expect(await watch(end + 1)).toBe('');
  });

  it('is not copied half as it was and half as it is after it went back', async () => {
    const { id, token } = await create({ profile: 'api' });
    const object = (env as unknown as Env).CLUSTER.getByName(id);
    const first = await object.statePage(0, '', 1);
    if (!('next' in first)) throw new Error('there is more than one page');
    const rest = (epoch?: string) => object.statePage(first.revision, first.next!, 1, epoch);
    expect(await rest(first.epoch)).toMatchObject({ epoch: first.epoch });
    expect((await send('POST', `/v1/clusters/${id}/reset`, token)).status).toBe(200);
    expect(await rest(first.epoch)).toEqual({ ended: true });
    expect(await rest()).toHaveProperty('kvs');
  });
});
