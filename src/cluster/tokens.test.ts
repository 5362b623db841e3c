import { env, exports } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { MAX_ORIGIN_LENGTH } from '../platform/clusters/cluster-tokens.ts';
import { MAX_TOKEN_NAMESPACES, MAX_TOKEN_ORIGINS, MAX_TOKENS } from '../platform/limits.ts';
import type { Env } from './env.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

interface Made {
  id: string;
  token: string;
}

const send = (method: string, path: string, token: string, body?: unknown, headers: Record<string, string> = {}) =>
  worker.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

let cluster: Made;
beforeEach(async () => {
  cluster = await (await send('POST', '/v1/clusters', '', { nodes: 1 })).json();
  for (const namespace of ['one', 'two'])
    await api('POST', '/api/v1/namespaces', cluster.token, { metadata: { name: namespace } });
});

const api = (method: string, path: string, token: string, body?: unknown, headers?: Record<string, string>) =>
  send(method, `/clusters/${cluster.id}${path}`, token, body, headers);

const tokens = (path = ''): string => `/v1/clusters/${cluster.id}/tokens${path}`;

async function issue(request: unknown): Promise<{ id: string; token: string; expiresAt: string }> {
  const answer = await send('POST', tokens(), cluster.token, request);
  expect(answer.status).toBe(201);
  return answer.json();
}

const maps = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`;
const status = async (answer: Promise<Response>): Promise<number> => (await answer).status;

describe('a token of less power', () => {
  it('views all of the cluster but its secrets, and changes nothing', async () => {
    const { token } = await issue({ role: 'view' });
    for (const path of ['/api/v1/nodes', '/api/v1/pods', '/apis/apps/v1/deployments', '/version', '/apis'])
      expect([path, await status(api('GET', path, token))]).toEqual([path, 200]);
    expect(await status(api('GET', '/api/v1/secrets', token))).toBe(403);
    const refused = await api('POST', maps('one'), token, { metadata: { name: 'a' } });
    expect(await refused.json()).toMatchObject({
      code: 403,
      message: expect.stringMatching(/^configmaps is forbidden: User "diorama:token:\w+" cannot create resource/),
    });
    expect(await status(api('POST', '/etcd/v3/kv/range', token, { key: 'AA==' }))).toBe(403);
    expect(await status(send('GET', '/api/v1/pods', token))).toBe(200);
  });

  it('edits where it may', async () => {
    const { token } = await issue({ role: 'edit', namespaces: ['one'] });
    expect(await status(api('POST', maps('one'), token, { metadata: { name: 'a' } }))).toBe(201);
    expect(await status(api('POST', maps('two'), token, { metadata: { name: 'a' } }))).toBe(403);
    expect(await status(api('GET', '/api/v1/nodes', token))).toBe(403);
    const bind = { metadata: { name: 'b' }, roleRef: { kind: 'ClusterRole', name: 'view' } };
    const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/one/rolebindings';
    expect(await status(api('POST', bindings, token, bind))).toBe(403);
  });

  it('administers a namespace, and gives on what it has there alone', async () => {
    const { token } = await issue({ role: 'admin', namespaces: ['one'] });
    const bindings = (namespace: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
    const bind = (name: string) => ({
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'somebody' }],
    });
    expect(await status(api('POST', bindings('one'), token, bind('view')))).toBe(201);
    expect(await status(api('POST', bindings('one'), token, bind('cluster-admin')))).toBe(403);
    expect(await status(api('POST', bindings('two'), token, bind('view')))).toBe(403);
  });

  it('is the admin, if it is asked for', async () => {
    const { token } = await issue({ role: 'admin' });
    expect(await status(api('GET', '/api/v1/secrets', token))).toBe(200);
    expect(await status(send('POST', tokens(), token, { role: 'view' }))).toBe(201);
  });

  it('says what it may', async () => {
    const { id, token } = await issue({ role: 'view', namespaces: ['two'] });
    const review = async (kind: string, spec: object = {}): Promise<LooseObject> => {
      const path = `/apis/${kind === 'SelfSubjectReview' ? 'authentication' : 'authorization'}.k8s.io/v1/${kind.toLowerCase()}s`;
      return ((await (await api('POST', path, token, { spec })).json()) as LooseObject).status;
    };
    expect((await review('SelfSubjectReview')).userInfo).toEqual({
      username: `diorama:token:${id}`,
      groups: ['diorama:view', 'system:authenticated'],
    });
    const may = (namespace: string) =>
      review('SelfSubjectAccessReview', { resourceAttributes: { namespace, verb: 'list', resource: 'pods' } });
    expect([(await may('one')).allowed, (await may('two')).allowed]).toEqual([false, true]);
    const { resourceRules } = await review('SelfSubjectRulesReview', { namespace: 'two' });
    expect(
      resourceRules.some((rule: LooseObject) => rule.resources.includes('pods') && rule.verbs.includes('list')),
    ).toBe(true);
  });

  it("may do of the platform's things what it may see", async () => {
    const { token } = await issue({ role: 'view' });
    const own = `/v1/clusters/${cluster.id}`;
    for (const path of ['', '/clock', '/kubeconfig', '/nodes/node-1/iptables'])
      expect([path, await status(send('GET', `${own}${path}`, token))]).toEqual([path, 200]);
    expect(await (await send('GET', `${own}/kubeconfig`, token)).text()).toContain(token);
    for (const [method, path, body] of [
      ['PATCH', '/clock', { paused: true }],
      ['GET', '/export'],
      ['POST', '/forks', {}],
      ['POST', '/tokens', { role: 'view' }],
      ['GET', '/tokens'],
      ['DELETE', ''],
    ] as [string, string, unknown?][])
      expect([path, await status(send(method, `${own}${path}`, token, body))]).toEqual([path, 403]);
    const narrow = await issue({ role: 'view', namespaces: ['one'] });
    expect(await status(send('GET', `${own}/nodes/node-1/iptables`, narrow.token))).toBe(403);
  });

  it('is good for its pages alone', async () => {
    const { token } = await issue({ role: 'view', origins: ['https://blog.example'] });
    const from = (headers: Record<string, string>) => status(api('GET', '/api/v1/pods', token, undefined, headers));
    expect(await from({ origin: 'https://blog.example' })).toBe(200);
    expect(await from({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await from({ origin: 'https://other.example' })).toBe(403);
    expect(await from({})).toBe(403);
    expect(await status(send('GET', `/v1/clusters/${cluster.id}/clock`, token))).toBe(403);
  });

  it('ends with its time, and when it is revoked', async () => {
    const [short, long] = [await issue({ role: 'view', ttl: 1 }), await issue({ role: 'edit' })];
    expect(await status(api('GET', '/api/v1/pods', short.token))).toBe(200);
    await expect.poll(() => status(api('GET', '/api/v1/pods', short.token)), { timeout: 60_000 }).toBe(401);
    const { items } = await (await send('GET', tokens(), cluster.token)).json<{ items: { id: string }[] }>();
    expect(items.map(({ id }) => id)).toEqual([long.id]);
    expect(JSON.stringify(items)).not.toContain(long.token);
    expect(await status(send('DELETE', tokens(`/${long.id}`), cluster.token))).toBe(204);
    expect(await status(api('GET', '/api/v1/pods', long.token))).toBe(401);
    expect(await status(send('DELETE', tokens(`/${long.id}`), cluster.token))).toBe(404);
  });

  it("opens no other cluster, and is not there in a copy's", async () => {
    const { token } = await issue({ role: 'view' });
    const other = await (await send('POST', '/v1/clusters', '', { profile: 'api' })).json<Made>();
    expect(await status(send('GET', `/clusters/${other.id}/api/v1/pods`, token))).toBe(401);
    const fork = await (await send('POST', `/v1/clusters/${cluster.id}/forks`, cluster.token, {})).json<Made>();
    expect(await status(send('GET', `/clusters/${fork.id}/api/v1/pods`, token))).toBe(401);
  });

  it.each([
    [{}, '/role'],
    [{ role: 'owner' }, '/role'],
    [{ role: 'view', namespaces: [] }, '/namespaces'],
    [{ role: 'view', namespaces: ['No'] }, '/namespaces/0'],
    [{ role: 'view', origins: ['https://blog.example/'] }, '/origins/0'],
    [{ role: 'view', origins: ['https://*.example'] }, '/origins/0'],
    [{ role: 'view', origins: Array.from({ length: 21 }, (_, i) => `https://b${i}.example`) }, '/origins'],
    [{ role: 'view', namespaces: Array.from({ length: 21 }, (_, i) => `n${i}`) }, '/namespaces'],
    [{ role: 'view', ttl: 0 }, '/ttl'],
  ])('%j is refused for its %s', async (request, pointer) => {
    const answer = await send('POST', tokens(), cluster.token, request);
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as LooseObject).errors[0].pointer).toBe(pointer);
  });

  it('is one of a limited number', async () => {
    const object = (env as unknown as Env).CLUSTER.getByName(cluster.id);
    const [createdAt, expiresAt] = [Date.now(), Date.now() + 60_000];
    for (let i = 1; i < MAX_TOKENS; i++)
      await object.issueToken({ id: `t${i}`, hash: String(i), role: 'view', createdAt, expiresAt });
    await issue({ role: 'view' });
    expect(await status(send('POST', tokens(), cluster.token, { role: 'view' }))).toBe(422);
  });
});

describe('what is watched by a token', () => {
  const watchBy = async (token: string, headers: Record<string, string> = {}): Promise<Response> => {
    const answer = await api('GET', `${maps('one')}?watch=true`, token, undefined, headers);
    expect(answer.status).toBe(200);
    return answer;
  };
  const revoke = async (id: string): Promise<void> =>
    expect(await status(send('DELETE', tokens(`/${id}`), cluster.token))).toBe(204);
  const make = (name: string) => api('POST', maps('one'), cluster.token, { metadata: { name } });

  it('ends when it is revoked, and by others goes on', async () => {
    const [one, other] = [await issue({ role: 'view' }), await issue({ role: 'view' })];
    const [ended, seen] = [await watchBy(one.token), await watchBy(other.token)];
    await make('before');
    await revoke(one.id);
    expect(await ended.text()).toMatch(/before/);
    await make('later');
    await revoke(other.id);
    expect(await seen.text()).toMatch(/before.*later/s);
  });

  it.each<Record<string, string>>([{}, { 'impersonate-user': 'somebody', 'impersonate-group': 'system:masters' }])(
    "ends with an admin's, whoever it was watched as: %j",
    async (headers) => {
      const { id, token } = await issue({ role: 'admin' });
      const watch = await watchBy(token, headers);
      await revoke(id);
      expect(await watch.text()).not.toContain('ERROR');
    },
  );

  it("ends in etcd with an admin's", async () => {
    const { id, token } = await issue({ role: 'admin' });
    const create_request = { key: 'AA==', range_end: 'AA==' };
    const watch = await api('POST', '/etcd/v3/watch', token, { create_request });
    await revoke(id);
    expect(await watch.text()).toContain('"created":true');
    expect(await status(api('POST', '/etcd/v3/watch', token, { create_request }))).toBe(401);
  });

  it('ends at its time', async () => {
    const { token } = await issue({ role: 'view', ttl: 2 });
    await (await watchBy(token)).text();
    expect(await status(api('GET', maps('one'), token))).toBe(401);
  });
});

it('a token without a time of its own ends with the cluster, however long that comes to live', async () => {
  const path = `/v1/clusters/${cluster.id}`;
  await send('PATCH', path, cluster.token, { ttl: 2 });
  const { token } = await issue({ role: 'view' });
  const { expiresAt } = await (await send('PATCH', path, cluster.token, { ttl: 3600 })).json<{ expiresAt: string }>();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await status(api('GET', '/api/v1/pods', token))).toBe(200);
  const { items } = await (await send('GET', tokens(), cluster.token)).json<{ items: { expiresAt: string }[] }>();
  expect(items.map((one) => one.expiresAt)).toEqual([expiresAt]);
});

it.each([
  [
    'namespaces',
    MAX_TOKEN_NAMESPACES,
    (size: number) => ({ namespaces: Array.from({ length: size }, (_, i) => `n${i}`) }),
  ],
  [
    'origins',
    MAX_TOKEN_ORIGINS,
    (size: number) => ({ origins: Array.from({ length: size }, (_, i) => `https://o${i}.example`) }),
  ],
  [
    'an origin',
    MAX_ORIGIN_LENGTH,
    (size: number) => ({ origins: [`https://${`${'a'.repeat(49)}.`.repeat(6).slice(0, size - 'https://'.length)}`] }),
  ],
])('a token of less power has a limit on its %s', async (_, limit, request) => {
  const ask = (size: number) => send('POST', tokens(), cluster.token, { role: 'view', ...request(size) });
  expect(await status(ask(limit + 1))).toBe(422);
  expect((await (await send('GET', tokens(), cluster.token)).json()) as object).toEqual({ items: [] });
  expect(await status(ask(limit))).toBe(201);
});
