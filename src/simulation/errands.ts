/**
 * What a reconciler needs done and cannot wait for, such as a signature: asked for in one reconcile, there in the one that its
 * arrival calls for. Nothing of it is stored: what was lost with the process is asked for again.
 */
import type { Work } from './work-queue.ts';

/** Errands at one time; more are taken up when their reconciler asks again. */
export const MAX_ERRANDS = 64;

export type Outcome<T> = { value: T } | { error: string };

export class Errands {
  readonly #under = new Map<string, Promise<void>>();
  readonly #done = new Map<string, Outcome<unknown>>();
  readonly #arrived: (work: Work) => void;

  /** `arrived` is told whose reconcile can go on. */
  constructor(arrived: (work: Work) => void) {
    this.#arrived = arrived;
  }

  /** The outcome of `run`, once: undefined until it is there. The same `id` is the same errand. */
  ask<T>(id: string, work: Work, run: () => Promise<T>): Outcome<T> | undefined {
    const done = this.#done.get(id) as Outcome<T> | undefined;
    if (done) this.#done.delete(id);
    if (done || this.#under.has(id) || this.#under.size >= MAX_ERRANDS) return done;
    const finish = (outcome: Outcome<unknown>): void => {
      this.#under.delete(id);
      this.#done.set(id, outcome);
      // What nobody comes for, because its object is gone, makes room.
      const [oldest] = this.#done.keys();
      if (this.#done.size > MAX_ERRANDS && oldest !== undefined) this.#done.delete(oldest);
      this.#arrived(work);
    };
    this.#under.set(
      id,
      run().then(
        (value) => finish({ value }),
        (error) => finish({ error: error instanceof Error ? error.message : String(error) }),
      ),
    );
    return undefined;
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under.values());
  }
}
