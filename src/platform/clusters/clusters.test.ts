import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { platformApp } from '../app.ts';
import type { ClusterDoor, ClusterObject, PlatformBindings } from '../bindings.ts';
import {
  MAX_ALLOWED_WEBHOOKS,
  MAX_BEHAVIOURS,
  MAX_BODY_BYTES,
  MAX_MATCH_LABELS,
  MAX_MATCH_LENGTH,
  MAX_NAME_LENGTH,
  MAX_NODE_NAME_LENGTH,
  MAX_NODE_TAINTS,
  MAX_NODES,
  MAX_QUANTITY_LENGTH,
  MAX_TTL_SECONDS,
  MAX_WEBHOOK_URL_LENGTH,
  MIN_TTL_SECONDS,
} from '../limits.ts';
import type { ClusterSpec } from './cluster-spec.ts';
import { ADD_ONS } from './components.ts';

const ORIGIN = 'http://localhost:8787';
const labels = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'x']));

const tainted = (count: number): object => ({
  name: 'a',
  taints: Array.from({ length: count }, (_, i) => ({ key: `k${i}`, effect: 'NoSchedule' })),
});

const hooks = (...allow: string[]): object => ({ webhooks: { allow } });
const longHook = (length: number): string => 'https://hooks.example.org/'.padEnd(length, 'x');

const made = new Map<string, ClusterSpec>();

/** Stands for the Durable Objects: remembers what was asked of them. */
const CLUSTER = {
  getByName: (id: string): ClusterObject =>
    ({
      create: async (spec) => {
        made.set(id, spec);
      },
      destroy: async () => {
        made.delete(id);
      },
      issuedTokens: async () => [],
      iptables: async (node) => (node === 'node-1' ? { rules: '*nat\nCOMMIT\n' } : { unknown: true }),
    }) as Partial<ClusterObject> as ClusterObject,
};

const DOOR: ClusterDoor = { serve: async () => new Response(null, { status: 404 }), forget: () => undefined };

const bindings = (local = false): PlatformBindings => ({
  DB: (env as unknown as PlatformBindings).DB,
  CLUSTER,
  DOOR,
  ...(local ? { LOCAL_HTTPS_ORIGIN: 'https://localhost:8788', LOCAL_CA: 'PEM' } : {}),
});

const ask = (path: string, init?: RequestInit, local?: boolean): Promise<Response> =>
  Promise.resolve(platformApp.request(`${ORIGIN}${path}`, init, bindings(local)));

const post = (body: unknown): Promise<Response> =>
  ask('/v1/clusters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

async function create(body: unknown = {}): Promise<{ id: string; token: string; server: string; expiresAt: string }> {
  const answer = await post(body);
  expect(answer.status).toBe(201);
  return answer.json();
}

beforeEach(() => made.clear());

describe('POST /v1/clusters', () => {
  it('answers with all that a client needs, on the origin that was asked', async () => {
    const { id, token, server, expiresAt } = await create({ nodes: 2, seed: 7, ttl: 60 });
    expect(server).toBe(`${ORIGIN}/clusters/${id}`);
    expect(token.length).toBeGreaterThan(40);
    expect(Date.parse(expiresAt)).toBe(made.get(id)!.createdAt + 60_000);
    expect(made.get(id)).toMatchObject({ seed: '7', nodes: [{ name: 'node-1' }, { name: 'node-2' }] });
  });

  it('keeps no token, only its hash', async () => {
    const { id, token } = await create();
    const rows = await bindings().DB.prepare('SELECT * FROM clusters WHERE id = ?').bind(id).all();
    expect(JSON.stringify(rows.results)).not.toContain(token);
    expect(made.get(id)!.adminTokenHashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(made.get(id))).not.toContain(token);
  });

  it.each([
    ['a body that is no JSON', '{', 400],
    ['a list', [], 422],
    ['an unknown field', { nods: 3 }, 422],
    ['an unknown field of a node', { nodes: [{ name: 'a', cpu: 2 }] }, 422],
    ['less than no nodes', { nodes: -1 }, 422],
    ['half a node', { nodes: 0.5 }, 422],
    ['nodes as text', { nodes: '3' }, 422],
    ['two nodes of one name', { nodes: [{ name: 'a' }, { name: 'a' }] }, 422],
    ['a bad quantity', { nodes: [{ name: 'a', capacity: { cpu: 'much' } }] }, 422],
    ['a bad label', { nodes: [{ name: 'a', labels: { 'a b': 'c' } }] }, 422],
    ['a bad taint', { nodes: [{ name: 'a', taints: [{ key: 'a', effect: 'Never' }] }] }, 422],
    ['an unknown profile', { profile: 'tiny' }, 422],
    ['an unknown component', { components: { 'no-such-controller': true } }, 422],
    ['a range that is none', { serviceCIDR: '10.96.0.0' }, 422],
    ['a range that begins elsewhere', { serviceCIDR: '10.96.0.1/16' }, 422],
    ['ranges that overlap', { serviceCIDR: '10.0.0.0/16', podCIDR: '10.0.0.0/8' }, 422],
    ['behaviours as an object', { behaviours: {} }, 422],
    ['a behaviour of nobody', { behaviours: [{ ready: false }] }, 422],
    ['a behaviour that does not exist', { behaviours: [{ match: {}, redy: false }] }, 422],
    ['a match that does not exist', { behaviours: [{ match: { label: 'a' } }] }, 422],
    ['readiness as text', { behaviours: [{ match: {}, ready: 'no' }] }, 422],
    ['too many behaviours', { behaviours: Array(MAX_BEHAVIOURS + 1).fill({ match: {} }) }, 422],
    ['too many labels in a match', { behaviours: [{ match: { labels: labels(MAX_MATCH_LABELS + 1) } }] }, 422],
    ['too long a pattern', { behaviours: [{ match: { image: 'x'.repeat(MAX_MATCH_LENGTH + 1) } }] }, 422],
    ['a webhook without TLS', hooks('http://hooks.example.org/'), 422],
    ['a webhook that is no URL', hooks('hooks.example.org'), 422],
    ['a webhook with a query', hooks('https://hooks.example.org/?a=b'), 422],
    ['a webhook with a password', hooks('https://a:b@hooks.example.org/'), 422],
    ['too long a webhook', hooks(longHook(MAX_WEBHOOK_URL_LENGTH + 1)), 422],
    ['too many webhooks', { webhooks: { allow: Array(MAX_ALLOWED_WEBHOOKS + 1).fill(longHook(30)) } }, 422],
    ['no time to live', { ttl: 0 }, 422],
    ['half a second to live', { ttl: 0.5 }, 422],
    ['a range in hexadecimal', { serviceCIDR: '0x0a.0x60.0.0/16' }, 422],
    ['a range in octal', { serviceCIDR: '012.0140.0.0/16' }, 422],
    ['a range in short', { podCIDR: '10/8' }, 422],
    ['an IPv6 range', { podCIDR: 'fd00::/48' }, 422],
    ['two ranges', { podCIDR: '10.244.0.0/16,fd00::/48' }, 422],
    ['a range on the loopback', { podCIDR: '127.0.0.0/8' }, 422],
    ['a range of groups', { podCIDR: '224.0.0.0/8' }, 422],
    ['a link-local range', { serviceCIDR: '169.254.0.0/16' }, 422],
    ["the nodes' own range", { podCIDR: '172.18.0.0/16' }, 422],
    ['a range of everything', { podCIDR: '0.0.0.0/0' }, 422],
    ['a component that is named twice', { components: { deployment: true, 'deployment-controller': false } }, 422],
    ['a component that is neither on nor off', { components: { deployment: 'off' } }, 422],
    ['a negative amount', { nodes: [{ name: 'a', capacity: { cpu: '-1' } }] }, 422],
    ['a negative number', { nodes: [{ name: 'a', capacity: { cpu: -1 } }] }, 422],
    ['half a pod', { nodes: [{ name: 'a', capacity: { pods: '0.5' } }] }, 422],
    ['half a device', { nodes: [{ name: 'a', capacity: { 'example.com/gpu': '500m' } }] }, 422],
    ['an amount in words', { nodes: [{ name: 'a', capacity: { cpu: `1${'0'.repeat(64)}` } }] }, 422],
    ['an amount with two points', { nodes: [{ name: 'a', capacity: { cpu: '1.2.3' } }] }, 422],
    ['a node whose name is no label', { nodes: [{ name: 'a'.repeat(64) }] }, 422],
    ['a node with an empty name', { nodes: [{ name: '' }] }, 422],
    [
      'two taints of one key and effect',
      {
        nodes: [
          {
            name: 'a',
            taints: [
              { key: 'a', effect: 'NoSchedule' },
              { key: 'a', value: 'b', effect: 'NoSchedule' },
            ],
          },
        ],
      },
      422,
    ],
    ['an empty name', { name: '' }, 422],
    ['a name with capitals', { name: 'Mine' }, 422],
    ['a clock that stands at speed 0', { clock: { speed: 0 } }, 422],
    ['a time without a zone', { clock: { start: '2026-01-01T00:00:00' } }, 422],
    ['an empty seed', { seed: '' }, 422],
    ['a seed between numbers', { seed: 0.5 }, 422],
    ['a clock that runs backwards', { clock: { speed: -1 } }, 422],
  ])('refuses %s', async (_, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
    expect(made.size).toBe(0);
  });

  it('takes rules of how containers behave, up to their limits, and has one by default', async () => {
    const match = { labels: labels(MAX_MATCH_LABELS), image: 'x'.repeat(MAX_MATCH_LENGTH) };
    const behaviours = Array(MAX_BEHAVIOURS).fill({ match, ready: false });
    const { id } = await create({ behaviours });
    expect(made.get(id)!.behaviours).toEqual(behaviours);
    const { id: usual } = await create();
    expect(made.get(usual)!.behaviours).toEqual([{ match: { labels: { ready: 'never' } }, ready: false }]);
    const { id: none } = await create({ behaviours: [] });
    expect(made.get(none)!.behaviours).toEqual([]);
  });

  it('takes URLs at which webhooks may be called, up to their limits; private ones from nobody’s page', async () => {
    const allow = Array(MAX_ALLOWED_WEBHOOKS).fill(longHook(MAX_WEBHOOK_URL_LENGTH));
    const { id } = await create({ webhooks: { allow } });
    expect(made.get(id)!.webhooks).toEqual({ allow });
    expect(made.get((await create()).id)!.webhooks).toBeUndefined();
    const own = hooks('https://localhost:9443/');
    expect(made.get((await create(own)).id)!.webhooks).toEqual({ allow: ['https://localhost:9443/'] });
    const headers = { 'content-type': 'application/json', origin: ORIGIN };
    const fromPage = (body: object) => ask('/v1/clusters', { method: 'POST', headers, body: JSON.stringify(body) });
    expect((await fromPage(own)).status).toBe(422);
    expect((await fromPage(hooks('https://hooks.example.org/'))).status).toBe(201);
  });

  it('names the field that is wrong', async () => {
    const answer = await post({ nodes: [{ name: 'a' }, { name: 'B' }] });
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/nodes/1/name' }] });
  });

  it('takes JSON only', async () => {
    const answer = await ask('/v1/clusters', { method: 'POST', body: 'nodes=3' });
    expect([answer.status, answer.headers.get('accept')]).toEqual([415, 'application/json']);
  });

  it.each([
    ['nodes', { nodes: MAX_NODES }, { nodes: MAX_NODES + 1 }],
    ['the name', { name: 'a'.repeat(MAX_NAME_LENGTH) }, { name: 'a'.repeat(MAX_NAME_LENGTH + 1) }],
    ['the nodes that share a range', { podCIDR: '10.0.0.0/22', nodes: 64 }, { podCIDR: '10.0.0.0/22', nodes: 65 }],
    [
      "a node's name",
      { nodes: [{ name: 'a'.repeat(MAX_NODE_NAME_LENGTH) }] },
      { nodes: [{ name: 'a'.repeat(MAX_NODE_NAME_LENGTH + 1) }] },
    ],
    [
      'an amount',
      { nodes: [{ name: 'a', capacity: { cpu: '1'.padStart(MAX_QUANTITY_LENGTH, '0') } }] },
      { nodes: [{ name: 'a', capacity: { cpu: '1'.padStart(MAX_QUANTITY_LENGTH + 1, '0') } }] },
    ],
    ['the service range', { serviceCIDR: '10.96.0.0/28' }, { serviceCIDR: '10.96.0.0/29' }],
    ['the pod range', { podCIDR: '10.244.0.0/22' }, { podCIDR: '10.244.0.0/23' }],
    ['the taints of a node', { nodes: [tainted(MAX_NODE_TAINTS)] }, { nodes: [tainted(MAX_NODE_TAINTS + 1)] }],
    ['the shortness of a life', { ttl: MIN_TTL_SECONDS }, { ttl: MIN_TTL_SECONDS - 1 }],
    ['the time to live', { ttl: MAX_TTL_SECONDS }, { ttl: MAX_TTL_SECONDS + 1 }],
    ['the body', `{}${' '.repeat(MAX_BODY_BYTES - 2)}`, `{}${' '.repeat(MAX_BODY_BYTES - 1)}`],
  ])('has a limit on %s', async (_, within, beyond) => {
    expect((await post(within)).status).toBe(201);
    expect([413, 422]).toContain((await post(beyond)).status);
  });
});

describe('profiles and components', () => {
  const partsOf = async (body: unknown) => made.get((await create(body)).id)!;

  it('has everything but add-ons by default, and three nodes', async () => {
    const { components, nodes } = await partsOf({});
    expect(components).toMatchObject({ scheduler: true, kubelet: true, kubeProxy: true });
    const off = Object.entries(components.controllers).filter(([, running]) => !running);
    expect(off.map(([name]) => name)).toEqual([...ADD_ONS]);
    expect(nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3']);
  });

  it('has only what the API itself needs in the profile api', async () => {
    const { components, nodes } = await partsOf({ profile: 'api' });
    const on = Object.entries(components.controllers).filter(([, running]) => running);
    expect(on.map(([name]) => name)).toEqual([
      'clusterrole-aggregation-controller',
      'garbage-collector-controller',
      'namespace-controller',
      'root-ca-certificate-publisher-controller',
      'serviceaccount-controller',
      'serviceaccount-token-controller',
    ]);
    expect([components.scheduler, components.kubelet, nodes]).toEqual([false, false, []]);
  });

  it('has an API server and nothing else in the profile envtest', async () => {
    const { components, nodes, serviceCIDR } = await partsOf({ profile: 'envtest' });
    const on = Object.entries(components.controllers).filter(([, running]) => running);
    expect(on.map(([name]) => name)).toEqual(['priority-and-fairness-config-consumer']);
    expect(components).toMatchObject({ scheduler: false, kubelet: false, kubeProxy: false });
    expect([serviceCIDR, nodes]).toEqual(['10.0.0.0/24', []]);
  });

  it('turns parts on and off one by one, by either form of a name', async () => {
    const { components } = await partsOf({
      profile: 'no-kubelet',
      components: { deployment: false, 'job-controller': false, kubelet: true },
    });
    expect(components).toMatchObject({
      scheduler: true,
      kubelet: true,
      controllers: { 'deployment-controller': false, 'job-controller': false, 'replicaset-controller': true },
    });
  });
});

describe('a cluster in the directory', () => {
  it('is shown to its own token only', async () => {
    const [one, other] = [await create(), await create()];
    const status = async (id: string, init?: RequestInit) => (await ask(`/v1/clusters/${id}`, init)).status;
    expect(await status(one.id, bearer(one.token))).toBe(200);
    expect(await status(one.id)).toBe(401);
    expect(await status(one.id, bearer('wrong'))).toBe(401);
    expect(await status(one.id, bearer(other.token))).toBe(403);
    expect(await status('nosuch', bearer(one.token))).toBe(404);
  });

  it('is listed to its token, and locally to everyone', async () => {
    const [one] = [await create(), await create()];
    const ids = async (init?: RequestInit, local?: boolean) => {
      const { items } = await (await ask('/v1/clusters', init, local)).json<{ items: { id: string }[] }>();
      return items.map(({ id }) => id);
    };
    expect(await ids(bearer(one.token))).toEqual([one.id]);
    expect(await ids(undefined, true)).toContain(one.id);
    expect((await ask('/v1/clusters')).status).toBe(401);
  });

  it('is listed without a token under names of this machine only, which no page elsewhere can have', async () => {
    const list = async (host: string, bound: Partial<PlatformBindings> = {}) =>
      (await platformApp.request(`http://${host}/v1/clusters`, undefined, { ...bindings(true), ...bound })).status;
    for (const host of ['localhost', 'localhost:8787', '127.0.0.1:8787', '[::1]:8787'])
      expect(await list(host)).toBe(200);
    for (const host of ['rebound.example', 'localhost.rebound.example', '192.168.1.2', '0.0.0.0'])
      expect(await list(host)).toBe(401);
    expect(await list('lab.example:8787', { HOSTS: 'lab.example' })).toBe(200);
  });

  it('is gone when deleted', async () => {
    const { id, token } = await create();
    expect((await ask(`/v1/clusters/${id}`, { method: 'DELETE', ...bearer(token) })).status).toBe(204);
    expect((await ask(`/v1/clusters/${id}`, bearer(token))).status).toBe(404);
    expect(made.has(id)).toBe(false);
  });

  it('is gone when expired', async () => {
    const { id, token } = await create();
    await bindings().DB.prepare('UPDATE clusters SET expires_at = 1 WHERE id = ?').bind(id).run();
    expect((await ask(`/v1/clusters/${id}`, bearer(token))).status).toBe(404);
  });

  it.each([
    ['a local server', 'http://localhost:8787', true, {}, undefined, 'https://localhost:8788/clusters/ID'],
    [
      'one whose names lead here',
      'http://localhost:8787',
      true,
      { LOCAL_CLUSTER_HOSTS: 'true' },
      undefined,
      'https://ID.localhost:8788',
    ],
    [
      'another name of it',
      'http://127.0.0.1:8787',
      true,
      { LOCAL_CLUSTER_HOSTS: 'true' },
      undefined,
      'https://127.0.0.1:8788/clusters/ID',
    ],
    [
      'a path by wish',
      'http://localhost:8787',
      true,
      { LOCAL_CLUSTER_HOSTS: 'true' },
      'path',
      'https://localhost:8788/clusters/ID',
    ],
    ['the root', 'http://localhost:8787', true, {}, 'root', 'https://localhost:8788'],
    ['a host', 'https://diorama.example', false, { HOSTS: 'diorama.example' }, undefined, 'https://ID.diorama.example'],
    ['no host', 'https://diorama.example', false, {}, 'host', 'https://diorama.example/clusters/ID'],
  ])('names the server in a kubeconfig, for %s', async (_, origin, local, bound, form, expected) => {
    const { id, token } = await create();
    const query = form ? `?address=${form}` : '';
    const path = `${origin}/v1/clusters/${id}/kubeconfig${query}`;
    const answer = await platformApp.request(path, bearer(token), { ...bindings(local), ...bound });
    expect(await answer.text()).toContain(`server: "${expected.replace('ID', id)}"`);
  });

  it('refuses a kubeconfig of another kind', async () => {
    const { id, token } = await create();
    expect((await ask(`/v1/clusters/${id}/kubeconfig?address=moon`, bearer(token))).status).toBe(422);
  });

  it('gives a kubeconfig, locally for the https door', async () => {
    const { id, token } = await create();
    const text = async (local: boolean) => (await ask(`/v1/clusters/${id}/kubeconfig`, bearer(token), local)).text();
    expect(await text(false)).toContain(`server: "${ORIGIN}/clusters/${id}"`);
    expect(await text(true)).toContain(`server: "https://localhost:8788/clusters/${id}"`);
    expect(await text(true)).toContain(`certificate-authority-data: ${btoa('PEM')}`);
  });

  it("shows a node's rules", async () => {
    const { id, token } = await create();
    const answer = await ask(`/v1/clusters/${id}/nodes/node-1/iptables`, bearer(token));
    expect([answer.status, await answer.text()]).toEqual([200, '*nat\nCOMMIT\n']);
    expect((await ask(`/v1/clusters/${id}/nodes/node-9/iptables`, bearer(token))).status).toBe(404);
  });
});

describe('rates', () => {
  const LIMITS = JSON.stringify({
    creations: { perSecond: 0.001, burst: 2 },
    anonymous: { perSecond: 0.001, burst: 12 },
  });
  const from = async (address: string, path: string, init: RequestInit = {}, token?: string): Promise<Response> => {
    const headers = {
      'content-type': 'application/json',
      'cf-connecting-ip': address,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    return platformApp.request(ORIGIN + path, { ...init, headers }, { ...bindings(), LIMITS });
  };
  const creation = { method: 'POST', body: '{"nodes":0}' };

  it('limit what an address makes, and say when to come again', async () => {
    for (let i = 0; i < 2; i++) expect((await from('192.0.2.1', '/v1/clusters', creation)).status).toBe(201);
    const refused = await from('192.0.2.1', '/v1/clusters', creation);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900);
    expect(await refused.json()).toMatchObject({ title: 'Too Many Requests', status: 429 });
    expect((await from('192.0.2.2', '/v1/clusters', creation)).status).toBe(201);
  });

  it('limit what a token makes from wherever it is used', async () => {
    for (let i = 0; i < 2; i++)
      expect((await from(`192.0.2.${10 + i}`, '/v1/clusters', creation, 'key')).status).toBe(201);
    expect((await from('192.0.2.12', '/v1/clusters', creation, 'key')).status).toBe(429);
    expect((await from('192.0.2.12', '/v1/clusters', creation, 'other')).status).toBe(201);
  });

  it('limit what nobody in particular asks, and leave alone who has a token', async () => {
    const { id, token } = await create();
    for (let i = 0; i < 12; i++) expect((await from('192.0.2.20', '/v1/openapi.json')).status).toBe(200);
    expect((await from('192.0.2.20', '/v1/openapi.json')).status).toBe(429);
    expect((await from('192.0.2.20', `/v1/clusters/${id}`, {}, 'wrong')).status).toBe(429);
    for (let i = 0; i < 20; i++) expect((await from('192.0.2.20', `/v1/clusters/${id}`, {}, token)).status).toBe(200);
    expect((await from('192.0.2.21', `/v1/clusters/${id}`, {}, 'wrong')).status).toBe(401);
  });

  it.each([
    ['a creation', '/v1/clusters', { 'content-type': 'application/json' }, '{"nodes":-1}', 422],
    ['a creation that is no JSON', '/v1/clusters', { 'content-type': 'application/json' }, '{', 400],
    ['an import', '/v1/clusters/import', { 'content-type': 'application/x-ndjson' }, 'nonsense\n', 400],
    ['a fork', '/v1/clusters/aaaaaaaaaa/forks', { 'content-type': 'application/json' }, '{"ttl":-1}', 422],
  ])('count %s with a body that is refused, whatever looks like a token', async (what, path, type, body, status) => {
    const address = `198.51.100.${what.length}`;
    const statuses: number[] = [];
    for (let i = 0; i < 13; i++) {
      const headers = { ...type, 'cf-connecting-ip': address, authorization: `Bearer x${i}` };
      const init = { method: 'POST', headers, body };
      statuses.push((await platformApp.request(ORIGIN + path, init, { ...bindings(), LIMITS })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 12 }, () => status), 429]);
  });

  it.each(['/v1/clusters?limit=0', '/v1/clusters/aaaaaaaaaa/export?revision=0'])(
    'count %s, whatever looks like a token, and leave alone who has one',
    async (path) => {
      const address = `203.0.113.${path.length}`;
      for (let i = 0; i < 12; i++) expect((await from(address, path, {}, `x${i}`)).status).toBe(422);
      expect((await from(address, path, {}, 'x')).status).toBe(429);
      const { token } = await create();
      expect((await from(address, path, {}, token)).status).toBe(422);
    },
  );

  it('let nobody who has a token pay for the bodies of an address', async () => {
    const { id, token } = await create();
    const fork = { method: 'POST', body: '{"ttl":-1}' };
    const path = `/v1/clusters/${id}/forks`;
    for (let i = 0; i < 12; i++) await from('192.0.2.40', path, fork, 'any');
    expect((await from('192.0.2.40', path, fork, 'any')).status).toBe(429);
    expect((await from('192.0.2.40', path, fork, token)).status).toBe(422);
  });

  it('count what needs no token as a stranger’s also where something looks like one', async () => {
    for (let i = 0; i < 12; i++) expect((await from('192.0.2.41', '/v1/openapi.json', {}, `any${i}`)).status).toBe(200);
    expect((await from('192.0.2.41', '/v1/openapi.json', {}, 'any')).status).toBe(429);
  });

  it('count a simulation as several requests, with and without a token', async () => {
    const simulate = { method: 'POST', body: '{}' };
    for (let i = 0; i < 3; i++)
      expect((await from('192.0.2.30', '/v1/simulate/schedule', simulate, 'any')).status).toBe(422);
    expect((await from('192.0.2.30', '/v1/simulate/schedule', simulate, 'any')).status).toBe(429);
  });
});

describe('the rest of /v1', () => {
  it('answers unknown routes and methods with problems', async () => {
    expect((await ask('/v1/nothing')).status).toBe(404);
    const answer = await ask('/v1/clusters', { method: 'PUT' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, GET']);
  });

  it('describes itself', async () => {
    const document = await (await ask('/v1/openapi.json')).json<{ paths: object }>();
    expect(Object.keys(document.paths)).toContain('/v1/clusters/{id}/kubeconfig');
  });
});
