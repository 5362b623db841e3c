/** Bindings, evictions and proxies that name nothing, something else, or what is not there. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

const { call, close } = await openCluster('controllers');
afterAll(close);

const NAMESPACE = '/api/v1/namespaces/default';
const message = async (method: string, path: string, body?: unknown): Promise<[number, string]> => {
  const answer = await call(method, path, body);
  return [answer.status, answer.body.message];
};

beforeAll(async () => {
  const spec = { schedulerName: 'none', containers: [{ name: 'c', image: 'i' }] };
  await call('POST', `${NAMESPACE}/pods`, { metadata: { name: 'p' }, spec });
});

it.each([
  ['bindings', {}, 500, 'target.name: Required value'],
  [
    'bindings',
    { target: { kind: 'Zzz' } },
    500,
    '[target.kind: Unsupported value: "Zzz": supported values: "Node", "<empty>", target.name: Required value]',
  ],
  ['bindings', { target: { name: 'node-1' } }, 400, 'Name parameter required.'],
  ['bindings', { metadata: { name: 'q' }, target: { name: 'node-1' } }, 404, 'pods "q" not found'],
  ['pods/p/binding', { target: { name: 'node-1' } }, 400, 'name in URL does not match name in Binding object'],
  ['pods/p/eviction', {}, 400, 'name in URL does not match name in Eviction object'],
  ['pods/p/eviction', { metadata: { name: 'q' } }, 400, 'name in URL does not match name in Eviction object'],
  ['pods/q/eviction', { metadata: { name: 'q' } }, 404, 'pods "q" not found'],
])('POST %s %j', async (path, body, status, words) => {
  expect(await message('POST', `${NAMESPACE}/${path}`, body)).toEqual([status, words]);
  expect((await call('GET', `${NAMESPACE}/pods/p`)).body.spec.nodeName).toBeUndefined();
});

it('takes an eviction of the older version, and of no other', async () => {
  const eviction = (version: string) => ({
    apiVersion: `policy/${version}`,
    kind: 'Eviction',
    metadata: { name: 'p' },
  });
  expect((await call('POST', `${NAMESPACE}/pods/p/eviction`, eviction('v2'))).status).toBe(400);
  expect((await call('POST', `${NAMESPACE}/pods/p/eviction?dryRun=All`, eviction('v1beta1'))).status).toBe(201);
});

it.each([
  ['/api/v1/nodes/nope/proxy/', 404, 'nodes "nope" not found'],
  ['/api/v1/nodes/nope:10250/proxy/stats', 404, 'nodes "nope" not found'],
  ['/api/v1/nodes/a:b:c/proxy/', 400, 'invalid node request "a:b:c"'],
  [`${NAMESPACE}/pods/nope:80/proxy/`, 404, 'pods "nope" not found'],
  [`${NAMESPACE}/pods/p/proxy/`, 400, 'address not allowed'],
  [`${NAMESPACE}/services/nope/proxy/`, 503, 'no endpoints available for service "nope"'],
  [`${NAMESPACE}/services/nope:80/proxy/`, 404, 'services "nope" not found'],
  [`${NAMESPACE}/services/kubernetes:80/proxy/`, 503, 'no service port 80 found for service "kubernetes"'],
  [`${NAMESPACE}/services/https:kubernetes:443/proxy/`, 503, 'no endpoints available for service "kubernetes"'],
  [`${NAMESPACE}/services/ftp:kubernetes:443/proxy/`, 400, 'invalid service request "ftp:kubernetes:443"'],
])('GET %s', async (path, status, words) => {
  expect(await message('GET', path)).toEqual([status, words]);
});

it('nobody listens where a proxy leads', async () => {
  const { body } = await call('GET', '/api/v1/nodes/node-1/proxy/healthz');
  expect([body.code, body.reason, body.message]).toEqual([
    503,
    'ServiceUnavailable',
    expect.stringMatching(/^error trying to reach service: dial tcp [\d.]+:10250: connect: connection refused$/),
  ]);
});

it('what is nowhere to be read has no table', async () => {
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const review = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const asked = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  for (const [path, body] of [
    [review, asked],
    ['/apis/authentication.k8s.io/v1/selfsubjectreviews', {}],
    [`${NAMESPACE}/serviceaccounts/default/token`, {}],
    [`${NAMESPACE}/bindings`, {}],
  ] as const)
    expect((await call('POST', path, body, table)).status, path).toBe(406);
  const either = { accept: `${table.accept},application/json` };
  expect((await call('POST', review, asked, either)).body.kind).toBe('SelfSubjectAccessReview');
  expect((await call('POST', `${NAMESPACE}/configmaps`, { metadata: { name: 'c' } }, table)).body.kind).toBe('Table');
});
