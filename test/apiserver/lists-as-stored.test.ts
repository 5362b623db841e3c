/** A list put together from what is stored is the one that is made of what was read. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

let cluster: Awaited<ReturnType<typeof openCluster>>;
beforeAll(async () => {
  cluster = await openCluster('crd');
});
afterAll(() => cluster.close());

/** The text of each, and the lists without their items' place in them. */
async function expectSame(path: string, query = ''): Promise<number> {
  const asStored = (await cluster.call('GET', `${path}?${query}`)).body;
  // Whatever has a selector is read.
  const read = (await cluster.call('GET', `${path}?labelSelector=!none&${query}`)).body;
  const { remainingItemCount: _, ...metadata } = asStored.metadata;
  expect(JSON.stringify({ ...asStored, metadata })).toBe(JSON.stringify(read));
  return asStored.items.length;
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

it('of kinds that are built in, with what every cluster has from its beginning', async () => {
  for (const name of ['a', 'b', 'z'])
    await cluster.call('POST', CONFIG_MAPS, { metadata: { name }, data: { k: `${name}"é😀` } });
  await cluster.call('DELETE', `${CONFIG_MAPS}/b`);
  expect(await expectSame(CONFIG_MAPS)).toBeGreaterThanOrEqual(2);
  for (const limit of [1, 2, 3]) await expectSame(CONFIG_MAPS, `limit=${limit}`);
  await expectSame('/api/v1/configmaps');
  await expectSame('/api/v1/namespaces');
  await expectSame('/apis/rbac.authorization.k8s.io/v1/clusterroles');
  expect(await expectSame('/api/v1/secrets')).toBe(0);
  // A page ends where the next one begins.
  const { items, metadata } = (await cluster.call('GET', `${CONFIG_MAPS}?limit=1`)).body;
  const rest = (await cluster.call('GET', `${CONFIG_MAPS}?continue=${metadata.continue}`)).body;
  const whole = (await cluster.call('GET', CONFIG_MAPS)).body;
  expect([...items, ...rest.items]).toEqual(whole.items);
  expect(metadata.remainingItemCount).toBe(rest.items.length);
});

it('of kinds in another version than they are stored in', async () => {
  const autoscaler = {
    metadata: { name: 'h' },
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  };
  for (const version of ['v1', 'v2']) {
    const path = `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
    await cluster.call('POST', path, { ...autoscaler, metadata: { name: version } });
  }
  for (const version of ['v1', 'v2'])
    expect(await expectSame(`/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`)).toBe(2);
});

it('of kinds that were defined, before and after their definition is another', async () => {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const schemaOf = (properties: object) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
  const versionsOf = (properties: object) => [
    { name: 'v1', served: true, storage: true, schema: schemaOf(properties) },
    { name: 'v2', served: true, storage: false, schema: schemaOf(properties) },
  ];
  const name = 'things.example.com';
  await cluster.call('POST', definitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: versionsOf({ a: { type: 'string' } }),
    },
  });
  await cluster.advance(10_000);
  const things = (version: string) => `/apis/example.com/${version}/namespaces/default/things`;
  for (const thing of ['a', 'b'])
    await cluster.call('POST', things('v1'), {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: thing },
      spec: { a: thing },
    });
  for (const version of ['v1', 'v2']) expect(await expectSame(things(version))).toBe(2);
  const merge = { 'content-type': 'application/merge-patch+json' };
  const versions = versionsOf({ a: { type: 'string' }, b: { type: 'string', default: 'new' } });
  await cluster.call('PATCH', `${definitions}/${name}`, { spec: { versions } }, merge);
  await cluster.advance(0);
  await expectSame(things('v1'));
  const { items } = (await cluster.call('GET', things('v1'))).body;
  expect(items.map(({ spec }: { spec: unknown }) => spec)).toEqual([
    { a: 'a', b: 'new' },
    { a: 'b', b: 'new' },
  ]);
});
