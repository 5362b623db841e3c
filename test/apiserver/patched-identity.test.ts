/** What a patch makes must still be the object that the path names. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { APPLY_PATCH, JSON_PATCH, MERGE_PATCH, openCluster, STRATEGIC_PATCH } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const PATH = '/api/v1/namespaces/default/configmaps';
const NAMELESS = 'the name of the object (a based on URL) was undeterminable: name must be provided';

beforeAll(async () => {
  await call('POST', PATH, { metadata: { name: 'a' }, data: { k: 'v' } });
});

const outcome = async (patch: unknown, headers: Record<string, string>): Promise<[number, string | undefined]> => {
  const { status, body } = await call('PATCH', `${PATH}/a`, patch, headers);
  return [status, body.message];
};

it.each([
  ['replaced at its root', { $patch: 'replace', data: { k: 'w' } }, STRATEGIC_PATCH],
  ['deleted at its root', { $patch: 'delete' }, STRATEGIC_PATCH],
  ['keeping its data alone', { $retainKeys: ['data'], data: { k: 'w' } }, STRATEGIC_PATCH],
  ['without metadata', { metadata: null }, MERGE_PATCH],
  ['without its name', { metadata: { name: null } }, STRATEGIC_PATCH],
  ['without its name', [{ op: 'remove', path: '/metadata/name' }], JSON_PATCH],
  ['without a version, which reads as the type within', { apiVersion: null }, MERGE_PATCH],
])('refuses an object %s', async (_, patch, headers) => {
  expect(await outcome(patch, headers)).toEqual([400, NAMELESS]);
  expect((await call('GET', `${PATH}/a`)).body.data).toEqual({ k: 'v' });
});

it.each([
  [{ kind: 'Zzz' }, 'no kind "Zzz" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
  [{ apiVersion: 'apps/v1' }, 'no kind "ConfigMap" is registered for version "apps/v1"'],
  [{ kind: 'Service', data: null }, 'converting (v1.Service) to (core.ConfigMap): unknown conversion'],
  [{ apiVersion: 'a/b/c' }, 'unexpected GroupVersion string: a/b/c'],
  [{ kind: 5 }, 'json: cannot unmarshal number into Go struct field .kind of type string'],
])('reads the kind in what merge and JSON patches make: %j', async (patch, words) => {
  const operations = Object.entries(patch).map(([key, value]) =>
    value === null ? { op: 'remove', path: `/${key}` } : { op: 'add', path: `/${key}`, value },
  );
  for (const [sent, headers] of [
    [patch, MERGE_PATCH],
    [operations, JSON_PATCH],
  ] as const)
    expect(await outcome(sent, headers)).toEqual([422, expect.stringContaining(words)]);
});

it('passes over the kind in a strategic merge patch, and over its absence in the others', async () => {
  for (const patch of [{ kind: 'Secret' }, { kind: null }, { apiVersion: 'apps/v1' }, { apiVersion: null }])
    expect(await outcome(patch, STRATEGIC_PATCH)).toEqual([200, undefined]);
  expect(await outcome({ kind: null }, MERGE_PATCH)).toEqual([200, undefined]);
});

it('says which fields the type within does not know', async () => {
  const { headers } = await call('PATCH', `${PATH}/a`, { apiVersion: null }, MERGE_PATCH);
  expect(headers.get('warning')).toContain('unknown field \\"metadata\\"');
});

it.each([
  ['merge', 'merge'],
  ['zzz', 'zzz'],
  [null, '%!s(<nil>)'],
])('knows no other directive: %j', async (directive, printed) => {
  const [status, message] = await outcome({ $patch: directive }, STRATEGIC_PATCH);
  expect([status, message?.slice(0, `unknown patch type: ${printed} in map: `.length)]).toEqual([
    500,
    `unknown patch type: ${printed} in map: `,
  ]);
});

it('an apply names what it creates, and can choose no UID', async () => {
  const apply = (metadata: unknown) =>
    call('PATCH', `${PATH}/q?fieldManager=m`, { apiVersion: 'v1', kind: 'ConfigMap', metadata }, APPLY_PATCH);
  expect((await apply({})).body.message).toContain('name must be provided');
  const { status, body } = await apply({ name: 'q', uid: 'zzz' });
  expect([status, body.reason, body.message]).toEqual([
    409,
    'Conflict',
    'Operation cannot be fulfilled on configmaps "q": uid mismatch: the provided object specified uid zzz, and no existing object was found',
  ]);
  expect((await call('GET', `${PATH}/q`)).status).toBe(404);
});

it('a PUT may create only what it asks no UID of', async () => {
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l';
  const { status, body } = await call('PUT', path, { metadata: { name: 'l', uid: 'zzz' } });
  expect([status, body.message]).toEqual([
    409,
    'Operation cannot be fulfilled on leases.coordination.k8s.io "l": StorageError: invalid object, Code: 4, Key: /registry/leases/default/l, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: zzz, UID in object meta: ',
  ]);
  expect((await call('PUT', path, { metadata: { name: 'l' } })).status).toBe(201);
});

it('a scale is of the object that its path names', async () => {
  const path = '/apis/apps/v1/namespaces/default/replicasets';
  await call('POST', path, {
    metadata: { name: 'r' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  const { status, body } = await call('PUT', `${path}/r/scale`, { metadata: { name: 'other' }, spec: { replicas: 2 } });
  expect([status, body.message]).toEqual([
    400,
    'the name of the object (other) does not match the name on the URL (r)',
  ]);
});
