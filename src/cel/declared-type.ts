/**
 * Schemas as types of CEL, with how large what they describe may be. Models SchemaDeclType in k8s.io/apiserver's pkg/cel/common/schemas.go
 * and DeclType in its pkg/cel/types.go.
 */
import type { TypeProvider } from './environment.ts';
import { escapedKeyword, escapeName } from './escaping.ts';
import { additionalSchema, asResource, type CelSchema } from './schema.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  STRING,
  struct,
  TIMESTAMP,
  type Type,
} from './type.ts';
import { CelError } from './value.ts';

/** No request's body is longer, in bytes. */
const REQUEST_BYTES = 3 * 1024 * 1024;
const REQUEST_TEXT = REQUEST_BYTES - 2;
const DURATION_TEXT = 32;
const DURATION_SIZE = 3;
const DATE_TIME_TEXT = 32;
const DATE_TIME_SIZE = 21;
const DATE = 12;
const TEXT_SIZE = 2;
const BOOL_SIZE = 4;
/** Quotes, a colon and a comma beside a key and its value. */
const ENTRY = 6;

export interface DeclaredType {
  type: Type;
  /** How many characters, elements or entries it has at most; 0: it has no such size. */
  maxElements: number;
  /** The fewest bytes that it takes as JSON. */
  minSize: number;
  /** What a list or map contains. */
  element?: DeclaredType;
  key?: DeclaredType;
  /** Of what contains others: from it the names of the types of all in it are made. */
  name?: string;
  /** By the names that an expression writes. */
  fields?: ReadonlyMap<string, DeclaredType>;
}

const simple = (type: Type, minSize: number, maxElements = 0): DeclaredType => ({ type, minSize, maxElements });
const KEY = simple(STRING, TEXT_SIZE);

/**
 * The type of what a schema describes; undefined: it can't be told. `root`: it is a whole resource. `name`: of its type, from which
 * the names of all in it are made.
 */
export function declareSchema(schema: CelSchema, root: boolean, name: string): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string']) return simple(DYN, 1, textLength(schema) ?? REQUEST_TEXT);
  const whole = root ? asResource(schema) : schema;
  switch (whole.type) {
    case 'array':
      return declareList(whole, name);
    case 'object':
      return declareObject(whole, name);
    case 'string':
      return declareText(whole);
    case 'boolean':
      return simple(BOOL, BOOL_SIZE);
    case 'number':
      return simple(DOUBLE, 1);
    case 'integer':
      return simple(INT, 1);
    default:
      return undefined;
  }
}

const isEmbedded = (schema: CelSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;
const atLeastZero = (value: number): number => Math.max(0, value);
/** A character may take four bytes. */
const textLength = ({ maxLength }: CelSchema): number | undefined =>
  maxLength === undefined ? undefined : atLeastZero(maxLength) * 4;

function declareList({ items, maxItems }: CelSchema, name: string): DeclaredType | undefined {
  const element = items && declareSchema(items, isEmbedded(items), `${name}.@idx`);
  if (!element) return undefined;
  const most = Math.floor((REQUEST_BYTES - 2) / (element.minSize + 1));
  const maxElements = maxItems === undefined ? most : atLeastZero(maxItems);
  return { type: listOf(element.type), minSize: TEXT_SIZE, maxElements, element, name };
}

function declareObject(schema: CelSchema, name: string): DeclaredType | undefined {
  const values = additionalSchema(schema);
  if (!values) return declareFields(schema, name);
  const element = declareSchema(values, isEmbedded(values), `${name}.@elem`);
  if (!element) return undefined;
  const most = Math.floor((REQUEST_BYTES - 2) / (element.minSize + ENTRY));
  const maxElements = schema.maxProperties === undefined ? most : atLeastZero(schema.maxProperties);
  return { type: mapOf(STRING, element.type), minSize: TEXT_SIZE, maxElements, key: KEY, element, name };
}

function declareFields({ properties = {}, required = [] }: CelSchema, name: string): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  const needed = new Set(required);
  let minSize = TEXT_SIZE;
  for (const [field, schema] of Object.entries(properties)) {
    const escaped = escapeName(field);
    const type = declareSchema(schema, isEmbedded(schema), `${name}.${escaped ?? field}`);
    if (!type) continue;
    if (escaped !== undefined) fields.set(escaped, type);
    if (needed.has(field) && schema.default === undefined) minSize += field.length + type.minSize + 4;
  }
  return { type: struct(name), minSize, maxElements: 0, fields, name };
}

function declareText(schema: CelSchema): DeclaredType {
  switch (schema.format) {
    case 'byte':
      return simple(BYTES, TEXT_SIZE, schema.maxLength === undefined ? REQUEST_TEXT : atLeastZero(schema.maxLength));
    case 'duration':
      return simple(DURATION, DURATION_SIZE, DURATION_TEXT);
    case 'date':
      return simple(TIMESTAMP, DATE, DATE);
    case 'date-time':
      return simple(TIMESTAMP, DATE_TIME_SIZE, DATE_TIME_TEXT);
    default:
      return simple(STRING, TEXT_SIZE, textLength(schema) ?? enumLength(schema) ?? REQUEST_TEXT);
  }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function enumLength({ enum: values }: CelSchema): number | undefined {
  if (!values?.length) return undefined;
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? byteLength(value) : 0)));
}

/** The types of objects within a declared one, for an environment. */
export function declaredTypes(declared: DeclaredType): TypeProvider {
  const structs = new Map<string, DeclaredType | undefined>();
  const structOf = (name: string): DeclaredType | undefined => {
    if (!structs.has(name)) structs.set(name, findStruct(declared, name));
    return structs.get(name);
  };
  return {
    find: (name) => structOf(name)?.type,
    field: (name, field) => {
      const fields = structOf(name)?.fields;
      const keyword = escapedKeyword(field);
      return (fields?.get(field) ?? (keyword === undefined ? undefined : fields?.get(keyword)))?.type;
    },
    construct: (name) => new CelError(`unknown type '${name}'`),
  };
}

/** By the path that its name is: there is much in a schema, and little of it in an expression. */
function findStruct(declared: DeclaredType, name: string): DeclaredType | undefined {
  const { name: from } = declared;
  if (from === undefined || (name !== from && !name.startsWith(`${from}.`))) return undefined;
  let at: DeclaredType | undefined = declared;
  for (const part of name.slice(from.length).split('.').slice(1))
    at = part === '@idx' || part === '@elem' ? at?.element : at?.fields?.get(part);
  return at?.type.kind === 'struct' ? at : undefined;
}

/** What is declared of a field, or of all that a list or map contains; undefined: nothing is, under the name that an expression writes. */
export const declaredField = ({ fields }: DeclaredType, field: string): DeclaredType | undefined => {
  const escaped = escapeName(field);
  return escaped === undefined ? undefined : fields?.get(escaped);
};

/** How large the part of a variable is at most: `path` leads to it from the variable, whose own name comes first. */
export const declaredSizeOf =
  (declared: DeclaredType) =>
  (path: readonly string[]): bigint | undefined => {
    let at: DeclaredType | undefined = declared;
    for (const part of path.slice(1)) {
      if (part === '@items' || part === '@values') at = at.element;
      else at = part === '@keys' ? at.key : at.fields?.get(part);
      if (!at) return undefined;
    }
    return BigInt(at.maxElements);
  };

/** How often a rule on something of this size may be evaluated for one object. */
export const maxCardinality = (minSize: number): bigint => BigInt(Math.floor(REQUEST_BYTES / (minSize + 1)));
