/** How a cluster goes on in time: leases that expire, the pump's turns, and steps of the clock with all that is due on their way. */
import type { Store } from '../etcd/store.ts';
import type { KubeObject } from '../objects/object.ts';
import { advancedTo, arrived, type Clock, clusterTime, isStepping, realTime } from '../simulation/clock.ts';
import type { Errands } from '../simulation/errands.ts';
import type { Pump } from '../simulation/pump.ts';
import { TurnBudget } from '../simulation/turn-budget.ts';

/** A step of the clock waits so long for an errand, such as a signature, real milliseconds, before it goes on without. */
export const MAX_ERRAND_WAIT_MS = 10_000;

interface Parts {
  store: Store;
  pump: Pump<KubeObject>;
  errands: Errands;
}

export class Course {
  clock: Clock;
  readonly #parts: Parts;
  /** Since when a step has stood still, real time. */
  #waitingSince: number | undefined;

  constructor(clock: Clock, parts: Parts) {
    this.clock = clock;
    this.#parts = parts;
  }

  now(realNow: number): number {
    return clusterTime(this.clock, realNow);
  }

  /** An errand is done: the next one is waited for anew. */
  errandArrived(): void {
    this.#waitingSince = undefined;
  }

  /** Does a budget of what is to be done now, or of what is due on the way of a step, each at its own instant; of a compaction, a part. */
  turn(realNow: number, budget = new TurnBudget()): void {
    const { store } = this.#parts;
    store.compaction.goOn();
    this.#goOn(realNow, budget);
    if (this.idle(realNow)) store.causes?.keep(store.compactRevision);
  }

  #goOn(realNow: number, budget: TurnBudget): void {
    const { store, pump } = this.#parts;
    for (;;) {
      const now = this.now(realNow);
      store.expireLeases(now, budget);
      pump.turn(now, budget);
      if (!isStepping(this.clock)) return;
      if (this.#idleAt(now)) {
        if (this.#awaitsErrands(realNow)) return;
        this.#stepOn(now, realNow);
      }
      budget.spend();
      if (!isStepping(this.clock) || budget.isSpent) return;
    }
  }

  /** Whether nothing is to be done at this real instant. */
  idle(realNow: number): boolean {
    return !isStepping(this.clock) && this.#idleAt(this.now(realNow));
  }

  /** The real instant at which there is work even if nobody writes; undefined: never. */
  nextDue(realNow: number): number | undefined {
    if (isStepping(this.clock)) return realNow;
    const due = this.dueAt(realNow);
    return due === undefined ? undefined : realTime(this.clock, due);
  }

  /** The cluster's time at which something is due; undefined: never. */
  dueAt(realNow: number): number | undefined {
    return this.#dueAt(this.now(realNow));
  }

  #stepOn(now: number, realNow: number): void {
    const target = this.clock.target ?? now;
    if (now < target) this.clock = advancedTo(this.clock, realNow, Math.min(this.#dueAt(now) ?? target, target));
    else this.clock = arrived(this.clock, realNow);
  }

  #idleAt(now: number): boolean {
    const { pump, store } = this.#parts;
    return pump.idle(now) && (store.nextLeaseExpiry() ?? Number.POSITIVE_INFINITY) > now;
  }

  #dueAt(now: number): number | undefined {
    const { pump, store } = this.#parts;
    const due = [pump.nextDue(now), store.nextLeaseExpiry()].filter((at) => at !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** What was asked for at an instant is had at that instant, so a step stands still meanwhile. */
  #awaitsErrands(realNow: number): boolean {
    if (!this.#parts.errands.busy) return false;
    this.#waitingSince ??= realNow;
    return realNow - this.#waitingSince <= MAX_ERRAND_WAIT_MS;
  }
}
