/** How the fields of custom resources are owned. models k8s.io/kube-openapi/pkg/schemaconv and what the API server adds to a schema. */
import { builtInStruct, META } from '../../catalog/schema.ts';
import {
  additionalOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  META_MEMBERS,
  preservesUnknown,
  propertyOf,
  type Schema,
} from '../../resources/custom/schema.ts';
import { DEDUCED, type Fields, LEAF, SET, type Shape, structShape } from './shape.ts';

/** Of the whole object. */
export const customShape = (schema: Schema): Shape => ({ kind: 'struct', fields: fieldsOfSchema(schema, true) });

const metadataShape = (): Shape => structShape(builtInStruct(`${META}ObjectMeta`));

function fieldsOfSchema(schema: Schema, isObject: boolean): Fields {
  const additional = additionalOf(schema);
  const unknown = preservesUnknown(schema) ? DEDUCED : additional ? shapeOf(additional) : LEAF;
  /** Of those that the schema names. */
  const known = new Map<string, Shape>();
  return {
    has: (name) => (isObject && META_MEMBERS.has(name)) || propertyOf(schema, name) !== undefined,
    shape(name) {
      const found = known.get(name);
      if (found) return found;
      if (isObject && META_MEMBERS.has(name)) return name === 'metadata' ? metadataShape() : LEAF;
      const property = propertyOf(schema, name);
      if (!property) return unknown;
      const shape = shapeOf(property);
      known.set(name, shape);
      return shape;
    },
    defaultOf: (name) => propertyOf(schema, name)?.default,
  };
}

const shapes = new WeakMap<Schema, Shape>();

function shapeOf(schema: Schema): Shape {
  let shape = shapes.get(schema);
  if (!shape) {
    shape = makeShape(schema);
    shapes.set(schema, shape);
  }
  return shape;
}

function makeShape(schema: Schema): Shape {
  if (isIntOrString(schema)) return LEAF;
  if (schema.type === 'array') return listShape(schema);
  if (schema.type !== 'object') return !schema.type && preservesUnknown(schema) ? DEDUCED : LEAF;
  if (schema['x-kubernetes-map-type'] === 'atomic') return LEAF;
  if (schema.properties || isEmbedded(schema))
    return { kind: 'struct', fields: fieldsOfSchema(schema, isEmbedded(schema)) };
  const additional = additionalOf(schema);
  return additional ? { kind: 'map', element: shapeOf(additional) } : DEDUCED;
}

function listShape(schema: Schema): Shape {
  const items = itemsOf(schema);
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return SET;
  if (type !== 'map' || !items) return LEAF;
  return {
    kind: 'list',
    element: shapeOf(items),
    fields: fieldsOfSchema(items, false),
    keys: [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort(),
  };
}
