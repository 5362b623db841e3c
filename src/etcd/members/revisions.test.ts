import { expect, it } from 'vitest';
import { MAX_RUNS, type Run, recordRevision, stateAt } from './revisions.ts';

it('knows the revision of each index, and keeps one run while they go together', () => {
  const runs: Run[] = [];
  for (let i = 0; i < 1_000; i++) recordRevision(runs, 10 + i, 2 + i, i);
  expect(runs).toHaveLength(1);
  expect(stateAt(runs, 10)).toMatchObject({ revision: 2 });
  expect(stateAt(runs, 500)).toMatchObject({ revision: 492 });
  expect(stateAt(runs, 2_000)).toMatchObject({ revision: 1_001 });
});

it('knows that an entry without a write changes nothing', () => {
  const runs: Run[] = [];
  recordRevision(runs, 5, 2, 0);
  recordRevision(runs, 8, 3, 0);
  expect([4, 5, 6, 7, 8, 9].map((index) => stateAt(runs, index)?.revision)).toEqual([2, 2, 2, 2, 3, 3]);
  expect(stateAt([], 5)).toBeUndefined();
});

it('forgets the oldest run when there are too many', () => {
  const runs: Run[] = [];
  for (let i = 0; i < MAX_RUNS; i++) recordRevision(runs, 2 * i, i, 0);
  expect(stateAt(runs, 0)).toMatchObject({ revision: 0 });
  recordRevision(runs, 2 * MAX_RUNS, MAX_RUNS, 0);
  expect(runs).toHaveLength(MAX_RUNS);
  expect(stateAt(runs, 0)).toMatchObject({ revision: 1 });
});
