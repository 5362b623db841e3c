import { expect, it } from 'vitest';
import { backoff, BACKOFF_LIMIT_MS as WORK_BACKOFF_LIMIT_MS } from '../simulation/work-queue.ts';
import { PULL_BACKOFF_LIMIT_MS, pullTries } from './runtime/image-pull.ts';
import { nextMountTry, RETRY_LIMIT_MS } from './runtime/volumes.ts';

/** The pauses between instants that follow one another, as `next` has them. */
function pauses(next: (now: number) => number, count: number): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    const before = now;
    now = next(before);
    return now - before;
  });
}

it('mounts again after ever longer pauses, up to a limit', () => {
  const found = pauses((now) => nextMountTry(0, now), 10);
  expect(found.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
  expect(found[7]).toBe(64_000);
  expect(found.slice(8)).toEqual([RETRY_LIMIT_MS, RETRY_LIMIT_MS]);
});

it('pulls an image again after ever longer pauses, up to a limit', () => {
  const found = pauses((now) => pullTries(0, now).next, 7);
  expect(found.slice(0, 5)).toEqual([10_000, 20_000, 40_000, 80_000, 160_000]);
  expect(found.slice(5)).toEqual([PULL_BACKOFF_LIMIT_MS, PULL_BACKOFF_LIMIT_MS]);
});

it('tries what failed again after ever longer pauses, up to a limit', () => {
  expect([1, 2, 3].map((failures) => backoff(failures))).toEqual([5, 10, 20]);
  expect(backoff(18)).toBe(5 * 2 ** 17);
  expect(backoff(18)).toBeLessThan(WORK_BACKOFF_LIMIT_MS);
  expect([backoff(19), backoff(100)]).toEqual([WORK_BACKOFF_LIMIT_MS, WORK_BACKOFF_LIMIT_MS]);
});
