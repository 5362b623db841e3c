/**
 * Reading the objects that a pump wakes with: part by part, in as many turns as it takes, so that requests get in between. What is
 * committed meanwhile is taken in as it comes, and kept to be acted on once all is there.
 */
import { type Change, ObjectIndex } from './object-index.ts';
import type { PumpPorts } from './pump-ports.ts';
import type { TurnBudget } from './turn-budget.ts';

/** Parts that are read in one turn, where the clock stands still meanwhile. */
const PARTS_A_TURN = 16;
/** Changes that are kept; of more it is enough to know that there were some. */
export const MAX_MISSED = 1000;

export class IndexLoad<Object> {
  readonly index: ObjectIndex<Object>;
  readonly #load: () => Iterator<Change<Object>[]>;
  readonly #share: ((object: Object) => void) | undefined;
  #parts: Iterator<Change<Object>[]> | undefined;
  #missed: Change<Object>[] | undefined = [];

  /** `load` is asked for its parts once reading begins. */
  constructor({ load, find, share }: Pick<PumpPorts<Object>, 'load' | 'find' | 'share'>) {
    this.#load = load;
    this.#share = share;
    this.index = new ObjectIndex(find);
  }

  get hasBegun(): boolean {
    return this.#parts !== undefined;
  }

  /** What was committed before all was there, in order; undefined if that was too much. */
  get missed(): readonly Change<Object>[] | undefined {
    return this.#missed;
  }

  /** Reads on, a turn's parts or as long as the budget has time; answers whether all is there. */
  readOn(budget: TurnBudget): boolean {
    this.#parts ??= this.#load();
    for (let read = 0; read < PARTS_A_TURN; read++) {
      const part = this.#next(this.#parts);
      if (part.done) return true;
      if (budget.isSpent) return false;
    }
    return false;
  }

  /** What fails is not taken for the end: it begins anew. */
  #next(parts: Iterator<Change<Object>[]>): IteratorResult<Change<Object>[]> {
    try {
      const part = parts.next();
      if (!part.done) for (const change of part.value) this.#takeIn(change);
      return part;
    } catch (error) {
      this.#parts = undefined;
      throw error;
    }
  }

  /** Whether something can be read again that could not. What is read later is the same or younger. */
  committed(change: Change<Object>): boolean {
    const old = this.index.get(change.resource, change.namespace, change.name) ?? change.before?.();
    const cleared = this.hasBegun && this.#takeIn(change);
    if (change.unreadable) return cleared;
    if (this.#missed && this.#missed.length < MAX_MISSED) this.#missed.push(old ? { ...change, old } : change);
    else this.#missed = undefined;
    return cleared;
  }

  #takeIn(change: Change<Object>): boolean {
    if (change.new) this.#share?.(change.new);
    return this.index.apply(change);
  }
}
