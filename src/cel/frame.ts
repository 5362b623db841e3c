/** One evaluation: the variables, what it has cost so far, and how much it may. */
import { BudgetExceeded } from './budget.ts';
import type { Value } from './value.ts';

/** What a variable of a fold is before it is asked for. */
export const PENDING = Symbol('pending');

export class Frame {
  cost = 0;
  readonly limit: number;
  readonly variables: ReadonlyMap<string, Value>;
  /** Variables of folds, each in the place that it was given when the expression was planned. */
  readonly slots: (Value | typeof PENDING)[];

  constructor(variables: ReadonlyMap<string, Value>, limit: number, slots: number) {
    this.variables = variables;
    this.limit = limit;
    this.slots = slots === 0 ? NO_SLOTS : new Array<Value>(slots).fill(null);
  }

  /** Throws `BudgetExceeded`. */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new BudgetExceeded();
  }
}

const NO_SLOTS: Value[] = [];

export type Evaluate = (frame: Frame) => Value;
