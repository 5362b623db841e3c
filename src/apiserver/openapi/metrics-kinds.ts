/**
 * The kinds of `metrics.k8s.io` as OpenAPI tells of them, where a metrics-server answers for that group. They are in no catalog that anything
 * is served by. Models k8s.io/metrics/pkg/apis/metrics/v1beta1 and the documents of sigs.k8s.io/metrics-server, put together by kube-aggregator.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type { KindDescription } from '../../catalog/kinds.ts';
import { builtInStruct, META } from '../../catalog/schema.ts';
import type { Field, Scalar, Struct, Type } from '../../catalog/struct.ts';
import { METRICS_GROUP, METRICS_VERSION } from '../../resources/metrics/metrics-server.ts';
import { METRICS_RESOURCES } from '../metrics-api.ts';

const PREFIX = 'io.k8s.metrics.pkg.apis.metrics.v1beta1.';

/** How metrics-server calls its document. */
export const METRICS_INFO = { title: 'Kubernetes metrics-server', version: 'v0.8.0' };

const scalar = (name: Scalar, go: string): Type => ({ form: 'scalar', scalar: name, go, pointer: false });
const STRING = scalar('string', 'string');
const USAGE: Type = {
  form: 'map',
  element: scalar('Quantity', 'resource.Quantity'),
  go: 'v1.ResourceList',
  pointer: false,
};

const structType = (struct: Struct): Type => ({ form: 'struct', struct, go: struct.go, pointer: false });

/** `required`: it is there even if it is empty. */
function field(name: string, type: Type, required = true, more: Partial<Field> = {}): Field {
  return {
    name,
    number: 0,
    type,
    omit: required ? '' : 'empty',
    required,
    atomicMap: false,
    granularMap: false,
    default: type.form === 'struct' ? {} : undefined,
    plainReference: false,
    embedding: [],
    ...more,
  };
}

function structOf(name: string, fields: Field[], isKind: boolean): Struct {
  const gvk = { group: METRICS_GROUP, kind: name, version: METRICS_VERSION };
  const typeMeta = isKind ? [field('kind', STRING, false), field('apiVersion', STRING, false)] : [];
  const all = [...typeMeta, ...fields];
  return {
    name: PREFIX + name,
    go: `v1beta1.${name}`,
    declared: all,
    fields: all,
    byName: new Map(all.map((f) => [f.name, f])),
    inOpenAPI: true,
    atomic: false,
    groupVersionKinds: isKind ? [gvk] : [],
  };
}

function structs(): Struct[] {
  const metadata = (type: 'ObjectMeta' | 'ListMeta') =>
    field('metadata', structType(builtInStruct(META + type)), false);
  const list = (element: Struct): Type => ({
    form: 'list',
    element: structType(element),
    go: `[]${element.go}`,
    pointer: false,
    named: false,
  });
  const measured = [
    metadata('ObjectMeta'),
    field('timestamp', scalar('Time', 'v1.Time')),
    field('window', scalar('Duration', 'v1.Duration')),
  ];
  const container = structOf(
    'ContainerMetrics',
    [field('name', STRING, true, { default: '' }), field('usage', USAGE)],
    false,
  );
  const node = structOf('NodeMetrics', [...measured, field('usage', USAGE)], true);
  const pod = structOf(
    'PodMetrics',
    [...measured, field('containers', list(container), true, { listType: 'atomic' })],
    true,
  );
  const lists = [node, pod].map((one) =>
    structOf(`${one.name.slice(PREFIX.length)}List`, [metadata('ListMeta'), field('items', list(one))], true),
  );
  return [container, node, pod, ...lists];
}

const kinds = (): KindDescription[] =>
  METRICS_RESOURCES.map(({ name, namespaced, kind }) => ({
    group: METRICS_GROUP,
    version: METRICS_VERSION,
    resource: name,
    kind,
    singular: '',
    namespaced,
    verbs: ['get', 'list'],
    shortNames: [],
    categories: [],
    // Nothing of them is stored.
    storage: `${METRICS_GROUP}/${name}`,
    schema: PREFIX + kind,
    storageVersionHash: '',
    subresources: [],
  }));

const known = new WeakMap<Catalog, Catalog>();

/** A catalog with these kinds besides; the same where somebody has defined that version of the group. */
export function withMetrics(catalog: Catalog): Catalog {
  if (catalog.has(METRICS_GROUP, METRICS_VERSION)) return catalog;
  let derived = known.get(catalog);
  if (!derived) {
    // Those of clusters are whole numbers.
    derived = catalog.with({ revision: catalog.revision + 0.5, kinds: kinds(), structs: structs() });
    known.set(catalog, derived);
  }
  return derived;
}
