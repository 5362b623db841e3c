/**
 * A container that has been told to stop: its hook, its turn among the pod's containers, its signal, and its end by force when the grace
 * period is over. Models pkg/kubelet/kuberuntime (killContainer).
 */

import type { PodMachine } from '../../machine/pod-machine.ts';
import type { Container, Pod } from '../../objects/generated/core-v1.gen.ts';
import { hookFault } from '../probes/action.ts';
import type { Action } from '../probes/outcome.ts';

/** What a container is given at the least when its hook has used its grace period up. */
export const LEAST_GRACE_MS = 2000;

const DEFAULT_GRACE_SECONDS = 30;

/** What a pod's containers are given when they are told to stop. */
export const graceSecondsOf = ({ spec }: Pod): number => spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;

export class Stop {
  readonly begin: number;
  readonly #container: Container;
  readonly #grace: number;
  #hook: Action | undefined;
  /** It had begun before it was forgotten: the signal counts as sent then. */
  readonly #isResumed: boolean;
  /** When it was sent its signal, and when it is killed. */
  #signalled: number | undefined;
  #killAt: number | undefined;
  /** It went on for too long, or had no time. */
  isKilled = false;
  hookFailed = false;
  /** What does not hear its signal is not waited for. */
  isGivenUp = false;

  /** `grace` in milliseconds. */
  constructor(container: Container, begin: number, grace: number, hook: Action | undefined, isResumed = false) {
    this.#isResumed = isResumed;
    this.#container = container;
    this.begin = begin;
    this.#grace = grace;
    this.#hook = hook;
  }

  /** Goes as far as it can by now; the machine is there. `isItsTurn`: nothing that stops before it is left. */
  step(now: number, machine: PodMachine, isItsTurn: boolean): void {
    if (this.#hook) this.#stepHook(now);
    const isOverdue = now >= this.begin + this.#grace;
    if (!this.#hook && this.#signalled === undefined && (isItsTurn || isOverdue)) {
      this.#signalled = now;
      const left = this.#grace - (now - this.begin);
      this.#killAt = now + (this.#isResumed ? Math.max(0, left) : Math.max(LEAST_GRACE_MS, left));
      machine.signal(this.#container.name, this.#grace > 0 ? 'TERM' : 'KILL');
      machine.advance(now);
      if (this.isGivenUp) machine.signal(this.#container.name, 'KILL');
    }
    if (!this.isKilled && this.#killAt !== undefined && now >= this.#killAt) {
      this.isKilled = true;
      machine.signal(this.#container.name, 'KILL');
      machine.advance(now);
    }
  }

  #stepHook(now: number): void {
    const found = this.#hook!.outcome(now);
    if (!found && now < this.begin + this.#grace) return;
    this.#hook = undefined;
    this.hookFailed = hookFault(found?.fault) !== undefined;
  }

  /** When it is seen that it has ended at an instant: `leave` milliseconds later, unless it is killed before. */
  seenAt(end: number, leave: number): number {
    return Math.max(end, Math.min(end + leave, this.#killAt ?? end + leave));
  }

  /** When it has to be looked at again; `wakes`: when the machine goes on by itself. */
  dueAt(wakes: number | undefined): number {
    const atLatest =
      this.#killAt ?? Math.min(this.begin + this.#grace, this.#hook?.deadline ?? Number.POSITIVE_INFINITY);
    return Math.min(atLatest, wakes ?? atLatest);
  }
}
