import { expect, it } from 'vitest';
import { FREE_FAILURES, PAUSE_LIMIT_MS, replacementDue } from './replacement-pause.ts';

it('replaces a few failures at once, and the next after ever longer pauses', () => {
  expect(replacementDue(FREE_FAILURES, 10_000)).toBe(0);
  expect(replacementDue(FREE_FAILURES + 1, 10_000)).toBe(11_000);
  expect(replacementDue(FREE_FAILURES + 4, 10_000)).toBe(18_000);
  // 256 s, and then no longer than the limit.
  expect(replacementDue(FREE_FAILURES + 9, 10_000)).toBe(266_000);
  expect(replacementDue(FREE_FAILURES + 10, 10_000)).toBe(10_000 + PAUSE_LIMIT_MS);
  expect(replacementDue(1000, 10_000)).toBe(10_000 + PAUSE_LIMIT_MS);
});
