/** A copy of a machine's run that is taken ahead of it, to know when its containers end. It serves as long as nothing comes in. */
import { STEPS_AHEAD } from './kernel/limits.ts';
import { NeedsOutside } from './outside-journal.ts';
import type { Replay } from './replay.ts';

/** How often a machine is looked at of which nothing can be known ahead: as often as the kubelet asks its runtime. */
export const RELIST_MS = 1_000;

export class LookAhead {
  readonly #run: Replay;
  /** It goes no further: somebody outside is needed. */
  #isHeld = false;
  #askedAt: number | undefined;
  /** How far it goes for those who ask at one instant, in steps. */
  #until = 0;

  /** `run`: a copy, which is the looker's alone. */
  constructor(run: Replay) {
    this.#run = run;
  }

  /** Whether it tells of a run that was given so many inputs and has come to this instant. */
  isOf(inputs: number, now: number): boolean {
    return this.#run.applied === inputs && (!this.#isHeld || now < this.#run.pod.kernel.now);
  }

  /** When a container has to be looked at for its end; undefined: it does not end by itself. */
  due(container: string, now: number): number | undefined {
    const { pod } = this.#run;
    const { kernel } = pod;
    if (this.#askedAt !== now) {
      this.#askedAt = now;
      this.#until = kernel.steps + STEPS_AHEAD;
    }
    for (;;) {
      const end = pod.container(container)?.end;
      if (end) return Math.max(end.at, now);
      if (this.#isHeld) return Math.max(kernel.now, now + 1);
      const next = kernel.next;
      if (next === undefined || kernel.isStill) return undefined;
      if (kernel.steps >= this.#until) return Math.max(kernel.now, now + RELIST_MS);
      this.#goOn(next);
    }
  }

  #goOn(next: number): void {
    const { kernel } = this.#run.pod;
    const before = kernel.steps;
    const budget = this.#until - before;
    try {
      kernel.advance(next, budget);
      // Who has used up his steps rests.
      if (kernel.steps === before && kernel.now <= next) kernel.advance(kernel.now + RELIST_MS, budget);
    } catch (error) {
      if (!(error instanceof NeedsOutside)) throw error;
      this.#isHeld = true;
    }
  }
}
