import { STEP_BURST, STEPS_A_SECOND } from './limits.ts';

/** The steps that a pod may make: a burst, then so many a second of cluster time. */
export class StepBucket {
  #left = STEP_BURST;
  #filledAt: number;

  constructor(now: number) {
    this.#filledAt = now;
  }

  /** Whether there is a step left at this instant. */
  has(now: number): boolean {
    if (this.#left > 0) return true;
    this.#left = Math.min(STEP_BURST, this.#left + ((now - this.#filledAt) * STEPS_A_SECOND) / 1000);
    this.#filledAt = now;
    return this.#left > 0;
  }

  take(steps: number): void {
    this.#left -= steps;
  }
}
