/** Whatever fails, and whoever comes and goes; 20,000 schedules take some two minutes of one core: `FUZZ_INPUTS` says how many schedules, `FUZZ_SEED` which, `RAFT_STEPS` how long each is. */
import { expect, it } from 'vitest';
import { type Outcome, runSchedule } from './schedule.ts';

const SCHEDULES = Number(process.env.FUZZ_INPUTS ?? 20_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const STEPS = Number(process.env.RAFT_STEPS ?? 60);
/** After so many a run has told enough. */
const MAX_FAULTS = 3;
const TIMEOUT = 60_000 + SCHEDULES * 50;

it(`${SCHEDULES} schedules keep what Raft promises`, { timeout: TIMEOUT, retry: 0 }, () => {
  const faults: string[] = [];
  const outcomes: Outcome[] = [];
  const started = performance.now();
  for (let i = 0; i < SCHEDULES && faults.length < MAX_FAULTS; i++) {
    // Of one seed none are another's for as many as anybody runs.
    const seed = SEED * 100_003 * 7 + i;
    try {
      outcomes.push(runSchedule(seed, STEPS));
    } catch (error) {
      faults.push(`${seed}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const perSecond = Math.round((outcomes.length * 1000) / (performance.now() - started));
  const counts = { writes: sum((o) => o.writes), reads: sum((o) => o.reads), elections: sum((o) => o.elections) };
  console.log(`${perSecond} schedules a second`, counts, { changes: sum((o) => o.changes) });
  expect(faults).toEqual([]);
  // Something must have happened, or nothing was tried.
  expect(counts.writes).toBeGreaterThan(SCHEDULES);
  expect(counts.reads).toBeGreaterThan(SCHEDULES);
  expect(counts.elections).toBeGreaterThan(SCHEDULES);
  for (const members of [3, 5, 7]) expect(outcomes.some((outcome) => outcome.members === members)).toBe(true);
});
