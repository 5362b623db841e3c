/**
 * What a call costs when it is made: 1, or by the sizes of what it looks at. Models CallCost in k8s.io/apiserver's
 * pkg/cel/library/cost.go, cel-go's interpreter/runtimecost.go, and the trackers of cel-go's ext/lists.go and ext/sets.go.
 */
import { costSize } from './compare.ts';
import { CelBytes, CelError, CelList, CelMap, CelObject, type Value } from './value.ts';

/** Always the same, or by the arguments, or by the result. What is known before a call is charged before it. */
export type CallCost = number | ArgumentsCost | ResultCost;
type ArgumentsCost = (args: readonly Value[]) => number;

export class ResultCost {
  readonly of: (result: Value) => number;
  constructor(of: (result: Value) => number) {
    this.of = of;
  }
}

export const STRING_FACTOR = 0.1;
export const REGEX_FACTOR = 0.25;
export const AUTHORIZER_CHECK_COST = 350_000;
export const LIST_BASE = 10;
/** A selector of labels or fields: for each requirement a list and an object. */
export const SELECTOR_BASE = 10;
export const REQUIREMENTS_PER_CHARACTER = 0.5;
export const REQUIREMENT_COST = 50;

const traversed = (size: number, factor = STRING_FACTOR): number => Math.ceil(size * factor);
const first =
  (factor = STRING_FACTOR): CallCost =>
  ([value]) =>
    traversed(costSize(value!), factor);

const smaller: ArgumentsCost = ([a, b]) => {
  const size = costSize(a!);
  const other = costSize(b!);
  return traversed(Math.min(size, other));
};
const together: CallCost = ([a, b]) => traversed(costSize(a!) + costSize(b!));
const product: CallCost = ([a, b]) => traversed(costSize(a!)) * traversed(costSize(b!));
const regex: CallCost = ([text, pattern]) =>
  traversed(1 + costSize(text!)) * traversed(costSize(pattern!), REGEX_FACTOR);
const elements: CallCost = ([list]) => traversal(list!);

/** What it takes to go through all that a value contains. */
function traversal(value: Value): number {
  if (typeof value === 'string') return Math.trunc(new TextEncoder().encode(value).length * STRING_FACTOR);
  if (value instanceof CelBytes) return Math.trunc(value.bytes.length * STRING_FACTOR);
  let cost = 0;
  if (value instanceof CelList) {
    for (let i = 0; i < value.size; i++) cost += traversal(value.get(i));
    return cost;
  }
  if (!(value instanceof CelMap)) return 1;
  for (const key of value.keys()) cost += traversal(key) + traversal(value.get(key)!);
  return cost;
}

const selector: CallCost = ([, text]) => {
  const size = costSize(text!);
  const requirements = traversed(traversed(size, REQUIREMENTS_PER_CHARACTER), REQUIREMENT_COST);
  return SELECTOR_BASE + traversed(size) + requirements;
};

const containsIP =
  (isText: boolean): CallCost =>
  ([cidr, other]) =>
    traversed(2 * costSize(cidr!)) + (isText ? traversed(costSize(other!)) : 0);

const containsCIDR =
  (isText: boolean): CallCost =>
  ([cidr, other]) => {
    const size = costSize(cidr!);
    return traversed(2 * size) + traversed(size) + 1 + (isText ? traversed(costSize(other!)) : 0);
  };

/** The cost of a format's regular expression, which it knows itself. */
export interface HasRegexSize {
  regexSize: number;
}

const validate: CallCost = ([format, text]) =>
  format instanceof CelError
    ? 1
    : traversed(1 + costSize(text!)) * traversed((format as unknown as HasRegexSize).regexSize, REGEX_FACTOR);

const equality: CallCost = (args) => (args[0] instanceof CelObject ? 1 : smaller(args));

/** By the name of the function, as Kubernetes counts. */
const BY_FUNCTION: Record<string, CallCost> = {
  check: AUTHORIZER_CHECK_COST,
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: elements,
  sum: elements,
  max: elements,
  min: elements,
  indexOf: elements,
  lastIndexOf: elements,
  includes: elements,
  url: first(),
  lowerAscii: first(),
  upperAscii: first(),
  substring: first(),
  trim: first(),
  'jsonpatch.escapeKey': first(),
  replace: first(2 * STRING_FACTOR),
  split: first(2 * STRING_FACTOR),
  join: new ResultCost((result) => traversed(costSize(result), 2 * STRING_FACTOR)),
  find: regex,
  findAll: regex,
  cidr: first(),
  isIP: first(),
  isCIDR: first(),
  'ip.isCanonical': first(2 * STRING_FACTOR),
  quantity: first(),
  isQuantity: first(),
  semver: first(),
  isSemver: first(),
  validate,
  '_==_': equality,
};

const allocated = (size: number, factor: number): number => Math.trunc(size * factor) + 1 + LIST_BASE;
const output = new ResultCost((result) => allocated(costSize(result), 1));
const selfCompared =
  (index: number): CallCost =>
  (args) => {
    const list = args[index];
    if (!(list instanceof CelList)) return 1;
    const element = list.size > 0 ? list.get(0) : undefined;
    const factor = typeof element === 'string' || element instanceof CelBytes ? 2 + STRING_FACTOR : 2;
    return allocated(list.size * list.size, factor);
  };
const flattened: CallCost = ([list, depth]) => {
  const levels = typeof depth === 'bigint' ? Number(depth) : 1;
  return allocated(costSize(list!), levels < 0 ? 1 : levels);
};
const sets =
  (factor: number): CallCost =>
  ([a, b]) =>
    1 + costSize(a!) * costSize(b!) * factor;

/** By the overload: these count before the table of functions. */
const TRACKED: Record<string, CallCost> = {
  list_slice: output,
  list_flatten: flattened,
  list_flatten_int: flattened,
  lists_range: output,
  list_reverse: output,
  list_distinct: selfCompared(0),
  list_sets_contains_list: sets(1),
  list_sets_intersects_list: sets(1),
  list_sets_equivalent_list: sets(2),
};

/** By the overload: these count after the table of functions. */
const BY_OVERLOAD: Record<string, CallCost> = {
  starts_with_string: ([, part]) => traversed(costSize(part!)),
  ends_with_string: ([, part]) => traversed(costSize(part!)),
  string_to_bytes: first(),
  bytes_to_string: first(),
  strings_quote: first(),
  string_format: first(),
  in_list: ([, list]) => costSize(list!),
  add_string: together,
  add_bytes: together,
  matches: regex,
  matches_string: regex,
  contains_string: product,
  equals: smaller,
  not_equals: smaller,
  cidr_contains_ip_string: containsIP(true),
  cidr_contains_ip_ip: containsIP(false),
  cidr_contains_cidr_string: containsCIDR(true),
  cidr_contains_cidr: containsCIDR(false),
  string_to_ip: first(),
};
for (const operator of ['less', 'less_equals', 'greater', 'greater_equals'])
  for (const type of ['string', 'bytes']) BY_OVERLOAD[`${operator}_${type}`] = smaller;

/** `overload` is empty where it is not known before which one it will be. */
export function runtimeCost(name: string, overload: string): CallCost {
  const tracked = TRACKED[overload];
  if (tracked !== undefined) return tracked;
  if (/^list_.*_sort$/.test(overload)) return selfCompared(0);
  if (/^list_.*_sortByAssociatedKeys$/.test(overload)) return selfCompared(1);
  return BY_FUNCTION[name] ?? BY_OVERLOAD[overload] ?? 1;
}
