/** An object that has done more than its budget says so at each of its doors, and the Worker lets it alone. */
import { env, exports } from 'cloudflare:workers';
import { afterEach, expect, it, vi } from 'vitest';
import type { Env } from './env.ts';
import { GATEWAY_UNITS, WATCH_UNITS, WorkBudget } from './work.ts';

const ORIGIN = 'https://diorama.test';
const BUSY_MS = 5000;
const worker = (exports as unknown as { default: Fetcher }).default;
const { CLUSTER } = env as unknown as Env;

afterEach(() => vi.restoreAllMocks());

async function makeCluster() {
  const headers = { 'content-type': 'application/json' };
  const body = '{"nodes":1,"profile":"api"}';
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body });
  const { id, token } = await made.json<{ id: string; token: string }>();
  return {
    id,
    ask: (path: string, init: RequestInit = {}): Promise<Response> =>
      worker.fetch(ORIGIN + path.replace('ID', id), {
        ...init,
        headers: { ...headers, authorization: `Bearer ${token}`, ...init.headers },
      }),
  };
}

/** Every object has used up its budget with what costs so many units. */
const busyAfter = (isCounted: (units: number) => boolean) =>
  vi.spyOn(WorkBudget.prototype, 'spend').mockImplementation((units) => (isCounted(units) ? BUSY_MS : 0));

const upgrade = { headers: { upgrade: 'websocket' } };
const post = (body: string): RequestInit => ({ method: 'POST', body });

it.each<[string, string, RequestInit, number, (units: number) => boolean]>([
  ["etcd's gateway", '/clusters/ID/etcd/v3/kv/range', post('{"key":"YQ=="}'), 200, (units) => units === GATEWAY_UNITS],
  ['a stream of its', '/clusters/ID/etcd/v3/watch', post('{}'), 200, (units) => units === GATEWAY_UNITS],
  ['a socket of its', '/clusters/ID/etcd/v3/watch', upgrade, 101, (units) => units === GATEWAY_UNITS],
  ['a watch', '/clusters/ID/api/v1/pods?watch=1&resourceVersion=0', upgrade, 101, (units) => units === WATCH_UNITS],
  ['an export', '/v1/clusters/ID/export', {}, 200, () => true],
  ['a fork', '/v1/clusters/ID/forks', post('{}'), 201, () => true],
  ['a reset', '/v1/clusters/ID/reset', post('{}'), 200, () => true],
  ["a node's rules", '/v1/clusters/ID/nodes/node-1/iptables', {}, 200, () => true],
  ["a pod's calls of CNI", '/v1/clusters/ID/namespaces/default/pods/none/cni', {}, 404, () => true],
  ['a trace', '/v1/clusters/ID/trace', post('{"from":"node-1","to":"outside","port":80}'), 200, () => true],
  ['the rules of no node', '/v1/clusters/ID/nodes/none/iptables', {}, 404, () => true],
])('%s', async (_, path, init, status, isCounted) => {
  const cluster = await makeCluster();
  busyAfter(isCounted);
  const answer = await cluster.ask(path, init);
  expect([answer.status, answer.headers.get('x-diorama-busy-ms')]).toEqual([status, null]);
  answer.webSocket?.accept();
  const refused = await cluster.ask(path, init);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  expect((await cluster.ask('/clusters/ID/version')).status).toBe(429);
  answer.webSocket?.close();
  await (answer.webSocket ? undefined : answer.body?.cancel());
});

it("a node's rules are paid for", async () => {
  const cluster = await makeCluster();
  const spend = vi.spyOn(WorkBudget.prototype, 'spend');
  for (const node of ['node-1', 'none']) {
    spend.mockClear();
    await CLUSTER.getByName(cluster.id).iptables(node);
    expect(spend).toHaveBeenCalled();
  }
});

it('an export that has begun goes on, and waits', async () => {
  const cluster = await makeCluster();
  const value = btoa('x'.repeat(900_000));
  for (const key of ['YQ==', 'Yg=='])
    await cluster.ask('/clusters/ID/etcd/v3/kv/put', post(JSON.stringify({ key, value })));
  vi.spyOn(WorkBudget.prototype, 'spend').mockReturnValue(150);
  const start = Date.now();
  const file = await (await cluster.ask('/v1/clusters/ID/export')).text();
  expect(file.length).toBeGreaterThan(1_800_000);
  expect(Date.now() - start).toBeGreaterThanOrEqual(150);
});
