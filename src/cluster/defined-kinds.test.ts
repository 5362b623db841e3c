import { expect, it } from 'vitest';
import type { KeyValue } from '../etcd/types.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { catalogOf } from '../resources/custom/catalog.ts';
import { storedDefinition } from './defined-kinds.ts';

const PREFIX = '/registry/apiextensions.k8s.io/customresourcedefinitions';
const NAMES = { plural: 'foos', kind: 'Foo' };

const definition = (spec: object = {}, status: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foos.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: NAMES,
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    ...spec,
  },
  status: { acceptedNames: NAMES, conditions: [{ type: 'Established', status: 'True' }], ...status },
});

/** As it comes through etcd's own door. */
function kindsOf(value: unknown): string[] {
  const bytes = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value, null, 1));
  const kv = { key: `${PREFIX}/foos.example.com`, modRevision: 5, value: bytes } as unknown as KeyValue;
  const { kinds } = catalogOf([storedDefinition(kv)]);
  return kinds.filter(({ custom }) => custom).map(({ kind, version }) => `${version} ${kind}`);
}

it('reads what another has written', () => {
  expect(kindsOf(definition())).toEqual(['v1 Foo']);
});

it.each<[string, unknown]>([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['of another kind', { ...definition(), kind: 'Other' }],
  ['without a spec', { ...definition(), spec: undefined }],
  ['without a group', definition({ group: undefined })],
  ['with a number as its group', definition({ group: 5 })],
  ['without names', definition({ names: {} })],
  ['with no names accepted', definition({}, { acceptedNames: {} })],
  ['without versions', definition({ versions: [] })],
  ['with versions that are none', definition({ versions: [null] })],
  ['with a version without a name', definition({ versions: [{ served: true, storage: true }] })],
  ['with a text as its schema', definition({ versions: [{ name: 'v1', schema: { openAPIV3Schema: 'all' } }] })],
])('makes nothing of what is no definition: %s', (_, value) => {
  expect(kindsOf(value)).toEqual([]);
});

it('does without those that are built in', () => {
  const taken = definition({ group: 'apps', names: { plural: 'deployments', kind: 'Deployment' } });
  expect(kindsOf({ ...taken, status: { ...taken.status, acceptedNames: taken.spec.names } })).toEqual([]);
  expect(catalogOf([])).toBe(BUILT_IN);
});
