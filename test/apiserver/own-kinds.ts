/** Kinds that a cluster has besides the built-in ones, with their types and what is particular to them. */
import type { KindDefinition, OwnKinds } from '../../src/catalog/catalog.ts';
import type { Table } from '../../src/catalog/columns.ts';
import { builtInStruct, type Field, META, type Struct, type Type } from '../../src/catalog/schema.ts';
import type { Strategy } from '../../src/catalog/strategy.ts';
import { notSupported } from '../../src/objects/field-error.ts';

export const GROUP = 'example.com';
const SCHEMA = 'com.example.v1.';
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export const string: Type = { form: 'scalar', scalar: 'string', go: 'string', pointer: false };
export const int32: Type = { form: 'scalar', scalar: 'int32', go: 'int32', pointer: false };

const typeOf = (struct: Struct): Type => ({ form: 'struct', struct, go: struct.go, pointer: false });
const listOf = (element: Type): Type => ({
  form: 'list',
  element,
  go: `[]${element.go}`,
  pointer: false,
  named: false,
});

const field = (name: string, type: Type, more: Partial<Field> = {}): Field => ({
  name,
  number: 0,
  type,
  omit: 'empty',
  required: false,
  atomicMap: false,
  granularMap: false,
  default: undefined,
  plainReference: false,
  embedding: [],
  ...more,
});

/** A type with these fields, which is shown as it is in OpenAPI. */
const structOf = (name: string, fields: Field[], kind?: string): Struct => ({
  name: SCHEMA + name,
  go: `v1.${name}`,
  declared: fields,
  fields,
  byName: new Map(fields.map((f) => [f.name, f])),
  inOpenAPI: true,
  atomic: false,
  groupVersionKinds: kind ? [{ group: GROUP, version: 'v1', kind }] : [],
});

/** The types of a kind whose spec has these fields. */
export function typesOf(kind: string, spec: Record<string, Type>, listFields: Field[] = []): Struct[] {
  const own = Object.entries(spec).map(([name, type]) => field(name, type));
  const specType = structOf(`${kind}Spec`, [...own, ...listFields]);
  const status = structOf(`${kind}Status`, [field('phase', string)]);
  const head = [field('kind', string), field('apiVersion', string)];
  const meta = (name: string) => field('metadata', typeOf(builtInStruct(META + name)));
  const whole = structOf(
    kind,
    [...head, meta('ObjectMeta'), field('spec', typeOf(specType)), field('status', typeOf(status), { omit: 'zero' })],
    kind,
  );
  const list = structOf(
    `${kind}List`,
    [...head, meta('ListMeta'), field('items', listOf(typeOf(whole)), { omit: '', required: true })],
    `${kind}List`,
  );
  return [specType, status, whole, list];
}

export const definitionOf = (kind: string, more: Partial<KindDefinition> = {}): KindDefinition => {
  const singular = kind.toLowerCase();
  return {
    group: GROUP,
    version: 'v1',
    resource: `${singular}s`,
    kind,
    singular,
    namespaced: true,
    verbs: VERBS,
    shortNames: [],
    categories: [],
    storage: `${GROUP}/${singular}s`,
    schema: SCHEMA + kind,
    storageVersionHash: '',
    subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'], group: GROUP, version: 'v1', kind }],
    ...more,
  };
};

const COLOURS = ['blue', 'red'];

const strategy: Strategy = {
  defaults(widget) {
    widget.spec ??= {};
    widget.spec.colour ??= 'red';
  },
  validate: ({ spec }) => (COLOURS.includes(spec.colour) ? [] : [notSupported('spec.colour', spec.colour, COLOURS)]),
  selectableFields: ({ spec }) => ({ 'spec.colour': spec?.colour ?? '' }),
};

const table: Table = {
  columns: () => [{ name: 'Colour', type: 'string', format: '', description: 'of the widget', priority: 0 }],
  rows: (objects) => objects.map((object) => ({ cells: [object.spec.colour], object })),
};

const part = structOf('WidgetPart', [field('name', string, { omit: '', required: true }), field('weight', int32)]);
const parts = field('parts', listOf(typeOf(part)), { listType: 'map', listKeys: ['name'] });

/** Widgets, Gizmos (without anything particular, and without a namespace), and a Service that is none of Kubernetes'. */
export const OWN_KINDS: OwnKinds = {
  revision: 7,
  kinds: [
    definitionOf('Widget', { strategy, table, shortNames: ['wd'] }),
    definitionOf('Gizmo', { namespaced: false, subresources: [] }),
    definitionOf('Service', { subresources: [] }),
  ],
  structs: [
    part,
    ...typesOf('Widget', { colour: string, size: int32 }, [parts]),
    ...typesOf('Gizmo', { size: int32 }),
    ...typesOf('Service', { type: string }),
  ],
};
