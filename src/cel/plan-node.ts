/** A node as it is evaluated, and the kinds of it that all others are made of. */
import type { Expr } from './ast.ts';
import type { Reference } from './checked.ts';
import type { Environment } from './environment.ts';
import { type Evaluate, Frame } from './frame.ts';
import { CelError, type Value } from './value.ts';

/** Why a program can't be made of an expression whose types are right, such as `int("x")`. */
export class PlanError extends Error {}

/** A node as it is evaluated. */
export interface Plan {
  evaluate: Evaluate;
  /** What it always is. */
  constant?: Value;
  /** A variable and what is selected from it, or from another value, without the cost of the whole. */
  resolve?: Evaluate;
  /** Whether the whole costs nothing more than its parts, as with `?:`. */
  free?: boolean;
}

/** Makes nodes of an expression's parts. */
export interface Planner {
  readonly environment: Environment;
  /** What the checker found of the expression of this id. */
  reference(id: number): Reference | undefined;
  plan(expr: Expr): Plan;
  /** Gives a variable of a fold its place while `within` is planned. `init`: what it is when it is first asked for. */
  withLocal<R>(name: string, init: Evaluate | undefined, within: (slot: number) => R): R;
}

export const constantPlan = (value: Value): Plan => ({ evaluate: () => value, constant: value });

/** A constant that is computed before there are variables. Throws `PlanError` with what it fails with. */
export function fold(evaluate: Evaluate): Plan {
  const value = evaluate(new Frame(new Map(), Number.POSITIVE_INFINITY, 0));
  if (value instanceof CelError) throw new PlanError(value.message);
  return constantPlan(value);
}

/** Something that is looked up: 1 for the whole, beside what its parts cost. */
export function attribute(resolve: Evaluate, free = false): Plan {
  if (free) return { evaluate: resolve, resolve, free };
  const evaluate: Evaluate = (frame) => {
    const value = resolve(frame);
    frame.charge(1);
    return value;
  };
  return { evaluate, resolve };
}
