/** What Go prints for fields: which are left out when empty, and how a value that nobody set looks. */

import type { Field, Scalar, Struct, Type } from '../../catalog/schema.ts';
import type { KubeObject } from '../../objects/object.ts';

/** Puts a decoded value where Go would print it; `undefined` is nil or the zero value. */
export function print(result: Record<string, unknown>, field: Field, value: unknown): void {
  if (value === undefined) {
    printEmpty(result, field);
    return;
  }
  if (field.omit && !field.type.pointer && isEmpty(field.type, value)) return;
  if (!field.type.pointer && isEmptyCollection(field.type, value)) result[field.name] = null;
  else result[field.name] = value === EMPTY_MAP ? {} : value;
}

/** A decoded map without keys. Telling by its keys whether a map has any takes as long as the map is. */
export const EMPTY_MAP: Record<string, unknown> = Object.freeze({});

const isEmptyCollection = (type: Type, value: unknown): boolean =>
  value === EMPTY_MAP || (type.form === 'list' && (value as unknown[]).length === 0);

function isEmpty(type: Type, value: unknown): boolean {
  if (type.form === 'struct') return false;
  if (type.form !== 'scalar') return isEmptyCollection(type, value);
  return (value === '' || value === 0 || value === false) && type.scalar !== 'IntOrString';
}

/** What Go prints for a field that nobody set. */
export function printEmpty(result: Record<string, unknown>, field: Field): void {
  const { type, omit } = field;
  if (type.pointer) {
    if (!omit) result[field.name] = null;
    return;
  }
  if (omit === 'zero' || (omit && !isStructInGo(type))) return;
  result[field.name] = zeroOf(type);
}

/** Scalars that are structs in Go: `omitempty` does not leave them out. */
const STRUCT_SCALARS = new Set<Scalar>([
  'Time',
  'MicroTime',
  'Duration',
  'Quantity',
  'IntOrString',
  'FieldsV1',
  'RawExtension',
  'JSON',
]);

const isStructInGo = (type: Type): boolean =>
  type.form === 'struct' || (type.form === 'scalar' && STRUCT_SCALARS.has(type.scalar));

export function zeroStruct(struct: Struct): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of struct.fields) printEmpty(result, field);
  return result;
}

/** The object that Go makes of nothing. */
export const emptyObject = (struct: Struct): KubeObject => zeroStruct(struct) as unknown as KubeObject;

export function zeroOf(type: Type): unknown {
  if (type.pointer || type.form === 'list' || type.form === 'map') return null;
  if (type.form === 'struct') return zeroStruct(type.struct);
  switch (type.scalar) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    case 'Duration':
      return '0s';
    default:
      return null;
  }
}
