/** What an expression may name: variables, functions, and types with fields. */
import type { FunctionDeclaration } from './declarations.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  optionalOf,
  STRING,
  TIMESTAMP,
  TYPE,
  type Type,
  typeOfType,
  UINT,
} from './type.ts';
import type { CelError, Value } from './value.ts';

/** Types of objects, by name: their fields, and how an expression makes one. */
export interface TypeProvider {
  /** Undefined: there is no type of that name. */
  find(name: string): Type | undefined;
  /** The type of a field; undefined: the type has no such field. */
  field(typeName: string, field: string): Type | undefined;
  /** `Name{field: value}`. */
  construct(typeName: string, fields: Map<string, Value>): Value | CelError;
}

export interface Environment {
  variables: ReadonlyMap<string, Type>;
  functions: ReadonlyMap<string, FunctionDeclaration>;
  types: readonly TypeProvider[];
}

/** Names that stand for types. */
export const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ['bool', BOOL],
  ['bytes', BYTES],
  ['double', DOUBLE],
  ['google.protobuf.Duration', DURATION],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['int', INT],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['net.CIDR', opaque('net.CIDR')],
  ['net.IP', opaque('net.IP')],
  ['null_type', NULL],
  ['optional_type', optionalOf(DYN)],
  ['string', STRING],
  ['type', TYPE],
  ['uint', UINT],
]);

/** The type of objects that a name stands for. */
export function findStruct(environment: Environment, name: string): Type | undefined {
  for (const provider of environment.types) {
    const type = provider.find(name);
    if (type) return type;
  }
  return undefined;
}

/** The type of a field of an object, or what is wrong. */
export function findField(environment: Environment, typeName: string, field: string): Type | string {
  const provider = environment.types.find((types) => types.find(typeName));
  // Types of libraries have no fields at all.
  if (!provider) return `unexpected failed resolution of '${typeName}'`;
  return provider.field(typeName, field) ?? `undefined field '${field}'`;
}

/** What a global name stands for: a variable, or a type. */
export function findGlobal(environment: Environment, name: string): { type: Type; value?: Type } | undefined {
  const variable = environment.variables.get(name);
  if (variable) return { type: variable };
  const named = TYPE_NAMES.get(name) ?? findStruct(environment, name);
  return named && { type: typeOfType(named), value: named };
}
