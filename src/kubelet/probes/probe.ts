/**
 * A probe's attempts and what comes of them, worked out from what its target does at each instant rather than kept.
 * Models pkg/kubelet/prober/worker.go.
 */
import type { Probe } from '../../objects/generated/core-v1.gen.ts';
import { TOLD_AGAIN_MS, TOLD_ONE_BY_ONE } from '../telling.ts';

/** What an attempt finds, in the words that follow `Readiness probe `. */
export interface Fault {
  message: string;
  /** The attempt itself could not be made: nothing is known, so nothing changes. */
  isUnknown?: boolean;
}

/** What a probe's target answers. */
export interface Check {
  /** Milliseconds since the container's start; undefined: all is well. */
  at(elapsed: number): Fault | undefined;
  /** The instants, in milliseconds since the start and in order, at which the answer changes. */
  changes: number[];
}

export const always = (fault: Fault | undefined): Check => ({ at: () => fault, changes: [] });

const PERIOD_SECONDS = 10;
export const FAILURE_THRESHOLD = 3;

/** Attempts that are looked at one by one; a target that still changes after so many is taken to have stopped. */
export const MAX_ATTEMPTS = 10_000;

/** A probe's whole course, as far as it can be seen from its beginning. */
export interface Course {
  /** The instants at which the result turned, in order. */
  turns: { at: number; passed: boolean }[];
  /** The failure that is to be told of an attempt at just this instant. */
  tell(instant: number): Fault | undefined;
  /** The next instant after this one at which there is a failure to tell or the result turns. */
  next(instant: number): number | undefined;
}

interface Attempt {
  at: number;
  fault: Fault | undefined;
  isTold: boolean;
}

/** Instants are in milliseconds. */
export interface CourseOptions {
  /** The container's. */
  start: number;
  /** No attempt is made before it. */
  from: number;
  /** Its result before the first attempt; otherwise it has none. */
  passes: boolean;
  /** Its first turn to failure, or to success, is the last of it. */
  stopsAtFailure: boolean;
  stopsAtSuccess: boolean;
}

export function courseOf(
  probe: Probe,
  check: Check,
  { start, from, passes, stopsAtFailure, stopsAtSuccess }: CourseOptions,
): Course {
  const period = (probe.periodSeconds || PERIOD_SECONDS) * 1000;
  const toPass = probe.successThreshold || 1;
  const toFail = probe.failureThreshold || FAILURE_THRESHOLD;
  const first = Math.max(from, start + (probe.initialDelaySeconds ?? 0) * 1000);
  const settled = start + (check.changes.at(-1) ?? 0) + Math.max(toPass, toFail) * period;
  const attempts: Attempt[] = [];
  const turns: Course['turns'] = [];
  let passed: boolean | undefined = passes ? true : undefined;
  let run = 0;
  let before: boolean | undefined;
  let failures = 0;
  let stopped = false;
  for (let k = 0, at = first; !stopped && k < MAX_ATTEMPTS && (k <= Math.max(toPass, toFail) || at <= settled); k++) {
    const fault = check.at(at - start);
    if (fault) failures++;
    attempts.push({ at, fault, isTold: fault !== undefined && failures <= TOLD_ONE_BY_ONE });
    if (!fault?.isUnknown) {
      run = before === !fault ? run + 1 : 1;
      before = !fault;
      if (run >= (fault ? toFail : toPass) && passed !== !fault) {
        passed = !fault;
        turns.push({ at, passed });
        stopped = passed ? stopsAtSuccess : stopsAtFailure;
      }
    }
    at += period;
  }
  const last = attempts.at(-1)!;
  // What follows is like the last attempt, for ever.
  const again = Math.max(period, Math.ceil(TOLD_AGAIN_MS / period) * period);
  const follows = stopped ? undefined : last.fault;
  const left = Math.max(0, TOLD_ONE_BY_ONE - failures);
  const tell = (instant: number): Fault | undefined => {
    if (instant <= last.at) return attempts.find((attempt) => attempt.at === instant && attempt.isTold)?.fault;
    const beyond = instant - last.at;
    const isTold = beyond <= left * period ? beyond % period === 0 : (beyond - left * period) % again === 0;
    return isTold ? follows : undefined;
  };
  return {
    turns,
    tell,
    next(instant) {
      const listed = attempts.find((attempt) => attempt.at > instant && attempt.isTold)?.at;
      const turn = turns.find(({ at }) => at > instant)?.at;
      const known = [listed, turn].filter((at): at is number => at !== undefined);
      if (known.length > 0) return Math.min(...known);
      if (!follows) return undefined;
      const end = last.at + left * period;
      const step = instant < end ? period : again;
      const base = instant < end ? last.at : end;
      return base + (Math.floor(Math.max(0, instant - base) / step) + 1) * step;
    },
  };
}

/** The result at an instant; undefined: none yet. */
export const resultAt = ({ turns }: Course, instant: number): boolean | undefined =>
  turns.findLast(({ at }) => at <= instant)?.passed;
