/** A connection on a live cluster, tried out over HTTP. */
import { exports } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { MAX_END } from '../platform/clusters/trace-schemas.ts';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;

let cluster: { id: string; token: string };

const send = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Response> =>
  worker.fetch(ORIGIN + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${cluster?.token}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const api = async (path: string, body?: unknown, method = body ? 'POST' : 'GET'): Promise<LooseObject> =>
  (await send(`/clusters/${cluster.id}${path}`, body, {}, method)).json();

const trace = async (body: object): Promise<{ status: number; body: LooseObject }> => {
  const answer = await send(`/v1/clusters/${cluster.id}/trace`, body);
  return { status: answer.status, body: await answer.json() };
};

const pod = (name: string) => ({
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'nginx', image: 'nginx' }] },
});

beforeAll(async () => {
  cluster = await (await send('/v1/clusters', { nodes: 2 })).json();
  for (const name of ['web', 'client']) await api('/api/v1/namespaces/default/pods', pod(name));
  await api('/api/v1/namespaces/default/services', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  });
  for (let tries = 0; tries < 500; tries++) {
    const slices = await api('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices');
    if (
      slices.items.some((s: LooseObject) => s.endpoints?.[0]?.conditions?.ready && s.metadata.name.startsWith('web-'))
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the pod has not become ready');
});

it('goes by the rules that are shown, to the pod behind a Service', async () => {
  const { status, body } = await trace({ from: 'default/client', to: 'svc/default/web' });
  expect([status, body.verdict, body.pod]).toEqual([200, 'accepted', 'default/web']);
  const hop = body.hops.find((h: LooseObject) => h.at.kind === 'node');
  const shown = await (
    await send(`/v1/clusters/${cluster.id}/nodes/${hop.at.name}/iptables`, undefined, {}, 'GET')
  ).text();
  const lines = shown.split('\n');
  expect(hop.rules.length).toBeGreaterThan(5);
  for (const { rule, line } of hop.rules) expect(lines[line - 1]).toBe(rule);
  expect(body.outcomes).toEqual([
    { probability: 1, verdict: 'accepted', at: 'default/web', destination: body.destination },
  ]);
});

it('is told in lines to who wants text', async () => {
  const answer = await send(
    `/v1/clusters/${cluster.id}/trace`,
    { from: 'default/client', to: 'svc/default/web' },
    { accept: 'text/plain' },
  );
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await answer.text()).toMatch(
    /^pod default\/client IN= OUT= SRC=[\s\S]*\n= accepted: default\/web listens on tcp 80\n$/,
  );
});

it('reaches the API server by its Service, and a kubelet from a node', async () => {
  expect((await trace({ from: 'default/client', to: 'svc/default/kubernetes' })).body).toMatchObject({
    verdict: 'accepted',
  });
  const { body } = await trace({ from: 'outside', to: 'node-1', port: 10_250 });
  expect(body).toMatchObject({ verdict: 'accepted', node: 'node-1' });
});

it('is dropped from the moment that a policy is stored', async () => {
  const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
  await api(policies, { metadata: { name: 'closed' }, spec: { podSelector: { matchLabels: { app: 'web' } } } });
  const { body } = await trace({ from: 'default/client', to: 'svc/default/web' });
  expect([body.verdict, body.because]).toEqual([
    'dropped',
    'a network policy of the receiver forbids it: ingress: denied, default/closed selects the pod and has no rules',
  ]);
  await api(`${policies}/closed`, undefined, 'DELETE');
  expect((await trace({ from: 'default/client', to: 'svc/default/web' })).body.verdict).toBe('accepted');
});

it('says what it does not know', async () => {
  const { status, body } = await trace({ from: 'default/nobody', to: 'svc/default/web' });
  expect([status, body.detail]).toEqual([422, 'The connection cannot be traced: there is no pod default/nobody.']);
  expect((await trace({ from: 'x'.repeat(MAX_END), to: 'outside', port: 1 })).body.detail).toMatch(
    /there is no node x/,
  );
  expect((await trace({ from: 'x'.repeat(MAX_END + 1), to: 'outside', port: 1 })).body.detail).not.toMatch(
    /there is no/,
  );
});
