/** A node as it is evaluated, and the kinds of it that all others are made of. */
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
