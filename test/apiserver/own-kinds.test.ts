/** A cluster with kinds of its own: they are served, counted, collected and told of like built-in ones, and nobody else has them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createSteppedCluster, type SteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { OWN_KINDS, string, typesOf } from './own-kinds.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const ADMIN_TOKEN = 'admin';
const PATH = '/apis/example.com/v1';
const WIDGETS = `${PATH}/namespaces/default/widgets`;

const open = (catalog: () => Catalog): Promise<SteppedCluster> =>
  createSteppedCluster({
    spec: {
      id: 'own-kinds',
      seed: 'own-kinds',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      components: componentsOf('full'),
      createdAt: START,
      nodes: [],
      clock: { start: START, speed: 1, paused: false },
    },
    adminToken: ADMIN_TOKEN,
    rootCA: 'PEM',
    catalog,
    failed: ({ reconciler, key }, error) => console.error(reconciler, key, error),
  });

const send = (to: SteppedCluster, method: string, path: string, body?: unknown, headers = {}): Promise<Response> =>
  to.handle(
    new Request(`http://cluster${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        accept: 'application/json',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

let catalog = BUILT_IN;
let cluster: SteppedCluster;
beforeAll(async () => {
  cluster = await open(() => catalog);
});
afterAll(() => cluster.close());

interface Answer {
  status: number;
  body: any;
  warning: string | null;
}

async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
  const response = await send(cluster, method, path, body, headers);
  const text = await response.text();
  await cluster.advance(1);
  const isJSON = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJSON ? JSON.parse(text) : text, warning: response.headers.get('warning') };
}

const widget = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, ...metadata },
  spec,
});

it('are not there before the cluster has them, and are there as soon as it does', async () => {
  expect((await call('GET', WIDGETS)).status).toBe(404);
  expect((await call('GET', PATH)).status).toBe(404);
  catalog = BUILT_IN.with(OWN_KINDS);
  expect((await call('GET', WIDGETS)).body).toMatchObject({
    kind: 'WidgetList',
    apiVersion: 'example.com/v1',
    items: [],
  });
});

describe('an object', () => {
  it('is created with the defaults of its kind, and without a status', async () => {
    const { status, body } = await call('POST', WIDGETS, { ...widget('a', { size: 3 }), status: { phase: 'Ready' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: 'Widget', metadata: { generation: 1 }, spec: { colour: 'red', size: 3 } });
    expect(body.status).toBeUndefined();
    expect(body.metadata.managedFields[0].fieldsV1['f:spec']).toEqual({ 'f:colour': {}, 'f:size': {} });
    expect((await call('GET', `${WIDGETS}/a`)).body).toEqual(body);
  });

  it('is refused where its type or its kind does not allow it', async () => {
    const odd = await call('POST', WIDGETS, widget('b', { colour: 'green' }));
    expect([odd.status, odd.body.details.causes[0].field]).toEqual([422, 'spec.colour']);
    const strict = await call('POST', `${WIDGETS}?fieldValidation=Strict`, widget('b', { speed: 1 }));
    expect([strict.status, strict.body.message]).toEqual([400, expect.stringContaining('unknown field "spec.speed"')]);
    const typed = await call('POST', WIDGETS, widget('b', { size: 'large' }));
    expect([typed.status, typed.body.message]).toEqual([400, expect.stringContaining('spec.size of type int32')]);
    const other = await call('POST', WIDGETS, { ...widget('b'), kind: 'Gizmo' });
    expect([other.status, other.body.reason]).toEqual([400, 'BadRequest']);
  });

  it('is updated and patched, and its status by its own door', async () => {
    const { body: a } = await call('GET', `${WIDGETS}/a`);
    const updated = await call('PUT', `${WIDGETS}/a`, { ...a, spec: { colour: 'blue' }, status: { phase: 'x' } });
    expect(updated.body).toMatchObject({ metadata: { generation: 2 }, spec: { colour: 'blue' } });
    expect(updated.body.status).toBeUndefined();
    const merge = { 'content-type': 'application/merge-patch+json' };
    const patched = await call('PATCH', `${WIDGETS}/a`, { spec: { size: 4 } }, merge);
    expect(patched.body).toMatchObject({ metadata: { generation: 3 }, spec: { colour: 'blue', size: 4 } });
    const status = await call('PATCH', `${WIDGETS}/a/status`, { spec: { size: 5 }, status: { phase: 'Ready' } }, merge);
    expect(status.body).toMatchObject({
      metadata: { generation: 3 },
      spec: { size: 4 },
      status: { phase: 'Ready' },
    });
    expect((await call('PUT', `${WIDGETS}/a`, a)).status).toBe(409);
  });

  it('is applied by the rules of its type', async () => {
    const apply = (manager: string, spec: object) =>
      call('PATCH', `${WIDGETS}/applied?fieldManager=${manager}`, widget('applied', spec), {
        'content-type': 'application/apply-patch+yaml',
      });
    expect((await apply('one', { parts: [{ name: 'x', weight: 1 }] })).status).toBe(201);
    const { body } = await apply('two', { parts: [{ name: 'y', weight: 2 }] });
    expect(body.spec.parts).toEqual([
      { name: 'x', weight: 1 },
      { name: 'y', weight: 2 },
    ]);
    expect((await apply('two', { parts: [{ name: 'x', weight: 3 }] })).status).toBe(409);
  });

  it('is chosen by labels, and by the fields that its kind offers', async () => {
    await call('POST', WIDGETS, widget('labelled', {}, { labels: { a: 'b' } }));
    const names = async (query: string) =>
      (await call('GET', `${WIDGETS}?${query}`)).body.items.map((item: any) => item.metadata.name);
    expect(await names('labelSelector=a%3Db')).toEqual(['labelled']);
    expect(await names('fieldSelector=spec.colour%3Dblue')).toEqual(['a']);
    expect((await call('GET', `${WIDGETS}?fieldSelector=spec.size%3D4`)).status).toBe(400);
  });

  it('is deleted, alone or with all others', async () => {
    expect((await call('DELETE', `${WIDGETS}/labelled`)).body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'labelled', group: 'example.com', kind: 'widgets' },
    });
    expect((await call('DELETE', WIDGETS)).status).toBe(200);
    expect((await call('GET', WIDGETS)).body.items).toEqual([]);
  });

  it('may be called as a built-in kind is, and is none', async () => {
    const path = `${PATH}/namespaces/default/services`;
    const service = { apiVersion: 'example.com/v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'x' } };
    const { status, body } = await call('POST', path, service);
    expect([status, body.spec]).toEqual([201, { type: 'x' }]);
    expect((await call('DELETE', `${path}/s`)).body.kind).toBe('Status');
    expect((await call('GET', '/api/v1/namespaces/default/services/s')).status).toBe(404);
  });
});

describe('whoever asks what there is', () => {
  it('is told of them by discovery', async () => {
    const groups = (await call('GET', '/apis')).body.groups;
    expect(groups.at(-1)).toMatchObject({
      name: 'example.com',
      preferredVersion: { groupVersion: 'example.com/v1', version: 'v1' },
    });
    const { resources } = (await call('GET', PATH)).body;
    expect(resources.map((r: any) => [r.name, r.kind, r.namespaced])).toEqual([
      ['widgets', 'Widget', true],
      ['widgets/status', 'Widget', true],
      ['gizmos', 'Gizmo', false],
      ['services', 'Service', true],
    ]);
    expect(resources[0].shortNames).toEqual(['wd']);
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { items } = (await call('GET', '/apis', undefined, { accept })).body;
    expect(items.at(-1).versions[0].resources.map((r: any) => r.resource)).toEqual(['widgets', 'gizmos', 'services']);
    expect((await call('GET', '/')).body.paths).toContain(PATH);
  });

  it('is told of them by OpenAPI, whose other documents are the same for all clusters', async () => {
    const { paths } = (await call('GET', '/openapi/v3')).body;
    const address = paths['apis/example.com/v1'].serverRelativeURL;
    const { body: v3 } = await call('GET', address);
    expect(v3.paths[`${PATH}/namespaces/{namespace}/widgets/{name}`].get.operationId).toBe(
      'readExampleComV1NamespacedWidget',
    );
    expect(v3.components.schemas['com.example.v1.WidgetSpec'].properties).toMatchObject({
      colour: { type: 'string' },
      parts: { 'x-kubernetes-list-map-keys': ['name'] },
    });
    expect(v3.components.schemas['com.example.v1.WidgetList']).toBeDefined();
    const { body: v2 } = await call('GET', '/openapi/v2');
    expect(v2.paths[`${PATH}/gizmos`].post.operationId).toBe('createExampleComV1Gizmo');
    expect(v2.definitions['com.example.v1.Gizmo']).toBeDefined();
    const other = await open(() => BUILT_IN);
    const index = (await (await send(other, 'GET', '/openapi/v3')).json()) as any;
    expect(index.paths['apis/example.com/v1']).toBeUndefined();
    expect(index.paths['apis/apps/v1']).toEqual(paths['apis/apps/v1']);
    other.close();
  });

  it('finds them among the metrics', async () => {
    expect((await call('GET', '/metrics')).body).toContain(
      'apiserver_resource_objects{group="example.com",resource="widgets"} 0',
    );
  });
});

describe('a table', () => {
  const asTable = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };

  it('has the columns of the kind, or those of kinds without any', async () => {
    await call('POST', WIDGETS, widget('shown'));
    const { body } = await call('GET', WIDGETS, undefined, asTable);
    expect(body.columnDefinitions.map((c: any) => c.name)).toEqual(['Colour']);
    expect(body.rows.map((row: any) => [row.cells, row.object.metadata.name])).toEqual([[['red'], 'shown']]);
    await call('POST', `${PATH}/gizmos`, { apiVersion: 'example.com/v1', kind: 'Gizmo', metadata: { name: 'g' } });
    const gizmos = (await call('GET', `${PATH}/gizmos`, undefined, asTable)).body;
    expect(gizmos.columnDefinitions.map((c: any) => c.name)).toEqual(['Name', 'Created At']);
    expect(gizmos.rows[0].cells[0]).toBe('g');
    await call('DELETE', `${WIDGETS}/shown`);
  });
});

it('a watch tells of each change', async () => {
  const { body: list } = await call('GET', WIDGETS);
  const response = await send(cluster, 'GET', `${WIDGETS}?watch=true&resourceVersion=${list.metadata.resourceVersion}`);
  const reader = response.body!.getReader();
  await call('POST', WIDGETS, widget('watched'));
  await call('PATCH', `${WIDGETS}/watched`, { spec: { size: 1 } }, { 'content-type': 'application/merge-patch+json' });
  await call('DELETE', `${WIDGETS}/watched`);
  let text = '';
  while (text.split('\n').length <= 3) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type, object }) => [type, object.kind, object.spec.size])).toEqual([
    ['ADDED', 'Widget', undefined],
    ['MODIFIED', 'Widget', 1],
    ['DELETED', 'Widget', 1],
  ]);
});

it('a user may do with them what a role says', async () => {
  const ann = { 'impersonate-user': 'ann' };
  const refused = await call('GET', WIDGETS, undefined, ann);
  expect([refused.status, refused.body.message]).toEqual([
    403,
    'widgets.example.com is forbidden: User "ann" cannot list resource "widgets" in API group "example.com" in the namespace "default"',
  ]);
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  const rules = [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['list', 'create'] }];
  await call('POST', `${rbac}/roles`, { metadata: { name: 'widgets' }, rules });
  await call('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'widgets' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'widgets' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' }],
  });
  expect((await call('GET', WIDGETS, undefined, ann)).status).toBe(200);
  expect((await call('POST', WIDGETS, widget('by-ann'), ann)).status).toBe(201);
  expect((await call('DELETE', `${WIDGETS}/by-ann`, undefined, ann)).status).toBe(403);
  await call('DELETE', `${WIDGETS}/by-ann`);
});

it('a quota counts them, and takes note of those that go', async () => {
  const namespace = '/api/v1/namespaces/counted';
  const widgets = `${PATH}/namespaces/counted/widgets`;
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'counted' } });
  await call('POST', `${namespace}/resourcequotas`, {
    metadata: { name: 'q' },
    spec: { hard: { 'count/widgets.example.com': '1' } },
  });
  await cluster.advance(1000);
  const used = async () => (await call('GET', `${namespace}/resourcequotas/q`)).body.status.used;
  expect(await used()).toEqual({ 'count/widgets.example.com': '0' });
  expect((await call('POST', widgets, widget('one'))).status).toBe(201);
  expect(await used()).toEqual({ 'count/widgets.example.com': '1' });
  const second = await call('POST', widgets, widget('two'));
  expect([second.status, second.body.message]).toEqual([
    403,
    'widgets.example.com "two" is forbidden: exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
  ]);
  await call('DELETE', `${widgets}/one`);
  await cluster.advance(1000);
  expect(await used()).toEqual({ 'count/widgets.example.com': '0' });
});

it('they own and are owned', async () => {
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const owner = ({ apiVersion, kind, metadata: { name, uid } }: any) => ({ apiVersion, kind, name, uid });
  const { body: first } = await call('POST', WIDGETS, widget('owner'));
  const metadata = { name: 'between', ownerReferences: [owner(first)] };
  const made = await call('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  expect(made.status).toBe(201);
  await call('POST', WIDGETS, widget('owned', {}, { ownerReferences: [owner(made.body)] }));
  await cluster.advance(5000);
  expect((await call('GET', `${WIDGETS}/owned`)).status).toBe(200);
  await call('DELETE', `${WIDGETS}/owner`);
  await cluster.advance(5000);
  expect((await call('GET', `${configMaps}/between`)).status).toBe(404);
  expect((await call('GET', `${WIDGETS}/owned`)).status).toBe(404);
});

it('a namespace takes them with it', async () => {
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'gone' } });
  await call('POST', `${PATH}/namespaces/gone/widgets`, widget('inside', {}, { finalizers: ['example.com/held'] }));
  await call('DELETE', '/api/v1/namespaces/gone');
  await cluster.advance(20_000);
  const { body } = await call('GET', '/api/v1/namespaces/gone');
  const remaining = body.status.conditions.find((c: any) => c.type === 'NamespaceContentRemaining');
  expect(remaining.message).toBe('Some resources are remaining: widgets.example.com has 1 resource instances');
  const free = { metadata: { finalizers: null } };
  const merge = { 'content-type': 'application/merge-patch+json' };
  await call('PATCH', `${PATH}/namespaces/gone/widgets/inside`, free, merge);
  await cluster.advance(60_000);
  expect((await call('GET', '/api/v1/namespaces/gone')).status).toBe(404);
});

it('another cluster of the same process has none of them, or others of the same names', async () => {
  const plain = await open(() => BUILT_IN);
  expect((await send(plain, 'GET', WIDGETS)).status).toBe(404);
  plain.close();
  const { kinds } = OWN_KINDS;
  const bare = kinds.slice(0, 1).map(({ strategy: _, table: __, ...kind }) => kind);
  const others = BUILT_IN.with({ revision: 7, kinds: bare, structs: typesOf('Widget', { speed: string }) });
  const cluster = await open(() => others);
  const made = (await (await send(cluster, 'POST', WIDGETS, widget('a', { speed: 'x', colour: 'z' }))).json()) as any;
  expect(made.spec).toEqual({ speed: 'x' });
  expect(made.metadata.managedFields[0].fieldsV1['f:spec']).toEqual({ 'f:speed': {} });
  cluster.close();
});
