/** The schemas of custom resources as OpenAPI shows them. models k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder */

import { META } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import {
  additionalOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  preservesUnknown,
  type Schema,
} from '../../resources/custom/schema.ts';
import type { CustomlyKind } from '../custom/decode.ts';
import type { Prose } from './prose.ts';
import { type Dialect, reference } from './schema-objects.ts';

/** Where the documentation of what every object has is taken from. */
const ANY_OBJECT = 'io.k8s.api.core.v1.ConfigMap';
const ANY_LIST = 'io.k8s.api.core.v1.ConfigMapList';

export const listSchemaName = ({ schema, custom }: CustomlyKind): string =>
  `${schema.slice(0, schema.lastIndexOf('.') + 1)}${custom.listKind}`;

/** Those of the objects and of their lists, by name. */
export function customSchemas(
  kind: CustomlyKind,
  dialect: Dialect,
  prose: Prose,
): [name: string, schema: JSONObject][] {
  return [
    [kind.schema, objectSchema(kind, dialect, prose)],
    [listSchemaName(kind), listSchema(kind, dialect, prose)],
  ];
}

const described = (schema: JSONObject, description: string | undefined): JSONObject => ({
  ...(description ? { description } : {}),
  ...schema,
});

/** Beside a description a reference stands apart, in version 3. */
const metadataOf = (name: string, dialect: Dialect, description: string | undefined): JSONObject => {
  const ref = reference(META + name, dialect);
  return described(dialect === 'v3' ? { allOf: [ref] } : ref, description);
};

const typeMeta = (words: Record<string, string>): JSONObject => ({
  apiVersion: described({ type: 'string' }, words.apiVersion),
  kind: described({ type: 'string' }, words.kind),
});

const groupVersionKind = ({ group, version, custom }: CustomlyKind, kind: string): JSONObject => ({
  'x-kubernetes-group-version-kind': [{ group, kind, version }],
  ...(custom.selectable.length > 0
    ? { 'x-kubernetes-selectable-fields': custom.selectable.map((fieldPath) => ({ fieldPath })) }
    : {}),
});

function objectSchema(kind: CustomlyKind, dialect: Dialect, prose: Prose): JSONObject {
  const schema = kind.custom.schema(kind.version);
  const gvk = groupVersionKind(kind, kind.kind);
  // Older clients take what is told of some fields for all that there may be.
  if (!schema || (dialect === 'v2' && preservesUnknown(schema))) return { type: 'object', ...gvk };
  const words = prose.types[ANY_OBJECT] ?? {};
  const shown = dialect === 'v2' ? oldSchema(schema, words) : newSchema(schema, words);
  const metadata = metadataOf('ObjectMeta', dialect, words.metadata);
  return { ...shown, properties: { ...membersOf(shown), ...typeMeta(words), metadata }, ...gvk };
}

function listSchema(kind: CustomlyKind, dialect: Dialect, prose: Prose): JSONObject {
  const words = prose.types[ANY_LIST] ?? {};
  const items = described(
    { items: reference(kind.schema, dialect), type: 'array' },
    `List of ${kind.resource}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
  );
  return {
    description: `${kind.custom.listKind} is a list of ${kind.kind}`,
    properties: { ...typeMeta(words), items, metadata: metadataOf('ListMeta', dialect, words.metadata) },
    required: ['items'],
    type: 'object',
    ...groupVersionKind(kind, kind.custom.listKind),
  };
}

const membersOf = ({ properties }: JSONObject): JSONObject => (properties ?? {}) as JSONObject;

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** A schema with everything that it says. */
function newSchema(schema: Schema, words: Record<string, string>): JSONObject {
  const { id: _, $schema: __, ...rest } = schema;
  const shown: JSONObject = { ...rest };
  below(schema, shown, (part) => newSchema(part, words));
  if (isIntOrString(schema) && !schema.anyOf && !schema.allOf?.[0]?.anyOf) shown.anyOf = INT_OR_STRING;
  if (isEmbedded(schema)) embed(schema, shown, 'v3', words);
  return shown;
}

/** What version 2 has words for, and its clients can read. */
function oldSchema(schema: Schema, words: Record<string, string>): JSONObject {
  const { id: _, $schema: __, default: ___, allOf, oneOf, anyOf, not, nullable, ...rest } = schema;
  const shown: JSONObject = { ...rest };
  const isOpen = preservesUnknown(schema);
  if (nullable || isOpen) {
    delete shown.items;
    delete shown.properties;
  }
  if (nullable || (isOpen && schema.type === 'object') || (schema.type === 'array' && !shown.items)) delete shown.type;
  below(shown as Schema, shown, (part) => oldSchema(part, words));
  const required = (schema.required ?? []).filter((name) => !schema.properties?.[name]?.nullable);
  if (required.length === 0 || additionalOf(schema)?.nullable) delete shown.required;
  else shown.required = required;
  if (isEmbedded(schema) && !isOpen) embed(schema, shown, 'v2', words);
  return shown;
}

function below(schema: Schema, shown: JSONObject, show: (part: Schema) => JSONObject): void {
  const [items, additional] = [itemsOf(schema), additionalOf(schema)];
  if (items) shown.items = show(items);
  if (additional) shown.additionalProperties = show(additional);
  if (schema.properties)
    shown.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, show(part)]));
}

/** An object within an object has what every object has. */
function embed(schema: Schema, shown: JSONObject, dialect: Dialect, words: Record<string, string>): void {
  const metadata = metadataOf('ObjectMeta', dialect, words.metadata);
  shown.properties = { ...membersOf(shown), ...typeMeta(words), metadata };
  shown.required = [...new Set([...(schema.required ?? []), 'kind', 'apiVersion'])];
}
