/** Calls of functions: which overload a call is of, what it costs, and what can be computed once. */
import type { Call } from './ast.ts';
import { OPERATORS } from './ast.ts';
import { contains, equal } from './compare.ts';
import type { Implementation, Overload } from './declarations.ts';
import type { Evaluate, Frame } from './frame.ts';
import type { Planner } from './plan-node.ts';
import { constantPlan, fold, type Plan, PlanError } from './plan-node.ts';
import { compilePattern, PATTERN_FUNCTIONS } from './regex.ts';
import { type CallCost, ResultCost, runtimeCost } from './runtime-cost.ts';
import { fits, runtimeType } from './runtime-type.ts';
import type { Type } from './type.ts';
import { CelError, CelList, CelOptional, CelUint, noSuchOverload, type Value } from './value.ts';

/** Conversions, which are computed at once where what they convert is constant. */
const CONVERSIONS = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

export function planCall(planner: Planner, expr: Call): Plan {
  const args = (expr.target ? [expr.target, ...expr.args] : expr.args).map((arg) => planner.plan(arg));
  const evaluates = args.map((arg) => arg.evaluate);
  const reference = planner.reference(expr.id);
  const overloads = reference && 'overloads' in reference ? reference.overloads : [];
  const name = reference && 'overloads' in reference ? reference.function : expr.name;
  const id = overloads.length === 1 ? overloads[0]!.id : '';
  const cost = runtimeCost(name, id);
  switch (name) {
    case OPERATORS.and:
      return { evaluate: logical(evaluates, false) };
    case OPERATORS.or:
      return { evaluate: logical(evaluates, true) };
    case OPERATORS.notStrictlyFalse:
      return { evaluate: notStrictlyFalse(evaluates[0]!) };
    case OPERATORS.equals:
      return { evaluate: strict(evaluates, cost, equal) };
    case OPERATORS.notEquals:
      return { evaluate: strict(evaluates, cost, (a: Value, b: Value) => inverse(equal(a, b))) };
    case OPERATORS.in:
      if (id === 'in_list') return membership(args, evaluates, cost);
      break;
    case 'or':
    case 'orValue':
      return { evaluate: alternative(evaluates[0]!, evaluates[1]!, name === 'orValue') };
  }
  const declaration = planner.environment.functions.get(name);
  if (!declaration || overloads.length === 0) throw new PlanError(`no such overload: ${name}`);
  const call =
    patternCall(name, args) ??
    (declaration.unguarded ? overloads[0]!.call : guarded(planner, name, overloads, expr.target !== undefined));
  const evaluate = strict(evaluates, cost, call);
  if (CONVERSIONS.has(name) && args.length === 1 && args[0]!.constant !== undefined)
    return fold((frame) => call(args[0]!.evaluate(frame)));
  return { evaluate };
}

const inverse = (value: boolean | CelError): boolean | CelError => (typeof value === 'boolean' ? !value : value);

/** `||` ends at true and `&&` at false, also where the other side fails. */
function logical([left, right]: Evaluate[], end: boolean): Evaluate {
  return (frame) => {
    const first = left!(frame);
    if (first === end) return end;
    const second = right!(frame);
    if (second === end) return end;
    if (typeof first !== 'boolean') return first instanceof CelError ? first : noSuchOverload();
    return typeof second === 'boolean' || second instanceof CelError ? second : noSuchOverload();
  };
}

const notStrictlyFalse =
  (arg: Evaluate): Evaluate =>
  (frame) => {
    const value = arg(frame);
    frame.charge(1);
    return value !== false;
  };

/** The other is looked at only if it is needed. */
const alternative =
  (left: Evaluate, right: Evaluate, unwrap: boolean): Evaluate =>
  (frame) => {
    const value = left(frame);
    if (!(value instanceof CelOptional)) return value instanceof CelError ? value : noSuchOverload();
    if (value.value === undefined) return right(frame);
    return unwrap ? value.value : value;
  };

/** `x in [constants]` is a question to a set, and free. */
function membership(args: Plan[], evaluates: Evaluate[], cost: CallCost): Plan {
  const list = args[1]!.constant;
  if (list instanceof CelList && list.size === 0) return constantPlan(false);
  const keys = list instanceof CelList ? constantKeys(list) : undefined;
  if (!keys) return { evaluate: strict(evaluates, cost, contains) };
  const element = evaluates[0]!;
  return {
    evaluate: (frame) => {
      const value = element(frame);
      if (value instanceof CelError) return value;
      const key = constantKey(value);
      return key !== undefined && keys.has(key);
    },
  };
}

function constantKeys(list: CelList): Set<unknown> | undefined {
  const keys = new Set<unknown>();
  for (let i = 0; i < list.size; i++) {
    const key = constantKey(list.get(i));
    if (key === undefined) return undefined;
    keys.add(key);
  }
  return keys;
}

/** Numbers that are the same have the same key. */
function constantKey(value: Value): string | bigint | boolean | number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** A function that is not called where an argument fails. */
function strict(args: Evaluate[], cost: CallCost, call: Implementation): Evaluate {
  const [first, second] = args;
  if (args.length === 1)
    return (frame) => {
      const value = first!(frame);
      chargeBefore(frame, cost, [value]);
      const result = value instanceof CelError ? value : call(value);
      if (cost instanceof ResultCost) frame.charge(cost.of(result));
      return result;
    };
  if (args.length === 2)
    return (frame) => {
      const left = first!(frame);
      const right = second!(frame);
      if (typeof cost === 'number') frame.charge(cost);
      else chargeBefore(frame, cost, [left, right]);
      const failed = left instanceof CelError ? left : right instanceof CelError ? right : undefined;
      const result = failed ?? call(left, right);
      if (cost instanceof ResultCost) frame.charge(cost.of(result));
      return result;
    };
  return (frame) => {
    const values: Value[] = [];
    for (const arg of args) {
      const value = arg(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    chargeBefore(frame, cost, values);
    const result = call(...values);
    if (cost instanceof ResultCost) frame.charge(cost.of(result));
    return result;
  };
}

function chargeBefore(frame: Frame, cost: CallCost, args: Value[]): void {
  if (typeof cost === 'number') frame.charge(cost);
  else if (!(cost instanceof ResultCost)) frame.charge(cost(args));
}

/** Looks at the types of the arguments, where those are not known before. */
function guarded(planner: Planner, name: string, overloads: Overload[], member: boolean): Implementation {
  const [only] = overloads;
  if (overloads.length === 1 && only!.args.every(anything)) return only!.call;
  const candidates =
    overloads.length === 1
      ? overloads
      : planner.environment.functions.get(name)!.overloads.filter((overload) => overload.member === member);
  return (...args: Value[]) => {
    for (const overload of candidates)
      if (overload.args.length === args.length && args.every((arg, index) => fits(overload.args[index]!, arg)))
        return overload.call(...args);
    // A method of the string itself, which does not tell what it is given.
    if (name === 'matches' && typeof args[0] === 'string') return noSuchOverload();
    return new CelError(`no such overload: ${name}(${args.map((arg) => runtimeType(arg).name).join(', ')})`);
  };
}

const anything = (type: Type): boolean => type.kind === 'dyn' || type.kind === 'parameter';

/** A pattern that is constant is read once. Throws `PlanError` if it is none. */
function patternCall(name: string, args: Plan[]): Implementation | undefined {
  const use = PATTERN_FUNCTIONS.get(name);
  const text = args[1]?.constant;
  if (!use || typeof text !== 'string') return undefined;
  const pattern = compilePattern(text);
  if (pattern instanceof CelError) throw new PlanError(pattern.message);
  return (value: Value, _: Value, limit?: Value) =>
    typeof value === 'string' ? use(value, pattern, limit) : noSuchOverload();
}
