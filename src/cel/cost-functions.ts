/**
 * What a call may cost, and how large its result may be, by the sizes of what it is called with. Models EstimateCallCost in
 * k8s.io/apiserver's pkg/cel/library/cost.go, and the estimators of cel-go's ext/lists.go and ext/sets.go.
 */
import type { Expr } from './ast.ts';
import { fixed, ONE, plus, type Range, scale, scaled, times } from './cost-range.ts';
import {
  AUTHORIZER_CHECK_COST,
  LIST_BASE,
  REGEX_FACTOR,
  REQUIREMENT_COST,
  REQUIREMENTS_PER_CHARACTER,
  SELECTOR_BASE,
  STRING_FACTOR,
} from './runtime-cost.ts';
import { sameType, type Type } from './type.ts';
import { MAX_UINT } from './value.ts';

/** A part of an expression, as what is estimated about it. */
export interface CostNode {
  expr: Expr | undefined;
  type: Type;
  /** Where in the variables it is; empty: it is computed. */
  path: readonly string[];
  size: Range;
}

export interface CallEstimate {
  cost: Range;
  /** Undefined: as large as its type says. */
  size?: Range;
}

export interface EstimatedCall {
  target: CostNode | undefined;
  args: readonly CostNode[];
  /** How large an element of a list may be; undefined: it is no list. */
  element: (list: CostNode) => CostNode | undefined;
}

type Estimate = (call: EstimatedCall) => CallEstimate | undefined;

const constant =
  (cost: number): Estimate =>
  () => ({ cost: fixed(cost) });

const selector: Estimate = ({ args: [text] }) => {
  if (!text) return undefined;
  const requirements = scaled(scaled(text.size, REQUIREMENTS_PER_CHARACTER), REQUIREMENT_COST);
  return { cost: plus(plus(fixed(SELECTOR_BASE), scaled(text.size, STRING_FACTOR)), requirements) };
};

const elements =
  (includes: boolean): Estimate =>
  ({ target, element }) => {
    if (!target) return undefined;
    const inner = element(target);
    if (!inner) return { cost: includes ? times(target.size, ONE) : scaled(target.size, STRING_FACTOR) };
    const isText = inner.type.kind === 'string' || inner.type.kind === 'bytes';
    return { cost: times(target.size, isText ? plus(ONE, scaled(inner.size, STRING_FACTOR)) : ONE) };
  };

/** A walk through a text; `keeps`: the result is as long. */
const walk =
  (of: 'target' | 'argument', factor: number, keeps: boolean): Estimate =>
  ({ target, args }) => {
    const text = of === 'target' ? target : args[0];
    if (!text) return undefined;
    return { cost: scaled(text.size, factor), ...(keeps ? { size: text.size } : {}) };
  };

const replace: Estimate = ({ target, args: [old, replacement] }) => {
  if (!target || !old || !replacement) return undefined;
  const most = replacements(target.size.max, old.size.min, replacement.size.max <= old.size.min);
  const least = replacements(target.size.min, old.size.max, old.size.max <= replacement.size.min);
  const count = { min: least.count, max: most.count };
  const size = plus(times(count, replacement.size), { min: least.kept, max: most.kept });
  return { cost: scaled(target.size, 2 * STRING_FACTOR), size };
};

/** How often something so long is found, and how much stays. */
function replacements(size: bigint, old: bigint, none: boolean): { count: bigint; kept: bigint } {
  if (old === 0n) return { count: size < MAX_UINT ? size + 1n : size, kept: size };
  if (none) return { count: 0n, kept: size };
  return { count: scale(size, 1 / Number(old)), kept: 0n };
}

const split: Estimate = ({ target, args }) => {
  if (!target) return undefined;
  const limit = args[1]?.expr?.kind === 'literal' ? args[1].expr.value : undefined;
  const max = typeof limit === 'bigint' ? BigInt.asUintN(64, limit) : target.size.max;
  return { cost: scaled(target.size, 2 * STRING_FACTOR), size: { min: 0n, max } };
};

const join: Estimate = ({ target, args: [separator], element }) => {
  if (!target) return undefined;
  const inner = element(target);
  let size = inner ? times(target.size, inner.size) : fixed(0);
  if (separator) {
    const less = (count: bigint): bigint => (count > 0n ? count - 1n : 0n);
    size = plus(size, times(separator.size, { min: less(target.size.min), max: less(target.size.max) }));
  }
  return { cost: scaled(size, STRING_FACTOR), size };
};

const find: Estimate = ({ target, args: [pattern] }) => {
  if (!target || !pattern) return undefined;
  const cost = times(scaled(plus(target.size, ONE), STRING_FACTOR), scaled(pattern.size, REGEX_FACTOR));
  return { cost, size: { min: 0n, max: target.size.max } };
};

/** Addresses have 4 to 16 bytes. */
const ADDRESS: Range = { min: 4n, max: 16n };
const COMPARED = scaled(plus(ADDRESS, ADDRESS), STRING_FACTOR);
const NAME_FORMAT_REGEX_SIZE = 128;

const containsIP =
  (isText: boolean): Estimate =>
  ({ args: [other] }) =>
    other && { cost: plus(COMPARED, isText ? scaled(other.size, STRING_FACTOR) : fixed(0)) };

const containsCIDR =
  (isText: boolean): Estimate =>
  ({ args: [other] }) =>
    other && {
      cost: plus(
        plus(plus(COMPARED, scaled(ADDRESS, STRING_FACTOR)), ONE),
        isText ? scaled(other.size, STRING_FACTOR) : fixed(0),
      ),
    };

const validate: Estimate = ({ args: [text] }) =>
  text && {
    cost: scaled(scaled(text.size, STRING_FACTOR), NAME_FORMAT_REGEX_SIZE * REGEX_FACTOR),
  };

const UNIT_EQUALITY = new Set([
  'net.IP',
  'net.CIDR',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.ResourceCheck',
  'kubernetes.authorization.Decision',
]);
const FORMAT_SIZE = 64n;

const equality: Estimate = ({ args: [left, right] }) => {
  if (!left || !right || !sameType(left.type, right.type)) return undefined;
  const { name } = left.type;
  if (UNIT_EQUALITY.has(name)) return { cost: ONE };
  if (name === 'kubernetes.NamedFormat') return { cost: scaled({ min: 1n, max: FORMAT_SIZE }, STRING_FACTOR) };
  if (name !== 'kubernetes.URL') return undefined;
  return { cost: scaled({ min: 1n, max: right.size.max === MAX_UINT ? 1n : right.size.max }, STRING_FACTOR) };
};

const PER_CALL = ['serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed'];
PER_CALL.push('reason', 'error', 'errored', 'masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback');
PER_CALL.push('isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast', 'format.named', 'sign', 'asInteger');
PER_CALL.push('isInteger', 'asApproximateFloat', 'isGreaterThan', 'isLessThan', 'compareTo', 'add', 'sub', 'major');
PER_CALL.push('minor', 'patch', 'getScheme', 'getHostname', 'getHost', 'getPort', 'getEscapedPath', 'getQuery');

const BY_FUNCTION: Record<string, Estimate> = {
  check: constant(AUTHORIZER_CHECK_COST),
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: elements(false),
  sum: elements(false),
  max: elements(false),
  min: elements(false),
  indexOf: elements(false),
  lastIndexOf: elements(false),
  includes: elements(true),
  url: walk('argument', STRING_FACTOR, true),
  'jsonpatch.escapeKey': walk('argument', STRING_FACTOR, true),
  lowerAscii: walk('target', STRING_FACTOR, true),
  upperAscii: walk('target', STRING_FACTOR, true),
  substring: walk('target', STRING_FACTOR, true),
  trim: walk('target', STRING_FACTOR, true),
  replace,
  split,
  join,
  find,
  findAll: find,
  cidr: walk('argument', STRING_FACTOR, false),
  isIP: walk('argument', STRING_FACTOR, false),
  isCIDR: walk('argument', STRING_FACTOR, false),
  ip: walk('argument', STRING_FACTOR, false),
  'ip.isCanonical': walk('argument', 2 * STRING_FACTOR, false),
  quantity: walk('argument', STRING_FACTOR, false),
  isQuantity: walk('argument', STRING_FACTOR, false),
  semver: walk('argument', STRING_FACTOR, false),
  isSemver: walk('argument', STRING_FACTOR, false),
  validate,
  '_==_': equality,
  ...Object.fromEntries(PER_CALL.map((name) => [name, constant(1)])),
};

/** A list is made: for each element of `size` so much. */
const allocated = (size: Range, factor: number): CallEstimate => ({
  cost: plus(plus(scaled(size, factor), ONE), fixed(LIST_BASE)),
  size,
});

const literalOr = (node: CostNode | undefined, other: bigint): bigint => {
  const value = node?.expr?.kind === 'literal' ? node.expr.value : undefined;
  if (typeof value !== 'bigint') return other;
  return value < 0n ? 0n : value;
};

const squared =
  (factor: number): Estimate =>
  ({ target }) =>
    target && allocated(times(target.size, target.size), factor);

const slice: Estimate = ({ target, args }) =>
  target && allocated(fixed(BigInt.asUintN(64, literalOr(args[1], target.size.max) - literalOr(args[0], 0n))), 1);

const flatten: Estimate = ({ target, args }) =>
  target && allocated(target.size, args.length === 0 ? 1 : Number(literalOr(args[0], MAX_UINT)));

const sets =
  (factor: number): Estimate =>
  ({ args: [a, b] }) =>
    a && b && { cost: plus(scaled(times(a.size, b.size), factor), ONE) };

const BY_OVERLOAD: Record<string, Estimate> = {
  list_slice: slice,
  list_flatten: flatten,
  list_flatten_int: flatten,
  lists_range: ({ args }) => allocated(fixed(literalOr(args[0], MAX_UINT)), 1),
  list_reverse: ({ target }) => target && allocated(target.size, 1),
  list_distinct: squared(2),
  list_sets_contains_list: sets(1),
  list_sets_intersects_list: sets(1),
  list_sets_equivalent_list: sets(2),
  cidr_ip: constant(1),
  cidr_contains_ip_string: containsIP(true),
  cidr_contains_ip_ip: containsIP(false),
  cidr_contains_cidr_string: containsCIDR(true),
  cidr_contains_cidr: containsCIDR(false),
};

const SORT = /^list_(.*)_sort(ByAssociatedKeys)?$/;

/** Undefined: it is a function of the language itself. */
export function estimateCall(name: string, overload: string, call: EstimatedCall): CallEstimate | undefined {
  const sort = SORT.exec(overload);
  if (sort) {
    const list = sort[2] ? call.args[0] : call.target;
    const factor = sort[1] === 'string' || sort[1] === 'bytes' ? 2 + STRING_FACTOR : 2;
    return list && allocated(times(list.size, list.size), factor);
  }
  return (BY_OVERLOAD[overload] ?? BY_FUNCTION[name])?.(call);
}
