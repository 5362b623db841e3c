/**
 * A checked tree as nested functions, made once and called for each evaluation. What it costs is what cel-go's cost tracker counts:
 * looking up a name, a field or an element is 1, a call what `runtime-cost.ts` says, a list 10, a map 30, an object 40; what is constant
 * is computed here, and free. Models cel-go's interpreter/planner.go and runtimecost.go.
 */
import type { Call, Expr, Select } from './ast.ts';
import { OPERATORS } from './ast.ts';
import type { Checked } from './checked.ts';
import type { Environment } from './environment.ts';
import { type Evaluate, type Frame, PENDING } from './frame.ts';
import { isKey, noKey } from './key.ts';
import { find, lookup, lookupOptional } from './lookup.ts';
import { planCall } from './plan-call.ts';
import { planComprehension } from './plan-comprehension.ts';
import { planList, planMap, planStruct } from './plan-literal.ts';
import { attribute, constantPlan, type Plan, PlanError, type Planner } from './plan-node.ts';
import { CelError, CelOptional, CelType, noSuchOverload, type Value } from './value.ts';

export interface Program {
  evaluate: Evaluate;
  /** How many places the variables of its folds take. */
  slots: number;
}

/** Throws `PlanError`. */
export function plan(checked: Checked, environment: Environment): Program {
  const planner = new ProgramPlanner(checked, environment);
  const { evaluate } = planner.plan(checked.expr);
  return { evaluate, slots: planner.slots };
}

class ProgramPlanner implements Planner {
  slots = 0;
  readonly environment: Environment;
  readonly #checked: Checked;
  readonly #locals = new Map<string, { slot: number; init: Evaluate | undefined }[]>();

  constructor(checked: Checked, environment: Environment) {
    this.#checked = checked;
    this.environment = environment;
  }

  reference(id: number) {
    return this.#checked.references.get(id);
  }

  plan(expr: Expr): Plan {
    switch (expr.kind) {
      case 'literal':
        return constantPlan(expr.value);
      case 'ident':
        return this.#local(expr.name) ?? this.#global(expr.id, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return planList(this, expr);
      case 'map':
        return planMap(this, expr);
      case 'struct':
        return planStruct(this, expr);
      case 'comprehension':
        return planComprehension(this, expr);
      default:
        throw new PlanError('unsupported expression');
    }
  }

  withLocal<R>(name: string, init: Evaluate | undefined, within: (slot: number) => R): R {
    const slot = this.slots++;
    const shadowed = this.#locals.get(name) ?? [];
    this.#locals.set(name, [...shadowed, { slot, init }]);
    const result = within(slot);
    this.#locals.set(name, shadowed);
    return result;
  }

  #local(name: string): Plan | undefined {
    const local = this.#locals.get(name)?.at(-1);
    if (!local) return undefined;
    const { slot, init } = local;
    const read = (frame: Frame): Value => {
      const known = frame.slots[slot]!;
      if (known !== PENDING) return known;
      const value = init!(frame);
      frame.slots[slot] = value;
      return value;
    };
    return attribute(read);
  }

  #global(id: number, name: string): Plan {
    const reference = this.reference(id);
    if (!reference || !('name' in reference)) throw new PlanError(`undeclared reference to '${name}'`);
    if (reference.typeValue) return constantPlan(new CelType(reference.typeValue));
    const full = reference.name;
    const missing = new CelError(`no such attribute(s): ${full}`);
    return attribute((frame) => {
      const value = frame.variables.get(full);
      return value === undefined ? missing : value;
    });
  }

  #select(expr: Select): Plan {
    const operand = this.plan(expr.operand);
    const { field } = expr;
    if (expr.testOnly) return presence(operand, field);
    const container = operand.resolve ?? operand.evaluate;
    const resolve: Evaluate = (frame) => {
      const value = container(frame);
      if (value instanceof CelError) return value;
      return value instanceof CelOptional ? optionally(frame, value, field) : qualify(frame, value, field);
    };
    return attribute(resolve, operand.free);
  }

  #call(expr: Call): Plan {
    switch (expr.name) {
      case OPERATORS.index:
        return this.#index(expr, false);
      case OPERATORS.optionalIndex:
      case OPERATORS.optionalSelect:
        return this.#index(expr, true);
      case OPERATORS.conditional:
        return this.#conditional(expr);
      default:
        return planCall(this, expr);
    }
  }

  #index(expr: Call, optional: boolean): Plan {
    const operand = this.plan(expr.args[0]!);
    const index = this.plan(expr.args[1]!);
    if (index.constant !== undefined) checkKey(index.constant);
    const container = operand.resolve ?? operand.evaluate;
    const key = index.resolve ?? index.evaluate;
    const cost = index.free ? 0 : 1;
    const resolve: Evaluate = (frame) => {
      const value = container(frame);
      if (value instanceof CelError) return value;
      const at = key(frame);
      if (at instanceof CelError) return at;
      const isOptional = optional || value instanceof CelOptional;
      if (!isKey(at)) {
        if (!isOptional) frame.charge(cost);
        return noKey(at, index.resolve !== undefined);
      }
      return isOptional ? optionally(frame, value, at, cost) : qualify(frame, value, at, cost);
    };
    return attribute(resolve, operand.free);
  }

  #conditional(expr: Call): Plan {
    const [condition, yes, no] = expr.args.map((arg) => this.plan(arg)) as [Plan, Plan, Plan];
    const test = condition.evaluate;
    const whenTrue = yes.resolve ?? yes.evaluate;
    const whenFalse = no.resolve ?? no.evaluate;
    const resolve: Evaluate = (frame) => {
      const holds = test(frame);
      if (holds === true) return whenTrue(frame);
      if (holds === false) return whenFalse(frame);
      return holds instanceof CelError ? holds : noSuchOverload();
    };
    return attribute(resolve, true);
  }
}

function qualify(frame: Frame, container: Value, key: Value, cost = 1): Value {
  frame.charge(cost);
  return lookup(container, key);
}

function optionally(frame: Frame, container: Value, key: Value, cost = 1): Value {
  const value = lookupOptional(container, key);
  if (!(value instanceof CelOptional) || value.value !== undefined) frame.charge(cost);
  return value;
}

/** What `has()` is: 1, as the test itself is free. */
function presence(operand: Plan, field: string): Plan {
  const container = operand.resolve ?? operand.evaluate;
  const evaluate: Evaluate = (frame) => {
    const value = container(frame);
    if (value instanceof CelError) return value;
    const inner = value instanceof CelOptional ? value.value : value;
    const found = inner === undefined ? undefined : find(inner, field);
    if (!(value instanceof CelOptional) || found !== undefined) frame.charge(1);
    return found instanceof CelError ? found : found !== undefined;
  };
  return { evaluate };
}

/** Throws `PlanError` for a constant that nothing can be looked up by. */
function checkKey(key: Value): void {
  if (!isKey(key)) throw new PlanError(noKey(key).message);
}
