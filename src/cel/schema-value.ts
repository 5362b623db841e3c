/**
 * JSON as values of CEL, by its schema, each part when it is asked for. Models k8s.io/apiserver's pkg/cel/common/valuesunstructured.go.
 */

import { sameJSON } from '../objects/equality.ts';
import { equal } from './compare.ts';
import { escapeName, unescapeName } from './escaping.ts';
import { bytesValue, dateTimeValue, dateValue, durationValue } from './format-value.ts';
import { valueOfJSON } from './json-value.ts';
import { additionalSchema, asResource, type CelSchema } from './schema.ts';
import { SchemaList } from './schema-list.ts';
import { DYN } from './type.ts';
import { CelError, CelMap, CelObject, noSuchOverload, type Value } from './value.ts';

type JSONObject = Record<string, unknown>;
const isObject = (value: unknown): value is JSONObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A `CelError` where the JSON is not as its schema says. */
export function valueOfSchema(json: unknown, schema: CelSchema): Value {
  if (json === null || json === undefined)
    return schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false');
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof json === 'string') return json;
    return Number.isInteger(json)
      ? BigInt(json as number)
      : new CelError('invalid data, expected XIntOrString value to be either a string or integer');
  }
  switch (schema.type) {
    case 'object':
      return isObject(json)
        ? new SchemaMap(json, schema['x-kubernetes-embedded-resource'] ? asResource(schema) : schema)
        : new CelError('invalid data, expected a map for the provided schema with type=object');
    case 'array':
      return listValue(json, schema);
    case 'string':
      return textValue(json, schema);
    case 'number':
      return typeof json === 'number' ? json : wrongType('float', json);
    case 'integer':
      return Number.isInteger(json) ? BigInt(json as number) : wrongType('int', json);
    case 'boolean':
      return typeof json === 'boolean' ? json : wrongType('bool', json);
    default:
      return schema['x-kubernetes-preserve-unknown-fields']
        ? new PreservedValue(json)
        : new CelError(
            `invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ${schema.type ?? ''}`,
          );
  }
}

/** As Go names what JSON it has. */
function goType(json: unknown): string {
  if (typeof json === 'string') return 'string';
  if (typeof json === 'boolean') return 'bool';
  if (typeof json === 'number') return Number.isInteger(json) ? 'int64' : 'float64';
  return Array.isArray(json) ? '[]interface {}' : 'map[string]interface {}';
}

const wrongType = (expected: string, json: unknown): CelError =>
  new CelError(`invalid data, expected ${expected}, got ${goType(json)}`);

function listValue(json: unknown, schema: CelSchema): Value {
  if (!Array.isArray(json))
    return new CelError('invalid data, expected an array for the provided schema with type=array');
  const { items } = schema;
  if (!items) return new CelError('invalid array type, expected Items with a non-empty Schema');
  const read = (item: unknown): Value => valueOfSchema(item, items);
  return new SchemaList(
    json,
    read,
    schema['x-kubernetes-list-type'] ?? 'atomic',
    schema['x-kubernetes-list-map-keys'] ?? [],
  );
}

function textValue(json: unknown, { format }: CelSchema): Value {
  if (typeof json !== 'string') return wrongType('string', json);
  switch (format) {
    case 'duration':
      return durationValue(json);
    case 'date':
      return dateValue(json);
    case 'date-time':
      return dateTimeValue(json);
    case 'byte':
      return bytesValue(json);
    default:
      return json;
  }
}

/** An object with declared fields, or a map; what is not declared is not seen. */
class SchemaMap extends CelMap {
  readonly json: JSONObject;
  readonly #schema: CelSchema;
  readonly #values: CelSchema | undefined;

  constructor(json: JSONObject, schema: CelSchema) {
    super();
    this.json = json;
    this.#schema = schema;
    this.#values = schema.properties ? undefined : additionalSchema(schema);
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  #schemaOf(name: string): CelSchema | undefined {
    const { properties } = this.#schema;
    if (!properties) return this.#values;
    return Object.hasOwn(properties, name) ? properties[name] : undefined;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload();
    const name = this.#schema.properties ? unescapeName(key) : key;
    if (name === undefined || !Object.hasOwn(this.json, name)) return undefined;
    const value = this.json[name];
    if (this.#schema.properties && (value === null || value === undefined)) return undefined;
    const schema = this.#schemaOf(name);
    return schema && valueOfSchema(value, schema);
  }

  override keys(): Value[] {
    const declared = Object.keys(this.json).filter((name) => this.#schemaOf(name));
    return this.#schema.properties ? declared.map((name) => escapeName(name) ?? name) : declared;
  }

  /** What is not declared must be the same too. */
  equalTo(other: Value): boolean | CelError {
    if (!(other instanceof CelMap)) return noSuchOverload();
    if (this.size !== other.size) return false;
    for (const [name, json] of Object.entries(this.json)) {
      if (!this.#schemaOf(name)) {
        if (!(other instanceof SchemaMap)) return noSuchOverload();
        if (Object.hasOwn(other.json, name) && !sameJSON(json, other.json[name])) return false;
        continue;
      }
      const value = this.get(name);
      const theirs = other.get(name);
      if ((value === undefined) !== (theirs === undefined)) return false;
      const same = value === undefined || equal(value, theirs!);
      if (same !== true) return same;
    }
    return true;
  }
}

/** What is kept although nothing is declared of it: it can be compared, and nothing else. */
class PreservedValue extends CelObject {
  readonly type = DYN;
  readonly #json: unknown;
  constructor(json: unknown) {
    super();
    this.#json = json;
  }

  override equals(other: Value): boolean | CelError {
    if (other instanceof PreservedValue) return sameJSON(this.#json, other.#json);
    return equal(valueOfJSON(this.#json), other);
  }
}
