import { evictDurableObject, listDurableObjectIds } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { LooseObject } from '../test/loose-object.ts';
import type { Env } from './cluster/env.ts';
import { WatchHub } from './etcd/watch-hub.ts';
import { MAX_WATCHES } from './platform/limits.ts';

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
    expect(((await anonymous.json()) as LooseObject).message).toContain(
      'User "system:anonymous" cannot list resource "pods"',
    );
    expect((await call({ id: one.id }, '/version')).status).toBe(200);
  });

  it('takes the service account tokens that its own key has signed, before and after an eviction', async () => {
    const [one, other] = [await createCluster(), await createCluster()];
    const keysOf = async (cluster: { id: string; token: string }) =>
      ((await (await call(cluster, '/openid/v1/jwks')).json()) as LooseObject).keys;
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const asked = await call(one, path, { method: 'POST', body: JSON.stringify({ spec: {} }) });
    const { token } = ((await asked.json()) as LooseObject).status;
    const kid = JSON.parse(atob(token.split('.')[0].replaceAll('-', '+').replaceAll('_', '/'))).kid;
    expect((await call({ id: one.id, token }, '/api')).status).toBe(200);
    expect((await call({ id: other.id, token }, '/api')).status).toBe(401);
    expect((await keysOf(one)).map((key: LooseObject) => key.kid)).toEqual([kid]);
    expect((await keysOf(other))[0].kid).not.toBe(kid);
    expect((await call({ id: other.id, token }, '/api')).status).toBe(401);
    await evictDurableObject(objects.getByName(one.id));
    expect((await call({ id: one.id, token }, '/api/v1')).status).toBe(200);
    const configuration = (await (await call(one, '/.well-known/openid-configuration')).json()) as LooseObject;
    expect(configuration.jwks_uri).toBe(`${ORIGIN}/clusters/${one.id}/openid/v1/jwks`);
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

it('gives a large list whole, the first time and when it is known to be large', async () => {
  const cluster = await createCluster();
  const text = 'x'.repeat(600_000);
  for (let i = 0; i < 4; i++) {
    const body = JSON.stringify({ metadata: { name: `big-${i}` }, data: { text } });
    expect((await call(cluster, CONFIG_MAPS, { method: 'POST', body })).status).toBe(201);
  }
  const lists = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const response = await call(cluster, CONFIG_MAPS);
      const { items } = (await response.json()) as { items: { data: { text?: string } }[] };
      return [response.status, items.filter(({ data }) => data.text === text).length];
    }),
  );
  expect(lists).toEqual(Array.from({ length: 6 }, () => [200, 4]));
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
  ): Promise<{ socket: WebSocket; events: LooseObject[]; until(count: number): Promise<void> }> {
    const response = await call(cluster, `${CONFIG_MAPS}?watch=true${query}`, { headers: { upgrade: 'websocket' } });
    expect(response.status).toBe(101);
    const socket = response.webSocket!;
    const events: LooseObject[] = [];
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
    const list = (await (await call(cluster, CONFIG_MAPS)).json()) as LooseObject;
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

  it('is refused as flow control does beyond the watches that a cluster may have', async () => {
    const cluster = await createCluster();
    const limit = vi.spyOn(WatchHub.prototype, 'size', 'get').mockReturnValue(MAX_WATCHES - 1);
    const { socket } = await watch(cluster);
    socket.close();
    limit.mockReturnValue(MAX_WATCHES);
    const overWebSocket = await call(cluster, `${CONFIG_MAPS}?watch=true`, { headers: { upgrade: 'websocket' } });
    const overHttp = await call(cluster, `${CONFIG_MAPS}?watch=true`);
    limit.mockRestore();
    for (const refused of [overWebSocket, overHttp]) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
      expect(await refused.text()).toContain('Too many requests, please try again later.');
    }
    expect((await call(cluster, CONFIG_MAPS)).status).toBe(200);
  });

  it('keeps state across an eviction', async () => {
    const cluster = await createCluster({ nodes: 2 });
    await create(cluster, 'kept');
    await evictDurableObject(objects.getByName(cluster.id));
    const list = (await (await call(cluster, CONFIG_MAPS)).json()) as LooseObject;
    expect(list.items.map((o: LooseObject) => o.metadata.name)).toContain('kept');
    const nodes = (await (await call(cluster, '/api/v1/nodes')).json()) as LooseObject;
    expect(nodes.items).toHaveLength(2);
  });
});

describe('host names', () => {
  it('serves a cluster on a host name of its own', async () => {
    const cluster = await createCluster();
    const response = await worker.fetch(`https://${cluster.id}.diorama.test/readyz`);
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
  });

  it('answers as the site under every other name', async () => {
    const cluster = await createCluster();
    for (const host of [
      'playground.example.org',
      'playground.diorama.test',
      'kubernetes.diorama.test',
      `${cluster.id}.example.org`,
      `${cluster.id}.sub.diorama.test`,
    ]) {
      const page = await worker.fetch(`https://${host}/`);
      expect([host, page.status, page.headers.get('content-type')]).toEqual([host, 200, 'text/html; charset=utf-8']);
      expect((await worker.fetch(`https://${host}/readyz`)).status).toBe(401);
    }
  });
});

describe('an id that nobody has made', () => {
  it('is refused without an object being touched', async () => {
    for (const id of [
      'aaaaaaaaaa',
      'playground',
      'zz23456723',
      'AAAAAAAAAA',
      'a',
      'a'.repeat(5000),
      '%61aaaaaaaaa',
      '..%2f..',
    ])
      for (const path of ['/version', '/api/v1/pods', '/etcd/v3/kv/range', '/at/5/api']) {
        const response = await call({ id, token: 'x' }, path);
        expect([id, path, response.status]).toEqual([id, path, 404]);
        expect(((await response.json()) as { message: string }).message.length).toBeLessThan(400);
      }
    for (const method of ['GET', 'DELETE'])
      expect(
        (await worker.fetch(`${ORIGIN}/v1/clusters/bbbbbbbbbb`, { method, headers: { authorization: 'Bearer x' } }))
          .status,
      ).toBe(404);
    const touched = (await listDurableObjectIds(objects)).map(String);
    for (const id of ['aaaaaaaaaa', 'playground', 'zz23456723', 'bbbbbbbbbb'])
      expect(touched).not.toContain(String(objects.idFromName(id)));
  });

  it('is answered below /clusters whatever stands there', async () => {
    for (const path of ['/clusters', '/clusters/', '/clusters//x/version', '/clusters/%00/version', '/clusters/%ff'])
      expect([path, (await worker.fetch(`${ORIGIN}${path}`)).status]).toEqual([path, 404]);
  });
});

describe('headers', () => {
  it('forbid guessing of types everywhere', async () => {
    const cluster = await createCluster();
    for (const path of [
      '/',
      '/nowhere',
      '/v1/clusters',
      '/v1/nothing',
      '/v1/openapi.json',
      '/ui/icon.svg',
      '/clusters/x',
    ])
      expect([path, (await worker.fetch(ORIGIN + path)).headers.get('x-content-type-options')]).toEqual([
        path,
        'nosniff',
      ]);
    for (const path of [
      '/version',
      '/api',
      '/api/v1/pods',
      '/readyz',
      '/nowhere',
      '/openapi/v3',
      '/etcd/health',
      `${CONFIG_MAPS}?watch=1`,
    ]) {
      const response = await call(cluster, path);
      expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      await response.body?.cancel();
    }
  });

  it('keep answers with secrets in them out of every cache', async () => {
    const cluster = await createCluster();
    const authorization = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
    const made = await worker.fetch(`${ORIGIN}/v1/clusters`, {
      method: 'POST',
      headers: authorization,
      body: '{"nodes":0}',
    });
    const base = `${ORIGIN}/v1/clusters`;
    const fork = { method: 'POST', body: '{}' };
    const range = { method: 'POST', body: '{"key":"AA=="}' };
    const answers = [
      made,
      await worker.fetch(base, { headers: authorization }),
      await worker.fetch(`${base}/${cluster.id}/kubeconfig`, { headers: authorization }),
      await worker.fetch(`${base}/${cluster.id}/export`, { headers: authorization }),
      await worker.fetch(`${base}/${cluster.id}/forks`, { ...fork, headers: authorization }),
      await call(cluster, '/api/v1/namespaces/default/secrets'),
      await call(cluster, '/api/v1/secrets'),
      await call(cluster, '/api/v1/namespaces/default/serviceaccounts/default/token', {
        method: 'POST',
        body: '{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{}}',
      }),
      await call(cluster, '/etcd/v3/kv/range', range),
    ];
    for (const answer of answers) {
      expect([answer.url, answer.status < 300, answer.headers.get('cache-control')]).toEqual([
        answer.url,
        true,
        expect.stringContaining('no-store'),
      ]);
      await answer.body?.cancel();
    }
    expect((await call(cluster, '/api/v1/pods')).headers.get('cache-control')).toBe('no-cache, private');
  });
});

describe('the past', () => {
  it('is read at a revision, and only read', async () => {
    const cluster = await createCluster();
    const made = (await (await create(cluster, 'was')).json()) as LooseObject;
    await call(cluster, `${CONFIG_MAPS}/was`, { method: 'DELETE' });
    const at = `/at/${made.metadata.resourceVersion}`;
    expect((await call(cluster, `${CONFIG_MAPS}/was`)).status).toBe(404);
    expect((await call(cluster, `${at}${CONFIG_MAPS}/was`)).status).toBe(200);
    const refused = await call(cluster, `${at}${CONFIG_MAPS}/was`, { method: 'DELETE' });
    expect(refused.status).toBe(405);
    const future = await call(cluster, `/at/99999${CONFIG_MAPS}`);
    expect(await future.json()).toMatchObject({
      reason: 'Timeout',
      message: expect.stringMatching(/Too large resource version: 99999, current: \d+/),
    });
    const never = await call(cluster, `/at/${'9'.repeat(400)}${CONFIG_MAPS}`);
    expect(await never.json()).toMatchObject({
      reason: 'Timeout',
      message: expect.stringMatching(/Too large resource version: 9007199254740991, current: \d+/),
    });
  });
});

describe('copies', () => {
  const admin = (cluster: { token: string }): RequestInit => ({
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
  });
  const names = async (cluster: { id: string; token: string }): Promise<string[]> => {
    const list = (await (await call(cluster, CONFIG_MAPS)).json()) as LooseObject;
    return list.items.map((o: LooseObject) => o.metadata.name).filter((n: string) => n !== 'kube-root-ca.crt');
  };

  it('forks share what was, and nothing that comes', async () => {
    const cluster = await createCluster();
    const first = (await (await create(cluster, 'first')).json()) as LooseObject;
    await create(cluster, 'second');
    const body = JSON.stringify({ revision: Number(first.metadata.resourceVersion) });
    const made = await worker.fetch(`${ORIGIN}/v1/clusters/${cluster.id}/forks`, {
      method: 'POST',
      body,
      ...admin(cluster),
    });
    expect(made.status).toBe(201);
    const fork = (await made.json()) as { id: string; token: string };
    expect(await names(fork)).toEqual(['first']);
    await create(fork, 'third');
    expect(await names(fork)).toEqual(['first', 'third']);
    expect(await names(cluster)).toEqual(['first', 'second']);
    expect((await call({ id: fork.id, token: cluster.token }, CONFIG_MAPS)).status).toBe(403);
  });

  it('a fork has no name that a new cluster may not have', async () => {
    const cluster = await createCluster();
    const url = `${ORIGIN}/v1/clusters/${cluster.id}/forks`;
    const fork = async (name: string) =>
      (await worker.fetch(url, { method: 'POST', body: JSON.stringify({ name }), ...admin(cluster) })).status;
    for (const name of ['', 'Mine', 'a b', '-a', 'a'.repeat(64), '../x'])
      expect([name, await fork(name)]).toEqual([name, 422]);
    for (const name of ['mine', 'a'.repeat(63), 'a.b']) expect([name, await fork(name)]).toEqual([name, 201]);
  });

  it('a fork signs the tokens of its Secrets anew', async () => {
    const cluster = await createCluster();
    const path = '/api/v1/namespaces/default/secrets';
    const metadata = { name: 's', annotations: { 'kubernetes.io/service-account.name': 'default' } };
    const type = 'kubernetes.io/service-account-token';
    await call(cluster, path, { method: 'POST', body: JSON.stringify({ metadata, type }) });
    const tokenOf = async (of: { id: string; token: string }, known?: string): Promise<string> => {
      for (;;) {
        const { data } = (await (await call(of, `${path}/s`)).json()) as LooseObject;
        if (data?.token && data.token !== known) return data.token;
        await scheduler.wait(10);
      }
    };
    const first = await tokenOf(cluster);
    const forks = `${ORIGIN}/v1/clusters/${cluster.id}/forks`;
    const fork = (await (
      await worker.fetch(forks, { method: 'POST', body: '{}', ...admin(cluster) })
    ).json()) as LooseObject;
    const second = await tokenOf(fork, first);
    expect((await call({ id: fork.id, token: atob(second) }, '/api')).status).toBe(200);
    expect((await call({ id: fork.id, token: atob(first) }, '/api')).status).toBe(401);
    expect((await call({ id: cluster.id, token: atob(first) }, '/api')).status).toBe(200);
  });

  it('an exported cluster comes back by import, and a broken file leaves none', async () => {
    const cluster = await createCluster({
      nodes: 0,
      profile: 'api',
      behaviours: [{ match: { pod: 'slow-*' }, ready: false }],
    });
    await create(cluster, 'kept');
    const exported = await worker.fetch(`${ORIGIN}/v1/clusters/${cluster.id}/export`, admin(cluster));
    expect(exported.headers.get('content-type')).toBe('application/x-ndjson');
    const file = await exported.text();
    const send = (body: string) =>
      worker.fetch(`${ORIGIN}/v1/clusters/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      });
    expect(JSON.parse(file.split('\n')[0]!).making.behaviours).toEqual([{ match: { pod: 'slow-*' }, ready: false }]);
    const made = await send(file);
    expect([made.status, made.ok || (await made.text())]).toEqual([201, true]);
    expect(await names((await made.json()) as LooseObject)).toEqual(['kept']);
    const broken = await send(`${file}{"key":""}\n`);
    expect(broken.status).toBe(400);
    expect(broken.headers.get('content-type')).toContain('application/problem+json');
    expect((await send('nonsense\n')).status).toBe(400);
  });

  it('an import has the default objects that its file lacks, as when an API server starts on a store; a fork has not', async () => {
    const cluster = await createCluster({ nodes: 0, profile: 'api' });
    const exported = await worker.fetch(`${ORIGIN}/v1/clusters/${cluster.id}/export`, admin(cluster));
    const [header] = (await exported.text()).split('\n');
    const made = await worker.fetch(`${ORIGIN}/v1/clusters/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${header}\n`,
    });
    const bare = (await made.json()) as { id: string; token: string };
    expect((await call({ id: bare.id }, '/version')).status).toBe(200);
    expect((await call(bare, '/api/v1/namespaces/kube-system')).status).toBe(200);
    const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:public-info-viewer';
    expect(((await (await call(bare, role)).json()) as LooseObject).rules).toHaveLength(1);
    expect((await call(bare, role, { method: 'DELETE' })).status).toBe(200);
    expect((await call({ id: bare.id }, '/version')).status).toBe(403);
    const forks = `${ORIGIN}/v1/clusters/${bare.id}/forks`;
    const fork = (await (
      await worker.fetch(forks, { method: 'POST', body: '{}', ...admin(bare) })
    ).json()) as LooseObject;
    expect((await call(fork, role)).status).toBe(404);
  });
});

it('takes anything at an object’s key through etcd’s own door, and goes on', async () => {
  const cluster = await createCluster({ nodes: 1 });
  const put = async (key: string, value: string): Promise<string> => {
    const body = JSON.stringify({ key: btoa(key), value: btoa(value) });
    return (await call(cluster, '/etcd/v3/kv/put', { method: 'POST', body })).text();
  };
  for (const [i, value] of [
    '\xff\xfe',
    'null',
    '{}',
    '{"metadata":1}',
    '[1]',
    '{"metadata":{"name":"bare"}}',
    '{"metadata":{"name":"bare"}}',
  ].entries())
    expect(await put(`/registry/pods/default/odd-${i}`, value)).toContain('revision');
  expect((await create(cluster, 'after')).status).toBe(201);
  await evictDurableObject(objects.getByName(cluster.id));
  expect((await create(cluster, 'after-eviction')).status).toBe(201);
  const accounts = (await (await call(cluster, '/api/v1/namespaces/default/serviceaccounts')).json()) as LooseObject;
  expect(accounts.items.map((o: LooseObject) => o.metadata.name)).toContain('default');
});
