/** Values that may be missing. Source: cel-go's cel/library.go. */
import type { FunctionTable } from '../declarations.ts';
import {
  ArrayList,
  CelBytes,
  CelDuration,
  CelError,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  NONE,
  noSuchOverload,
  type Value,
} from '../value.ts';
import { describeValue } from '../value-text.ts';

const YEAR_ONE_NANOS = -62_135_596_800n * 1_000_000_000n;

/** Whether it is what is there when nothing was said. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelBytes) return value.bytes.length === 0;
  if (value instanceof CelDuration) return value.nanos === 0n;
  if (value instanceof CelTimestamp) return value.nanos === YEAR_ONE_NANOS;
  return value instanceof CelOptional && value.value === undefined;
}

const dereference = (optional: CelOptional): Value =>
  optional.value === undefined ? new CelError('optional.none() dereference') : optional.value;

function unwrap(list: CelList): Value {
  const values: Value[] = [];
  for (let i = 0; i < list.size; i++) {
    const value = list.get(i);
    if (!(value instanceof CelOptional)) return new CelError(`value ${describeValue(value)} is not optional`);
    if (value.value !== undefined) values.push(value.value);
  }
  return new ArrayList(values);
}

/** What the evaluator does by itself, as it does not look at all arguments. */
const notCalled = (): Value => noSuchOverload();

export const OPTIONAL: FunctionTable = {
  'optional.of': [['optional_of', '(V) -> optional(V)', (value: Value) => new CelOptional(value)]],
  'optional.ofNonZeroValue': [
    [
      'optional_ofNonZeroValue',
      '(V) -> optional(V)',
      (value: Value) => (isZero(value) ? NONE : new CelOptional(value)),
    ],
  ],
  'optional.none': [['optional_none', '() -> optional(V)', () => NONE]],
  'optional.unwrap': [['optional_unwrap', '(list(optional(V))) -> list(V)', unwrap]],
  unwrapOpt: [['optional_unwrapOpt', 'list(optional(V)).() -> list(V)', unwrap]],
  value: [['optional_value', 'optional(V).() -> V', dereference]],
  hasValue: [['optional_hasValue', 'optional(V).() -> bool', (optional: CelOptional) => optional.value !== undefined]],
  or: [['optional_or_optional', 'optional(V).(optional(V)) -> optional(V)', notCalled]],
  orValue: [['optional_orValue_value', 'optional(V).(V) -> V', notCalled]],
  '_[?_]': [
    ['list_optindex_optional_int', '(list(V), int) -> optional(V)', notCalled],
    ['optional_list_optindex_optional_int', '(optional(list(V)), int) -> optional(V)', notCalled],
    ['map_optindex_optional_value', '(map(K, V), K) -> optional(V)', notCalled],
    ['optional_map_optindex_optional_value', '(optional(map(K, V)), K) -> optional(V)', notCalled],
  ],
  first: [
    [
      'list_first',
      'list(V).() -> optional(V)',
      (list: CelList) => (list.size === 0 ? NONE : new CelOptional(list.get(0))),
    ],
  ],
  last: [
    [
      'list_last',
      'list(V).() -> optional(V)',
      (list: CelList) => (list.size === 0 ? NONE : new CelOptional(list.get(list.size - 1))),
    ],
  ],
};
