import { expect, it } from 'vitest';
import type { Action, Fault } from './outcome.ts';
import { FAILURE_THRESHOLD, PERIOD_SECONDS, Prober } from './prober.ts';

const ended = (fault: Fault | undefined) => (): Action => ({
  outcome: () => ({ fault }),
  deadline: 0,
});
const FAILED = ended({ message: 'failed: no', error: 'no' });
const UNKNOWN = ended({ message: 'errored', error: 'errored', isUnknown: true });

/** Attempts of a probe that had passed, one a period; what is known after each. */
function after(attempts: (() => Action)[], failureThreshold?: number) {
  const probe = failureThreshold === undefined ? {} : { failureThreshold };
  const prober = new Prober({ kind: 'Liveness', probe, grid: 0, first: 0, passed: true });
  attempts.forEach((attempt, i) => void prober.step(i * PERIOD_SECONDS * 1000, attempt, () => 0));
  return { passed: prober.passed, hasFailed: prober.hasFailed };
}

const times = (count: number) => Array.from({ length: count }, () => FAILED);
const WELL = { passed: true, hasFailed: false };
const BAD = { passed: false, hasFailed: true };

it('has failed after so many failures in a row, where its threshold is not said', () => {
  expect(after(times(FAILURE_THRESHOLD - 1))).toEqual(WELL);
  expect(after(times(FAILURE_THRESHOLD))).toEqual(BAD);
  expect(after([...times(FAILURE_THRESHOLD - 1), ended(undefined), FAILED])).toEqual(WELL);
});

it('counts no attempt of which nothing is known', () => {
  expect(after([...times(FAILURE_THRESHOLD - 1), UNKNOWN])).toEqual(WELL);
  expect(after([...times(FAILURE_THRESHOLD - 1), UNKNOWN, FAILED])).toEqual(BAD);
});

it('has failed as often as its own threshold says', () => {
  expect(after(times(FAILURE_THRESHOLD), FAILURE_THRESHOLD + 1)).toEqual(WELL);
  expect(after(times(1), 1)).toEqual(BAD);
});

it('goes by an attempt out of turn from then on', () => {
  const prober = new Prober({ kind: 'Readiness', probe: { periodSeconds: 4 }, grid: 0, first: 0, passed: undefined });
  prober.step(0, FAILED, () => 0);
  expect(prober.dueAt(undefined)).toBe(4000);
  prober.trigger(1500);
  expect(prober.dueAt(undefined)).toBe(1500);
  prober.step(1500, FAILED, () => 0);
  expect(prober.dueAt(undefined)).toBe(5500);
  prober.trigger(9000);
  expect(prober.dueAt(undefined)).toBe(5500);
});
