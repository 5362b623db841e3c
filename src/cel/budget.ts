/** What ends an evaluation: it costs more than it may, or makes more than could be looked through for what it may cost. */

/** Thrown, as nothing in an expression may go on after it. */
export class BudgetExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Elements of a list; to look at each costs a tenth at least. */
export const MAX_ELEMENTS = 10_000_000;

/** Characters of a text that a function makes of others, which does not cost more the longer it is. */
export const MAX_CHARACTERS = 10_000_000;

/** Elements that are looked at where lists within lists are compared, which costs by the outermost only. */
export const MAX_COMPARED = 2_000_000;

/** Throws `BudgetExceeded`. */
export function checkElements(size: number): void {
  if (size > MAX_ELEMENTS) throw new BudgetExceeded();
}

/** Throws `BudgetExceeded`. */
export function checkCharacters(size: number): void {
  if (size > MAX_CHARACTERS) throw new BudgetExceeded();
}

let compared = 0;

/** Before an evaluation. */
export function beginComparing(): void {
  compared = 0;
}

/** Throws `BudgetExceeded`. */
export function countCompared(elements: number): void {
  compared += elements;
  if (compared > MAX_COMPARED) throw new BudgetExceeded();
}
