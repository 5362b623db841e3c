/**
 * What an expression may cost before there are values, from how large those may be. Models cel-go's checker/cost.go, with presence tests
 * free, as in Kubernetes.
 */
import { ACCUMULATOR, type Call, type Comprehension, type Expr, OLD_ACCUMULATOR, type Select } from './ast.ts';
import type { Checked } from './checked.ts';
import { type CallEstimate, type CostNode, estimateCall } from './cost-functions.ts';
import { fixed, NOTHING, ONE, plus, type Range, sumOf, times, UNKNOWN, union } from './cost-range.ts';
import { type StandardCall, standardCall } from './cost-standard.ts';
import { codePoints } from './source.ts';
import { isOptional, type Type } from './type.ts';
import { CelBytes, MAX_UINT } from './value.ts';

export type CostEstimate = Range;

/** How large a part of a variable may be at most; undefined: nothing is known of it. A path is `self`, `spec`, `@items`… */
export type SizeOf = (path: readonly string[]) => bigint | undefined;

/** Sizes of what a list or map contains. */
interface EntrySize {
  isList: boolean;
  key: Range;
  value: Range;
}

interface Local {
  path: readonly string[];
  size: Range | undefined;
  entry: EntrySize | undefined;
}

const LIST_COST = fixed(10);
const MAP_COST = fixed(30);
const STRUCT_COST = fixed(40);

export function estimateCost(checked: Checked, sizeOf: SizeOf = () => undefined): CostEstimate {
  return new Coster(checked, sizeOf).cost(checked.expr);
}

class Coster {
  readonly #checked: Checked;
  readonly #sizeOf: SizeOf;
  readonly #paths = new Map<number, readonly string[]>();
  readonly #sizes = new Map<number, Range>();
  readonly #entries = new Map<number, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, sizeOf: SizeOf) {
    this.#checked = checked;
    this.#sizeOf = sizeOf;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'ident':
        this.#paths.set(expr.id, this.#local(expr.name)?.path ?? [expr.name]);
        return ONE;
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list': {
        const cost = sumOf(expr.elements.map((element) => this.cost(element)));
        const value = this.#joined(expr.elements);
        this.#entries.set(expr.id, { isList: true, key: ONE, value });
        return plus(cost, LIST_COST);
      }
      case 'map': {
        const cost = sumOf(expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]));
        const key = this.#joined(expr.entries.map((entry) => entry.key));
        const value = this.#joined(expr.entries.map((entry) => entry.value));
        this.#entries.set(expr.id, { isList: false, key, value });
        return plus(cost, MAP_COST);
      }
      case 'struct':
        return plus(sumOf(expr.fields.map((field) => this.cost(field.value))), STRUCT_COST);
      case 'comprehension':
        return isBind(expr) ? this.#bind(expr) : this.#comprehension(expr);
      default:
        return NOTHING;
    }
  }

  #joined(parts: readonly Expr[]): Range {
    if (parts.length === 0) return NOTHING;
    return parts.map((part) => this.#sizeOrUnknown(part)).reduce(union);
  }

  #select(expr: Select): Range {
    const operand = this.cost(expr.operand);
    if (expr.testOnly) return operand;
    const { kind } = this.#type(expr.operand);
    this.#paths.set(expr.id, [...this.#path(expr.operand), expr.field]);
    return kind === 'map' || kind === 'struct' || kind === 'parameter' ? plus(operand, ONE) : operand;
  }

  #call(expr: Call): Range {
    if (expr.name === 'dyn' && expr.args[0]) {
      const cost = plus(ONE, this.cost(expr.args[0]));
      this.#copySizes(expr, expr.args[0]);
      return cost;
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.#node(arg));
    const ids = this.#overloads(expr);
    if (ids.length === 0) return NOTHING;
    const targetCost = expr.target ? this.cost(expr.target) : NOTHING;
    const target = expr.target && this.#node(expr.target);
    let cost: Range = { min: MAX_UINT, max: 0n };
    let size: Range | undefined;
    for (const id of ids) {
      const call: StandardCall = { expr, overload: id, args, argCosts, target, ...this.#entryPort(expr) };
      const estimated = this.#function(call);
      cost = union(cost, estimated.cost);
      if (estimated.size) size = size ? union(size, estimated.size) : estimated.size;
      if (id === 'index_list' || id === 'index_map') {
        size = this.#entry(expr.args[0]!)?.value;
        const part = id === 'index_list' ? '@items' : '@values';
        this.#paths.set(expr.id, [...this.#path(expr.args[0]!), part]);
      }
      size ??= this.#size(expr);
    }
    if (size) this.#sizes.set(expr.id, size);
    return plus(targetCost, cost);
  }

  /** How a call passes on the sizes of what lists and maps contain. */
  #entryPort(expr: Call) {
    return {
      joinEntries: (a: Expr, b: Expr): void => {
        const left = this.#entry(a);
        const right = this.#entry(b);
        if (!left || !right) return;
        const joined = { key: union(left.key, right.key), value: union(left.value, right.value) };
        this.#entries.set(expr.id, { isList: left.isList, ...joined });
      },
    };
  }

  #overloads(expr: Call): string[] {
    if (expr.name === '_?._') return ['select_optional_field'];
    const reference = this.#checked.references.get(expr.id);
    return reference && 'overloads' in reference ? reference.overloads.map((overload) => overload.id) : [];
  }

  #function(call: StandardCall): CallEstimate {
    const element = (list: CostNode): CostNode | undefined => this.#element(list);
    const { args, target } = call;
    const estimated = estimateCall(call.expr.name, call.overload, { args, target, element });
    if (estimated) return { ...estimated, cost: plus(estimated.cost, sumOf(call.argCosts)) };
    return standardCall(call);
  }

  #element(list: CostNode): CostNode | undefined {
    const type = list.type.params[0];
    if (!type) return undefined;
    const path = list.path.length > 0 ? [...list.path, '@items'] : [];
    const size = path.length > 0 ? this.#declaredSize(path) : undefined;
    return { expr: undefined, type, path, size: size ?? UNKNOWN };
  }

  #comprehension(expr: Comprehension): Range {
    const before = plus(this.cost(expr.range), this.cost(expr.init));
    this.#push(expr.accumulator, this.#asLocal(expr.init));
    const entry = this.#entry(expr.range);
    const isList = entry ? entry.isList : this.#type(expr.range).kind === 'list';
    const path = this.#path(expr.range);
    const variable = (part: string, size: Range | undefined): Local => ({
      path: [...path, part],
      size,
      entry: undefined,
    });
    const value = variable(isList ? '@items' : '@values', entry?.value);
    if (expr.secondVariable === undefined) this.#push(expr.variable, isList ? value : variable('@keys', entry?.key));
    else {
      this.#push(expr.variable, variable(isList ? '@indices' : '@keys', entry?.key));
      this.#push(expr.secondVariable, value);
    }
    const condition = this.cost(expr.condition);
    const step = this.cost(expr.step);
    this.#pop(expr.variable);
    if (expr.secondVariable !== undefined) this.#pop(expr.secondVariable);
    const result = this.cost(expr.result);
    this.#pop(expr.accumulator);
    const count = this.#sizeOrUnknown(expr.range);
    this.#comprehensionSize(expr, count);
    return plus(plus(before, result), times(count, plus(step, condition)));
  }

  #comprehensionSize(expr: Comprehension, count: Range): void {
    if (expr.init.kind === 'literal') this.#sizes.set(expr.id, this.#sizeOrUnknown(expr.init));
    if (expr.init.kind !== 'list' && expr.init.kind !== 'map') return;
    this.#sizes.set(expr.id, count);
    const entry = this.#entry(expr.step);
    if (entry) this.#entries.set(expr.id, entry);
  }

  #bind(expr: Comprehension): Range {
    const before = plus(this.cost(expr.range), this.cost(expr.init));
    this.#push(expr.accumulator, this.#asLocal(expr.init));
    const result = this.cost(expr.result);
    this.#pop(expr.accumulator);
    this.#copySizes(expr, expr.result);
    return plus(before, result);
  }

  #asLocal(expr: Expr): Local {
    return { path: this.#path(expr), size: this.#size(expr), entry: this.#entry(expr) };
  }

  #push(name: string, local: Local): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
  }

  #pop(name: string): void {
    this.#locals.set(name, this.#locals.get(name)!.slice(0, -1));
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #type(expr: Expr): Type {
    return this.#checked.types.get(expr.id)!;
  }

  #path(expr: Expr): readonly string[] {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr.id) ?? [];
  }

  #node(expr: Expr): CostNode {
    const path = this.#path(expr);
    const computed = path[0] === ACCUMULATOR || path[0] === OLD_ACCUMULATOR;
    return { expr, path: computed ? [] : path, type: this.#type(expr), size: this.#sizeOrUnknown(expr) };
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#size(from);
    if (size) this.#sizes.set(to.id, size);
    const entry = this.#entry(from);
    if (entry) this.#entries.set(to.id, entry);
  }

  #declaredSize(path: readonly string[]): Range | undefined {
    const max = path.length > 0 ? this.#sizeOf(path) : undefined;
    return max === undefined ? undefined : { min: 0n, max };
  }

  #sizeOrUnknown(expr: Expr): Range {
    return this.#size(expr) ?? UNKNOWN;
  }

  #size(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr.id) ?? writtenSize(expr);
    if (known) return known;
    const declared = this.#declaredSize(this.#path(expr));
    if (declared) {
      this.#sizes.set(expr.id, declared);
      return declared;
    }
    if (isScalar(this.#type(expr))) return ONE;
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  #entry(expr: Expr): EntrySize | undefined {
    const known = this.#entries.get(expr.id);
    return known ?? (expr.kind === 'ident' ? this.#local(expr.name)?.entry : undefined);
  }
}

const isBind = (expr: Comprehension): boolean =>
  expr.range.kind === 'list' &&
  expr.range.elements.length === 0 &&
  expr.condition.kind === 'literal' &&
  expr.condition.value === false;

function writtenSize(expr: Expr): Range | undefined {
  if (expr.kind === 'list') return fixed(expr.elements.length);
  if (expr.kind === 'map') return fixed(expr.entries.length);
  if (expr.kind !== 'literal') return undefined;
  if (typeof expr.value === 'string') return fixed(codePoints(expr.value));
  return fixed(expr.value instanceof CelBytes ? expr.value.bytes.length : 1);
}

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);
const isScalar = (type: Type): boolean => SCALARS.has(type.kind) || (isOptional(type) && isScalar(type.params[0]!));
