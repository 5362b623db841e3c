/** What type a value is of while an expression is evaluated, when what lists and maps contain is not asked for. */
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  ERROR,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  TYPE,
  type Type,
  UINT,
} from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelList,
  CelMap,
  CelObject,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  type Value,
} from './value.ts';

const LIST = listOf(DYN);
const MAP = mapOf(DYN, DYN);
const OPTIONAL = optionalOf(DYN);

export function runtimeType(value: Value): Type {
  switch (typeof value) {
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    case 'boolean':
      return BOOL;
    default:
      return value === null ? NULL : classType(value);
  }
}

function classType(value: object): Type {
  if (value instanceof CelList) return LIST;
  if (value instanceof CelMap) return MAP;
  if (value instanceof CelUint) return UINT;
  if (value instanceof CelBytes) return BYTES;
  if (value instanceof CelDuration) return DURATION;
  if (value instanceof CelTimestamp) return TIMESTAMP;
  if (value instanceof CelType) return TYPE;
  if (value instanceof CelOptional) return OPTIONAL;
  if (value instanceof CelObject) return value.type;
  return ERROR;
}

const WITH_METHODS = new Set(['string', 'timestamp', 'duration']);

/** Whether a value has methods of its own, to which an operator that is none for it is passed on. */
export const hasMethods = (value: Value): boolean => WITH_METHODS.has(runtimeType(value).kind);

const isOpen = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'parameter' || kind === 'error';

/** Whether a value may stand where a type is declared; of lists and maps the first element is looked at. */
export function fits(type: Type, value: Value): boolean {
  if (isOpen(type)) return true;
  const actual = runtimeType(value);
  if (type.kind !== actual.kind || type.name !== actual.name) return false;
  if (type.params.every(isOpen)) return true;
  if (value instanceof CelList) return value.size === 0 || fits(type.params[0]!, value.get(0));
  if (value instanceof CelMap) {
    const key = value.firstKey();
    return key === undefined || (fits(type.params[0]!, key) && fits(type.params[1]!, value.get(key)!));
  }
  if (value instanceof CelOptional) return value.value === undefined || fits(type.params[0]!, value.value);
  return true;
}
