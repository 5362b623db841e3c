/**
 * A budget for work that a request asks for. It is counted in steps, not in time: a Worker's clock stands still while it computes,
 * and a count is the same wherever it is made.
 */

/** The budget is used up. */
export class WorkExceeded extends Error {
  /** Steps. */
  readonly limit: number;
  constructor(limit: number) {
    super(`it takes more than ${limit} steps`);
    this.limit = limit;
  }
}

export interface WorkBudget {
  /** Told before so many steps are made. Throws `WorkExceeded` when they are too many. */
  spend(steps: number): void;
}

export const UNLIMITED_WORK: WorkBudget = { spend() {} };

/** Tells how much of it was used. */
export interface LimitedWork extends WorkBudget {
  /** Steps that were made, or were too many to be made. */
  readonly spent: number;
}

export function limitedWork(limit: number): LimitedWork {
  let left = limit;
  return {
    get spent() {
      return limit - left;
    },
    spend(steps) {
      left -= steps;
      if (left < 0) throw new WorkExceeded(limit);
    },
  };
}

/** How many values a JSON value holds, itself among them: what it costs to look through it. */
export function sizeOf(value: unknown): number {
  let size = 0;
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    size++;
    if (typeof next === 'object' && next !== null) for (const part of Object.values(next)) left.push(part);
  }
  return size;
}
