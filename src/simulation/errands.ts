/**
 * What a reconciler needs done and cannot wait for, such as a signature: asked for in one reconcile, there in the one that its
 * arrival calls for. Nothing of it is stored: what was lost with the process is asked for again.
 */
import type { Work } from './work.ts';

/** Errands at one time. */
export const MAX_ERRANDS = 64;

/** Reconciles refused that are remembered and told when there is room; a further one asks again when its time comes. */
export const MAX_REFUSED = 10_000;

export type Outcome<T> = { value: T } | { error: string };

export class Errands {
  readonly #under = new Map<string, Promise<void>>();
  readonly #done = new Map<string, Outcome<unknown>>();
  readonly #refused = new Map<string, Work>();
  readonly #arrived: (work: Work) => void;

  /** `arrived` is told whose reconcile can go on. */
  constructor(arrived: (work: Work) => void) {
    this.#arrived = arrived;
  }

  /** The outcome of `run`, once: undefined until it is there. The same `id` is the same errand. */
  ask<T>(id: string, work: Work, run: () => Promise<T>): Outcome<T> | undefined {
    const done = this.#done.get(id) as Outcome<T> | undefined;
    if (done) this.#done.delete(id);
    if (done || this.#under.has(id)) return done;
    if (this.#under.size >= MAX_ERRANDS) {
      if (this.#refused.size < MAX_REFUSED) this.#refused.set(`${work.reconciler} ${work.key}`, work);
      return undefined;
    }
    const finish = (outcome: Outcome<unknown>): void => {
      this.#under.delete(id);
      this.#done.set(id, outcome);
      // What nobody comes for, because its object is gone, makes room.
      const [oldest] = this.#done.keys();
      if (this.#done.size > MAX_ERRANDS && oldest !== undefined) this.#done.delete(oldest);
      this.#arrived(work);
      this.#makeRoom();
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

  /** Whether anything is under way. */
  get busy(): boolean {
    return this.#under.size > 0;
  }

  /** There is room for one more: whoever was refused first may ask again. It need not, so the last to finish tells all the others. */
  #makeRoom(): void {
    for (const [id, work] of this.#refused) {
      this.#refused.delete(id);
      this.#arrived(work);
      if (this.#under.size > 0) return;
    }
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under.values());
  }
}
