/** Types as OpenAPI schemas, in the dialects of version 3 and of version 2 (Swagger). Source: k8s.io/kube-openapi. */

import { type Field, META, type Scalar, type Schemas, type Struct, type Type } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { Prose } from './prose.ts';

export type Dialect = 'v2' | 'v3';

const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

/** Types with a schema of their own that are no structs here. */
const REFERRED: Partial<Record<Scalar, string>> = {
  Time: `${META}Time`,
  MicroTime: `${META}MicroTime`,
  Duration: `${META}Duration`,
  Quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  IntOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  FieldsV1: `${META}FieldsV1`,
  RawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  JSON: `${CRD}JSON`,
  JSONSchemaPropsOrBool: `${CRD}JSONSchemaPropsOrBool`,
  JSONSchemaPropsOrArray: `${CRD}JSONSchemaPropsOrArray`,
  JSONSchemaPropsOrStringArray: `${CRD}JSONSchemaPropsOrStringArray`,
};

const SPECIAL: Record<string, Record<Dialect, JSONObject>> = {
  [`${META}Time`]: same({ format: 'date-time', type: 'string' }),
  [`${META}MicroTime`]: same({ format: 'date-time', type: 'string' }),
  [`${META}Duration`]: same({ type: 'string' }),
  [`${META}FieldsV1`]: same({ type: 'object' }),
  [`${META}Patch`]: same({ type: 'object' }),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': same({ type: 'object' }),
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    v2: { format: 'int-or-string', type: 'string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  [`${CRD}JSON`]: same({}),
  [`${CRD}JSONSchemaPropsOrBool`]: same({}),
  [`${CRD}JSONSchemaPropsOrArray`]: same({}),
  [`${CRD}JSONSchemaPropsOrStringArray`]: same({}),
};

function same(schema: JSONObject): Record<Dialect, JSONObject> {
  return { v2: schema, v3: schema };
}

const ROOT: Record<Dialect, string> = { v2: '#/definitions/', v3: '#/components/schemas/' };

export const reference = (name: string, dialect: Dialect): JSONObject => ({ $ref: ROOT[dialect] + name });

/** All schemas that `names` need, themselves included, in order of name. */
export function schemasFor(
  schemas: Schemas,
  names: Iterable<string>,
  dialect: Dialect,
  prose: Prose,
): Record<string, JSONObject> {
  const found = new Map<string, JSONObject>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    const schema = schemaObject(name, schemas.find(name), dialect, prose.types[name] ?? {}, (needed) =>
      queue.push(needed),
    );
    if (schema) found.set(name, schema);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaObject(
  name: string,
  struct: Struct | undefined,
  dialect: Dialect,
  prose: Record<string, string>,
  need: (name: string) => void,
): JSONObject | undefined {
  const special = SPECIAL[name];
  const description = prose[''];
  if (special) return { ...(description && { description }), ...special[dialect] };
  return struct && structObject(struct, dialect, prose, need);
}

function structObject(
  struct: Struct,
  dialect: Dialect,
  prose: Record<string, string>,
  need: (name: string) => void,
): JSONObject {
  const properties: JSONObject = {};
  for (const field of [...struct.fields].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    properties[field.name] = property(field, prose[field.name], dialect, need);
  }
  const required = struct.fields.filter((f) => f.required).map((f) => f.name);
  return {
    ...(prose[''] && { description: prose[''] }),
    ...(struct.fields.length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    type: 'object',
    ...(struct.groupVersionKinds.length > 0 && { 'x-kubernetes-group-version-kind': struct.groupVersionKinds }),
    ...(struct.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...(struct.unions !== undefined && { 'x-kubernetes-unions': struct.unions }),
  };
}

function property(
  field: Field,
  description: string | undefined,
  dialect: Dialect,
  need: (name: string) => void,
): JSONObject {
  const base = typeObject(field.type, dialect, need, field.enum);
  const { $ref, ...own } = base;
  const result: JSONObject = {};
  if ($ref && dialect === 'v3' && !field.plainReference) result.allOf = [{ $ref }];
  else if ($ref) result.$ref = $ref;
  if (dialect === 'v3' && field.default !== undefined) result.default = field.default;
  if (description) result.description = description;
  Object.assign(result, own);
  if (field.type.form === 'list' || field.listType === 'atomic') {
    if (field.listKeys) result['x-kubernetes-list-map-keys'] = field.listKeys;
    if (field.listType) result['x-kubernetes-list-type'] = field.listType;
  }
  if (field.atomicMap || field.granularMap) result['x-kubernetes-map-type'] = field.atomicMap ? 'atomic' : 'granular';
  if (field.patchMergeKey) result['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
  if (field.patchStrategy) result['x-kubernetes-patch-strategy'] = field.patchStrategy;
  return result;
}

function typeObject(type: Type, dialect: Dialect, need: (name: string) => void, values?: string[]): JSONObject {
  switch (type.form) {
    case 'struct':
      need(type.struct.name);
      return reference(type.struct.name, dialect);
    case 'list':
      return { items: typeObject(type.element, dialect, need, values), type: 'array' };
    case 'map':
      return { additionalProperties: typeObject(type.element, dialect, need, values), type: 'object' };
    case 'scalar': {
      const referred = REFERRED[type.scalar];
      if (referred) {
        need(referred);
        return reference(referred, dialect);
      }
      return { ...(values && { enum: values }), ...scalarObject(type.scalar) };
    }
  }
}

function scalarObject(scalar: Scalar): JSONObject {
  switch (scalar) {
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { format: scalar, type: 'integer' };
    case 'float64':
      return { format: 'double', type: 'number' };
    case 'bytes':
      return { format: 'byte', type: 'string' };
    default:
      return { type: 'string' };
  }
}
