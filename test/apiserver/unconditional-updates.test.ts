/** Kinds whose PUT must say which version it replaces; the refusal names the resource. Source: AllowUnconditionalUpdate of each strategy. */
import { afterAll, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const MUST_SAY: Record<string, [path: string, object: any]> = {
  'leases.coordination.k8s.io': ['/apis/coordination.k8s.io/v1/namespaces/default/leases', {}],
  'runtimeclasses.node.k8s.io': ['/apis/node.k8s.io/v1/runtimeclasses', { handler: 'h' }],
  'csidrivers.storage.k8s.io': ['/apis/storage.k8s.io/v1/csidrivers', { spec: {} }],
  'csinodes.storage.k8s.io': ['/apis/storage.k8s.io/v1/csinodes', { spec: { drivers: [] } }],
  'csistoragecapacities.storage.k8s.io': [
    '/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities',
    { storageClassName: 's' },
  ],
  'poddisruptionbudgets.policy': ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }],
  'validatingwebhookconfigurations.admissionregistration.k8s.io': [
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    {},
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    {
      metadata: { name: 'foos.example.org' },
      spec: {
        group: 'example.org',
        names: { kind: 'Foo', plural: 'foos' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
  ],
  'apiservices.apiregistration.k8s.io': [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    {
      metadata: { name: 'v1.x.example.org' },
      spec: {
        group: 'x.example.org',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { name: 'n', namespace: 'default' },
      },
    },
  ],
};

it.each(Object.entries(MUST_SAY))('%s', async (resource, [path, object]) => {
  const name = object.metadata?.name ?? 'o';
  const { status: created, body: made } = await call('POST', path, { metadata: { name }, ...object });
  expect(created).toBe(201);
  delete made.metadata.resourceVersion;
  const { status, body } = await call('PUT', `${path}/${name}`, made);
  expect([status, body.message, body.details.kind]).toEqual([
    422,
    `${resource} "${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    resource.split('.')[0],
  ]);
});

it('others take the place of whatever is there', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  await call('POST', path, { metadata: { name: 'o' } });
  expect((await call('PUT', `${path}/o`, { metadata: { name: 'o' }, data: { a: 'b' } })).status).toBe(200);
});
