/** The attempts of one probe of a container that runs, and what has come of them. Models pkg/kubelet/prober/worker.go. */
import type { Probe } from '../../objects/generated/core-v1.gen.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';
import type { Action, Fault } from './outcome.ts';

export const PERIOD_SECONDS = 10;
const TIMEOUT_SECONDS = 1;
export const FAILURE_THRESHOLD = 3;

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

export interface ProberOptions {
  kind: ProbeKind;
  probe: Probe;
  /** Attempts are made on a grid of whole periods from this instant on, none before `first`. */
  grid: number;
  first: number;
  /** Its result before the first attempt; undefined: it has none. */
  passed: boolean | undefined;
}

export class Prober {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** Undefined: nothing is known yet. */
  passed: boolean | undefined;
  #grid: number;
  readonly #first: number;
  /** The next attempt; undefined: none, until something comes in that may change what it finds. */
  #next: number | undefined;
  #action: Action | undefined;
  #last: boolean | undefined;
  #run = 0;
  #failures = 0;
  #attempts = 0;

  constructor({ kind, probe, grid, first, passed }: ProberOptions) {
    this.kind = kind;
    this.probe = probe;
    this.passed = passed;
    this.#grid = grid;
    this.#first = first;
    this.#next = first;
  }

  get #period(): number {
    return (this.probe.periodSeconds || PERIOD_SECONDS) * 1000;
  }

  get timeout(): number {
    return (this.probe.timeoutSeconds || TIMEOUT_SECONDS) * 1000;
  }

  /** An attempt is being made. */
  get isUnderWay(): boolean {
    return this.#action !== undefined;
  }

  /** Attempts that are over. */
  get attempts(): number {
    return this.#attempts;
  }

  /** It has failed as often in a row as its threshold says. */
  get hasFailed(): boolean {
    return this.#last === false && this.#run >= (this.probe.failureThreshold || FAILURE_THRESHOLD);
  }

  /** When it has to be looked at again; `wakes`: when the machine goes on by itself. */
  dueAt(wakes: number | undefined): number | undefined {
    if (!this.#action) return this.#next;
    return Math.min(this.#action.deadline, wakes ?? Number.POSITIVE_INFINITY);
  }

  /** Something has come in that may change what it finds. */
  stir(now: number): void {
    if (this.#next === undefined) this.#next = this.#tickAfter(now);
  }

  /** An attempt out of turn, soon; those after it go by it. */
  trigger(at: number): void {
    if (at < this.#first || this.#action || (this.#next !== undefined && this.#next <= at)) return;
    this.#next = at;
    this.#grid = at;
  }

  /**
   * Makes the attempt that is due, if one is. `stillUntil`: until when nothing in the machine happens by itself, so what it finds stays; undefined:
   * for ever.
   * @returns the failure that is to be told.
   */
  step(now: number, begin: () => Action, stillUntil: () => number | undefined): string | undefined {
    if (!this.#action) {
      if (this.#next === undefined || now < this.#next) return undefined;
      this.#action = begin();
    }
    const found = this.#action.outcome(now);
    if (!found) return undefined;
    this.#action = undefined;
    this.#count(found.fault);
    this.#next = this.#nextAfter(now, found.fault, stillUntil());
    return found.fault ? `${this.kind} probe ${found.fault.message}` : undefined;
  }

  #nextAfter(now: number, fault: Fault | undefined, stillUntil: number | undefined): number | undefined {
    const tick = this.#tickAfter(now);
    const isSettled = this.passed === !fault && !fault?.isUnknown;
    if (!isSettled && !(fault?.isUnknown && this.#failures >= TOLD_ONE_BY_ONE)) return tick;
    if (stillUntil !== undefined && stillUntil <= tick) return tick;
    const later = stillUntil === undefined ? undefined : this.#tickAfter(stillUntil - 1);
    if (!fault) return later;
    return this.#failures >= TOLD_ONE_BY_ONE ? Math.min(later ?? Number.POSITIVE_INFINITY, now + TOLD_AGAIN_MS) : tick;
  }

  #count(fault: Fault | undefined): void {
    this.#attempts++;
    if (fault) this.#failures++;
    if (fault?.isUnknown) return;
    this.#run = this.#last === !fault ? this.#run + 1 : 1;
    this.#last = !fault;
    const threshold = fault ? this.probe.failureThreshold || FAILURE_THRESHOLD : this.probe.successThreshold || 1;
    if (this.#run >= threshold) this.passed = !fault;
  }

  #tickAfter(now: number): number {
    return this.#grid + (Math.floor((now - this.#grid) / this.#period) + 1) * this.#period;
  }
}
