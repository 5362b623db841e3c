/** A type of the API as a schema that CEL looks at. Models PopulateRefs in k8s.io/apiserver's pkg/cel/openapi/resolver. */
import type { Scalar, Struct, Type } from '../../catalog/struct.ts';
import type { CelSchema } from '../../cel/schema.ts';

/** What is not here has no one type in OpenAPI: no expression is told of it. */
const SCALARS: Partial<Record<Scalar, CelSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer' },
  int64: { type: 'integer' },
  float64: { type: 'number' },
  bytes: { type: 'string', format: 'byte' },
  Time: { type: 'string', format: 'date-time' },
  MicroTime: { type: 'string', format: 'date-time' },
  Duration: { type: 'string' },
  IntOrString: { 'x-kubernetes-int-or-string': true },
  FieldsV1: { type: 'object' },
  RawExtension: { type: 'object' },
};
const NOTHING: CelSchema = {};

const known = new WeakMap<Struct, CelSchema>();

/** Of a whole object. */
export function schemaOfStruct(struct: Struct): CelSchema {
  const schema = known.get(struct) ?? structSchema(struct, []);
  known.set(struct, schema);
  return schema;
}

/** `within`: the types around it, which it may contain again: such a one is an object of which nothing is known. */
function structSchema(struct: Struct, within: readonly Struct[]): CelSchema {
  if (within.includes(struct)) return { type: 'object' };
  const around = [...within, struct];
  const fields = struct.fields.map(({ name, type }) => [name, typeSchema(type, around)] as const);
  return { type: 'object', properties: Object.fromEntries(fields) };
}

function typeSchema(type: Type, within: readonly Struct[]): CelSchema {
  switch (type.form) {
    case 'scalar':
      return SCALARS[type.scalar] ?? NOTHING;
    case 'struct':
      return structSchema(type.struct, within);
    case 'list':
      return { type: 'array', items: typeSchema(type.element, within) };
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.element, within) };
    default:
      return type satisfies never;
  }
}
