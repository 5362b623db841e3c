import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { newClusterId, newToken } from '../platform/tokens.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

interface Made {
  id: string;
  token: string;
}

async function createCluster(): Promise<Made> {
  const answer = await worker.fetch(`${ORIGIN}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ profile: 'api' }),
  });
  return answer.json();
}

const ask = (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(`${ORIGIN}${path}`, {
    ...init,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      ...init.headers,
    },
  });

const post = (path: string, token: string, body: object): Promise<Response> =>
  ask(path, token, { method: 'POST', body: JSON.stringify(body) });

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe('at the root', () => {
  let [one, other] = [{} as Made, {} as Made];
  beforeAll(async () => {
    [one, other] = [await createCluster(), await createCluster()];
    await post(`/clusters/${one.id}${CONFIG_MAPS}`, one.token, { metadata: { name: 'mine' } });
  });

  it('a token says whose cluster is meant', async () => {
    expect(one.token).toContain(`_${one.id}_`);
    const { items } = await (await ask(CONFIG_MAPS, one.token)).json<{ items: { metadata: { name: string } }[] }>();
    expect(items.map(({ metadata }) => metadata.name)).toContain('mine');
    expect((await post(CONFIG_MAPS, other.token, { metadata: { name: 'theirs' } })).status).toBe(201);
    expect((await ask(`/clusters/${other.id}${CONFIG_MAPS}/theirs`, other.token)).status).toBe(200);
    expect((await ask(`${CONFIG_MAPS}/theirs`, one.token)).status).toBe(404);
  });

  it.each(['/api', '/apis', '/version', '/readyz', '/livez', '/openapi/v3', '/openid/v1/jwks', '/metrics'])(
    'serves %s',
    async (path) => {
      expect((await ask(path, one.token)).status).toBe(200);
      const nobody = await ask(path);
      expect(nobody.status).toBe(401);
      expect(await nobody.json()).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    },
  );

  it("serves etcd's gateway, by whichever header has the cluster's token", async () => {
    const range = { key: btoa('/registry/configmaps/default/mine') };
    const found = async (headers: Record<string, string>, token?: string): Promise<string> =>
      (
        await (
          await ask('/v3/kv/range', token, { method: 'POST', body: JSON.stringify(range), headers })
        ).json<{ count: string }>()
      ).count;
    expect(await found({}, one.token)).toBe('1');
    expect(await found({ 'x-cluster-token': one.token, authorization: 'etcd.12' })).toBe('1');
    expect(await found({}, other.token)).toBeUndefined();
  });

  it("serves a service account by its token's issuer", async () => {
    const account = '/api/v1/namespaces/default/serviceaccounts/default/token';
    await expect
      .poll(async () => (await ask('/api/v1/namespaces/default/serviceaccounts/default', one.token)).status)
      .toBe(200);
    const { status } = await (await post(account, one.token, { spec: {} })).json<{ status: { token: string } }>();
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const answer = await post('/apis/authentication.k8s.io/v1/selfsubjectreviews', status.token, review);
    expect(await answer.json()).toMatchObject({
      status: { userInfo: { username: 'system:serviceaccount:default:default' } },
    });
    const { issuer } = await (await ask('/.well-known/openid-configuration', status.token)).json<{ issuer: string }>();
    expect(issuer).toBe(`https://kubernetes.default.svc.cluster.local/clusters/${one.id}`);
  });

  it('is closed to what opens no cluster', async () => {
    const gone = newClusterId();
    expect((await ask('/api', newToken(one.id))).status).toBe(401);
    expect((await ask('/api', newToken(gone))).status).toBe(404);
    expect((await ask('/api', 'diorama_abc')).status).toBe(401);
    expect((await ask('/api', 'nothing')).status).toBe(401);
    expect((await ask('/apiary', one.token)).status).toBe(404);
    expect((await ask('/', one.token)).headers.get('content-type')).toContain('text/html');
  });
});
