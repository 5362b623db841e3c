/** What elements and entries are looked up by. Others are told by their type in cel-go: interpreter/attributes.go. */
import { runtimeType } from './runtime-type.ts';
import { typeName } from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  type Value,
} from './value.ts';

export const isKey = (key: Value): boolean => typeof key !== 'object' || key instanceof CelUint;

/** @param isAttribute Of a variable or what is inside it, which is taken out of its wrapper. */
export const noKey = (key: Value, isAttribute = false): CelError =>
  new CelError(`invalid qualifier type: ${key === null && isAttribute ? '<nil>' : goType(key)}`);

function goType(key: Value): string {
  if (key === null) return 'types.Null';
  if (key instanceof CelBytes) return 'types.Bytes';
  if (key instanceof CelList) return '*types.baseList';
  if (key instanceof CelMap) return '*types.baseMap';
  if (key instanceof CelDuration) return 'types.Duration';
  if (key instanceof CelTimestamp) return 'types.Timestamp';
  if (key instanceof CelOptional) return '*types.Optional';
  return typeName(runtimeType(key));
}
