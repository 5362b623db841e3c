/**
 * How much work is done before others get their turn. It is counted in pieces (a reconcile, a write, a lease, an instant of a step), and, where the platform's
 * clock goes on during work, measured: pieces differ by a thousand times.
 */
export interface TurnLimits {
  pieces: number;
  milliseconds: number;
}

/** A request waits for at most one turn of each busy cluster that shares its thread. */
export const TURN_LIMITS: TurnLimits = { pieces: 256, milliseconds: 10 };

export class TurnBudget {
  readonly #limits: TurnLimits;
  readonly #now: () => number;
  readonly #start: number;
  #pieces = 0;

  /** `now` answers real time in milliseconds; where it stands still, pieces alone are counted. */
  constructor(limits: TurnLimits = TURN_LIMITS, now: () => number = () => 0) {
    this.#limits = limits;
    this.#now = now;
    this.#start = now();
  }

  get pieces(): number {
    return this.#pieces;
  }

  get isSpent(): boolean {
    return this.#pieces >= this.#limits.pieces || this.#now() - this.#start >= this.#limits.milliseconds;
  }

  /** Another piece is done. */
  spend(): void {
    this.#pieces++;
  }
}
