/** Functions on lists, Kubernetes' own and cel-go's. Source: k8s.io/apiserver's pkg/cel/library/lists.go, cel-go's ext/lists.go. */
import { add } from '../arithmetic.ts';
import { checkElements } from '../budget.ts';
import { compare, equal } from '../compare.ts';
import type { FunctionTable, OverloadRow } from '../declarations.ts';
import { hasMethods, runtimeType } from '../runtime-type.ts';
import { typeName } from '../type.ts';
import { ArrayList, CelDuration, CelError, CelList, CelUint, noSuchOverload, type Value } from '../value.ts';

/** At most so many numbers of `lists.range`. */
export const MAX_RANGE = 1_000_000n;

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

const forEachType = (types: string[], row: (type: string) => OverloadRow): OverloadRow[] => types.map(row);

/** What a list is copied for costs as much as it has elements. Throws `BudgetExceeded`. */
function items(list: CelList): Value[] {
  checkElements(list.size * COPY_FACTOR);
  return Array.from({ length: list.size }, (_, index) => list.get(index));
}

/** Copies are that much shorter than lists may be. */
const COPY_FACTOR = 10;

function isSorted(list: CelList): Value {
  for (let i = 1; i < list.size; i++) {
    const order = compare(list.get(i - 1), list.get(i));
    if (typeof order === 'number' && order > 0) return false;
  }
  return true;
}

function sum(list: CelList, zero: Value): Value {
  let total = zero;
  for (let i = 0; i < list.size; i++) {
    total = add(total, list.get(i));
    // What has no sum can't be added to either.
    if (total instanceof CelError) return total;
  }
  return total;
}

const ZEROS: Record<string, Value> = {
  int: 0n,
  uint: new CelUint(0n),
  double: 0,
  duration: new CelDuration(0n),
};

/** The first that comes before (-1) or after (1) all others. */
const extreme =
  (name: string, sign: number) =>
  (list: CelList): Value => {
    if (list.size === 0) return new CelError(`${name} called on empty list`);
    let best = list.get(0);
    for (let i = 1; i < list.size; i++) {
      const order = compare(best, list.get(i));
      if (typeof order === 'number' && Math.sign(order) === -sign) best = list.get(i);
    }
    return best;
  };

function indexOf(list: CelList, element: Value): Value {
  for (let i = 0; i < list.size; i++) if (equal(list.get(i), element) === true) return BigInt(i);
  return -1n;
}

function lastIndexOf(list: CelList, element: Value): Value {
  for (let i = list.size - 1; i >= 0; i--) if (equal(list.get(i), element) === true) return BigInt(i);
  return -1n;
}

/** On a list whether it has the element, and on anything else whether it is that. */
function includes(target: Value, element: Value): Value {
  if (target instanceof CelList) return indexOf(target, element) !== -1n;
  return equal(target, element) === true;
}

/** What Kubernetes adds. */
export const KUBERNETES_LISTS: FunctionTable = {
  isSorted: forEachType(COMPARABLE, (type) => [`list_${type}_is_sorted_bool`, `list(${type}).() -> bool`, isSorted]),
  sum: forEachType(['int', 'uint', 'double', 'duration'], (type) => [
    `list_${type}_sum_${type}`,
    `list(${type}).() -> ${type}`,
    (list: CelList) => sum(list, ZEROS[type]!),
  ]),
  max: forEachType(COMPARABLE, (type) => [
    `list_${type}_max_${type}`,
    `list(${type}).() -> ${type}`,
    extreme('max', 1),
  ]),
  min: forEachType(COMPARABLE, (type) => [
    `list_${type}_min_${type}`,
    `list(${type}).() -> ${type}`,
    extreme('min', -1),
  ]),
  indexOf: [['list_a_index_of_int', 'list(A).(A) -> int', indexOf]],
  lastIndexOf: [['list_a_last_index_of_int', 'list(A).(A) -> int', lastIndexOf]],
  includes: [['list_includes_dyn_dyn', 'dyn.(dyn) -> bool', includes]],
};

function slice(list: CelList, start: bigint, end: bigint): Value {
  const refuse = (why: string): CelError => new CelError(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0n || end < 0n) return refuse('negative indexes not supported');
  if (start > end) return refuse('start index must be less than or equal to end index');
  if (BigInt(list.size) < end) return refuse(`list is length ${list.size}`);
  const length = Number(end - start);
  checkElements(length * COPY_FACTOR);
  return new ArrayList(Array.from({ length }, (_, index) => list.get(Number(start) + index)));
}

function flatten(list: Value, ...depths: Value[]): Value {
  const [depth = 1n] = depths;
  if (!(list instanceof CelList && typeof depth === 'bigint'))
    return new CelError(`no such overload: ${nameOfType(list)}.flatten(${depths.map(nameOfType).join(', ')})`);
  if (depth < 0n) return new CelError('level must be non-negative');
  const flat: Value[] = [];
  const visit = (part: CelList, left: bigint): void => {
    checkElements((flat.length + part.size) * COPY_FACTOR);
    for (let i = 0; i < part.size; i++) {
      const element = part.get(i);
      if (left > 0n && element instanceof CelList) visit(element, left - 1n);
      else flat.push(element);
    }
  };
  visit(list, depth);
  return new ArrayList(flat);
}

function range(size: bigint): Value {
  if (size < 0n) return new CelError(`lists.range: size must be non-negative, got ${size}`);
  if (size > MAX_RANGE) return new CelError(`lists.range: size ${size} exceeds maximum allowed (${MAX_RANGE})`);
  return new ArrayList(Array.from({ length: Number(size) }, (_, index) => BigInt(index)));
}

function distinct(list: CelList): Value {
  const unique: Value[] = [];
  const plain = new Set<Value>();
  for (const item of items(list)) {
    const simple = typeof item === 'string' || typeof item === 'bigint' || typeof item === 'boolean';
    if (simple && plain.has(item)) continue;
    if (unique.some((other) => (!simple || typeof other !== typeof item) && equal(item, other) === true)) continue;
    if (simple) plain.add(item);
    unique.push(item);
  }
  return new ArrayList(unique);
}

const nameOfType = (value: Value): string => typeName(runtimeType(value));

/** Values with methods of their own do not tell the name of what they have not. */
const notOfLists = (name: string, value: Value): CelError =>
  hasMethods(value) ? noSuchOverload() : new CelError(`no such overload: ${name}`);

const sorted = (list: Value): Value => (list instanceof CelList ? sortByKeys(list, list) : notOfLists('sort', list));

function sortByKeys(list: Value, keys: Value): Value {
  if (!(list instanceof CelList)) return notOfLists('@sortByAssociatedKeys', list);
  if (!(keys instanceof CelList)) return noSuchOverload();
  if (list.size !== keys.size)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  if (list.size === 0) return list;
  const values = items(keys);
  const first = runtimeType(values[0]!);
  if (compare(values[0]!, values[0]!) instanceof CelError && !Number.isNaN(values[0]))
    return new CelError('list elements must be comparable');
  if (values.length > 1 && values.some((value) => runtimeType(value) !== first))
    return new CelError('list elements must have the same type');
  const order = values.map((_, index) => index);
  order.sort((a, b) => {
    const compared = compare(values[a]!, values[b]!);
    return typeof compared === 'number' ? compared : 0;
  });
  return new ArrayList(order.map((index) => list.get(index)));
}

/** cel-go's types by the names that its overloads have. */
const NAMES: Record<string, string> = {
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
};
const SORTABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];

export const LISTS: FunctionTable = {
  slice: [['list_slice', 'list(T).(int, int) -> list(T)', slice]],
  flatten: [
    ['list_flatten', 'list(list(T)).() -> list(T)', flatten],
    ['list_flatten_int', 'list(dyn).(int) -> list(dyn)', flatten],
  ],
  sort: forEachType(SORTABLE, (type) => [
    `list_${NAMES[type] ?? type}_sort`,
    `list(${type}).() -> list(${type})`,
    sorted,
  ]),
  '@sortByAssociatedKeys': forEachType(SORTABLE, (type) => [
    `list_${NAMES[type] ?? type}_sortByAssociatedKeys`,
    `list(T).(list(${type})) -> list(T)`,
    sortByKeys,
  ]),
  'lists.range': [['lists_range', '(int) -> list(int)', range]],
  reverse: [['list_reverse', 'list(T).() -> list(T)', (list: CelList) => new ArrayList(items(list).reverse())]],
  distinct: [['list_distinct', 'list(T).() -> list(T)', distinct]],
};

function containsAll(list: CelList, part: CelList): Value {
  for (let i = 0; i < part.size; i++) if (!hasElement(list, part.get(i))) return false;
  return true;
}

const hasElement = (list: CelList, element: Value): boolean => indexOf(list, element) !== -1n;

/** Lists of which only counts what is in them. Source: cel-go's ext/sets.go. */
export const SETS: FunctionTable = {
  'sets.contains': [['list_sets_contains_list', '(list(T), list(T)) -> bool', containsAll]],
  'sets.equivalent': [
    [
      'list_sets_equivalent_list',
      '(list(T), list(T)) -> bool',
      (a: CelList, b: CelList) => containsAll(a, b) === true && containsAll(b, a) === true,
    ],
  ],
  'sets.intersects': [
    [
      'list_sets_intersects_list',
      '(list(T), list(T)) -> bool',
      (a: CelList, b: CelList) => items(a).some((element) => hasElement(b, element)),
    ],
  ],
};
