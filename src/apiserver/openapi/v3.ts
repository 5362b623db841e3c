/** OpenAPI 3: the index and one document for each group and version. Source: k8s.io/kube-openapi/pkg/handler3. */

import type { Catalog } from '../../catalog/catalog.ts';
import { SCHEMAS } from '../../catalog/generated/schemas.gen.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { META, type Schemas } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import { METRICS_GROUP } from '../../resources/metrics/metrics-server.ts';
import { isCustom } from '../custom/decode.ts';
import { itemsOf } from './custom-operations.ts';
import { customSchemas } from './custom-schema.ts';
import { type DiscoveryOperation, discoveryOperation, FIXED_DOCUMENTS } from './discovery-operations.ts';
import { METRICS_INFO } from './metrics-kinds.ts';
import type { Operation } from './operation.ts';
import { groupRoot, tagOf } from './operations.ts';
import { parameter } from './parameters.ts';
import { PROSE_HASH } from './prose.gen.ts';
import { type Prose, parameterProse } from './prose.ts';
import { reference, schemasFor } from './schema-objects.ts';

const namesOf = new WeakMap<Catalog, ReadonlySet<string>>();

/** `api`, `api/v1`, `apis/apps`, `apis/apps/v1`…: all documents, in order. */
export function documentNames(catalog: Catalog): ReadonlySet<string> {
  let names = namesOf.get(catalog);
  if (!names) {
    names = new Set(sortedNames(catalog));
    namesOf.set(catalog, names);
  }
  return names;
}

function sortedNames({ kinds }: Catalog): string[] {
  const roots = kinds.map((k) => groupRoot(k.group, k.version).slice(1));
  const groups = kinds.filter((k) => k.group !== '' && !k.custom).map((k) => `apis/${k.group}`);
  return [...new Set([...roots, ...groups, ...FIXED_DOCUMENTS])].sort();
}

/** The catalog that a document tells of: where none of a cluster's own kinds is in it, it is the same for all clusters. */
export function catalogOf(catalog: Catalog, name: string): Catalog {
  const { base } = catalog;
  const isSame = base && documentNames(base).has(name) && kindsOf(base, name).length === kindsOf(catalog, name).length;
  return isSame ? catalogOf(base, name) : catalog;
}

let seed: number | undefined;

/** Changes when the documents may have changed. */
export function documentHash(catalog: Catalog, name: string): string {
  seed ??= hash(0x811c9dc5, SCHEMAS);
  const parts = [
    name,
    `${name} ${PROSE_HASH}`,
    `${name}${catalog.base?.kinds.length ?? catalog.kinds.length}`,
    `${PROSE_HASH}${name}`,
  ];
  const start = hash(seed, contentsOf(catalog, name));
  return parts.map((part) => hash(start, part).toString(16).toUpperCase().padStart(8, '0')).join('');
}

/** What makes a document another than that of the built-in kinds. */
function contentsOf(catalog: Catalog, name: string): string {
  if (catalog.revision === 0) return '';
  const kinds = kindsOf(catalog, name);
  const isDefined = kinds.length > 0 && kinds.every(isCustom);
  return isDefined ? kinds.map(({ custom }) => custom?.digest).join() : `${catalog.revision}`;
}

function hash(start: number, text: string): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

export function index(catalog: Catalog): JSONObject {
  const paths: Record<string, JSONObject> = {};
  for (const name of documentNames(catalog)) {
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${documentHash(catalogOf(catalog, name), name)}` };
  }
  return { paths };
}

/** The document of that name; undefined when there is none. */
export function document(catalog: Catalog, name: string, version: string, prose: Prose): JSONObject | undefined {
  if (!documentNames(catalog).has(name)) return undefined;
  const { schemas } = catalog;
  const kinds = kindsOf(catalog, name);
  const [first] = kinds;
  const discovery = discoveryOperation(name);
  const paths: Record<string, JSONObject> = { [discovery.path]: { get: discoveryObject(discovery) } };
  const needed = new Set<string>(first ? listsOfGroup(schemas, first) : []);
  if (discovery.answer) needed.add(discovery.answer);
  for (const kind of kinds) {
    for (const item of itemsOf(kind, schemas)) {
      paths[item.path] ??= {};
      const target = paths[item.path]!;
      for (const operation of item.operations) {
        target[operation.method] = operationObject(operation, kind, prose);
        for (const schema of [operation.body, operation.answer]) if (schema) needed.add(schema);
      }
      const [first] = item.operations;
      target.parameters = item.parameters.map((parameter) => parameterObject(parameter, first!, kind, prose));
    }
  }
  const own = kinds.filter(isCustom).flatMap((kind) => customSchemas(kind, 'v3', prose));
  if (own.length > 0) for (const name of ['ObjectMeta', 'ListMeta']) needed.add(META + name);
  const others = schemasFor(schemas, needed, 'v3', prose);
  return {
    components: {
      schemas: own.length > 0 ? Object.fromEntries(byName([...Object.entries(others), ...own])) : others,
      securitySchemes: {
        BearerToken: {
          description: 'Bearer Token authentication',
          in: 'header',
          name: 'authorization',
          type: 'apiKey',
        },
      },
    },
    info:
      own.length > 0 ? CUSTOM_INFO : name.startsWith(METRICS_ROOT) ? METRICS_INFO : { title: 'Kubernetes', version },
    openapi: '3.0.0',
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const METRICS_ROOT = `apis/${METRICS_GROUP}`;
const CUSTOM_INFO = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };

const byName = <T>(entries: [string, T][]): [string, T][] => entries.sort(([a], [b]) => (a < b ? -1 : 1));

const byDocument = new WeakMap<Catalog, Map<string, Kind[]>>();

function kindsOf(catalog: Catalog, name: string): Kind[] {
  let known = byDocument.get(catalog);
  if (!known) {
    known = new Map();
    for (const kind of catalog.kinds) {
      const root = groupRoot(kind.group, kind.version).slice(1);
      const kinds = known.get(root);
      if (kinds) kinds.push(kind);
      else known.set(root, [kind]);
    }
    byDocument.set(catalog, known);
  }
  return known.get(name) ?? [];
}

/** Lists beside the kind's own type, which no operation of the group may name. */
const listsOfGroup = (schemas: Schemas, { schema, custom }: Kind): string[] => {
  if (schema === '' || custom) return [];
  const prefix = schema.slice(0, schema.lastIndexOf('.') + 1);
  return schemas
    .names()
    .filter((name) => name.startsWith(prefix) && name.endsWith('List') && schemas.find(name)!.inOpenAPI);
};

function discoveryObject({ description, operationId, tag, produces, answer }: DiscoveryOperation): JSONObject {
  const schema = answer ? reference(answer, 'v3') : { type: 'string' };
  const content = Object.fromEntries(produces.map((type) => [type, { schema }]));
  return {
    description,
    operationId,
    responses: { 200: { content, description: 'OK' }, 401: { description: 'Unauthorized' } },
    tags: [tag],
  };
}

function parameterObject(parameterName: string, operation: Operation, kind: Kind, prose: Prose): JSONObject {
  const { name, in: place, type } = parameter(parameterName);
  const description = parameterProse(prose, parameterName, operation, kind);
  const required = place === 'path' && { required: true };
  return { ...(description && { description }), in: place, name, ...required, schema: { type, uniqueItems: true } };
}

function operationObject(operation: Operation, kind: Kind, prose: Prose): JSONObject {
  const content = (schema: JSONObject, types: string[]): JSONObject => ({
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  });
  const answered = operation.answer ? reference(operation.answer, 'v3') : { type: 'string' };
  const answer = (description: string): JSONObject => ({ ...content(answered, operation.produces), description });
  const { body } = operation;
  const parameters = operation.parameters.map((name) => parameterObject(name, operation, kind, prose));
  return {
    description: operation.description,
    operationId: operation.operationId,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        ...content(reference(body, 'v3'), operation.consumes),
        ...(operation.method !== 'delete' && { required: true }),
      },
    }),
    responses: {
      200: answer('OK'),
      ...(operation.created && { 201: answer('Created') }),
      ...(operation.accepted && { 202: answer('Accepted') }),
      401: { description: 'Unauthorized' },
    },
    tags: [tagOf(kind.group, kind.version)],
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.groupVersionKind,
  };
}
