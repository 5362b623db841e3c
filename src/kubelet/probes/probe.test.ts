import { expect, it } from 'vitest';
import { always, courseOf, FAILURE_THRESHOLD, MAX_ATTEMPTS } from './probe.ts';

const SECOND = 1000;
const OPTIONS = { start: 0, from: 0, passes: true, stopsAtFailure: false, stopsAtSuccess: false };
const FAULT = { message: 'failed' };

it('has failed after as many failures in a row as its threshold says, three by default', () => {
  const failsAt = (failureThreshold?: number): number | undefined =>
    courseOf(
      { periodSeconds: 1, ...(failureThreshold ? { failureThreshold } : {}) },
      always(FAULT),
      OPTIONS,
    ).turns.find(({ passed }) => !passed)?.at;
  expect(failsAt()).toBe((FAILURE_THRESHOLD - 1) * SECOND);
  expect([1, 2, FAILURE_THRESHOLD].map(failsAt)).toEqual([0, SECOND, (FAILURE_THRESHOLD - 1) * SECOND]);
});

it('looks at so many attempts one by one, and takes what comes after for no change', () => {
  const turnsWhenBroken = (attempt: number): number => {
    const at = attempt * SECOND;
    const check = { at: (elapsed: number) => (elapsed >= at ? FAULT : undefined), changes: [at] };
    return courseOf({ periodSeconds: 1, failureThreshold: 1 }, check, OPTIONS).turns.filter(({ passed }) => !passed)
      .length;
  };
  expect(turnsWhenBroken(MAX_ATTEMPTS - 1)).toBe(1);
  expect(turnsWhenBroken(MAX_ATTEMPTS)).toBe(0);
});
