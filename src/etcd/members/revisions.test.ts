import { expect, it } from 'vitest';
import { MAX_RUNS, type Run, recordRevision, revisionAt } from './revisions.ts';

it('knows the revision of each index, and keeps one run while they go together', () => {
  const runs: Run[] = [];
  for (let i = 0; i < 1_000; i++) recordRevision(runs, 10 + i, 2 + i);
  expect(runs).toHaveLength(1);
  expect(revisionAt(runs, 10)).toBe(2);
  expect(revisionAt(runs, 500)).toBe(492);
  expect(revisionAt(runs, 2_000)).toBe(1_001);
});

it('knows that an entry without a write changes nothing', () => {
  const runs: Run[] = [];
  recordRevision(runs, 5, 2);
  recordRevision(runs, 8, 3);
  expect([4, 5, 6, 7, 8, 9].map((index) => revisionAt(runs, index))).toEqual([2, 2, 2, 2, 3, 3]);
  expect(revisionAt([], 5)).toBeUndefined();
});

it('forgets the oldest run when there are too many', () => {
  const runs: Run[] = [];
  for (let i = 0; i < MAX_RUNS; i++) recordRevision(runs, 2 * i, i);
  expect(revisionAt(runs, 0)).toBe(0);
  recordRevision(runs, 2 * MAX_RUNS, MAX_RUNS);
  expect(runs).toHaveLength(MAX_RUNS);
  expect(revisionAt(runs, 0)).toBe(1);
});
