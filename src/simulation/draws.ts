/**
 * Chance for decisions that are made at the same time: each draws for a purpose of its own, and one after the other they draw what
 * they would have drawn alone.
 */
export class Draws {
  readonly #open = new Map<string, { drawing: number; next: number }>();

  /** The purpose by a name that nobody else draws under as long as this one does. */
  take(purpose: string): { purpose: string; done(): void } {
    const open = this.#open.get(purpose) ?? { drawing: 0, next: 0 };
    this.#open.set(purpose, open);
    open.drawing++;
    const number = open.next++;
    return {
      purpose: number === 0 ? purpose : `${purpose}#${number}`,
      done: () => {
        open.drawing--;
        if (open.drawing === 0) this.#open.delete(purpose);
      },
    };
  }
}
