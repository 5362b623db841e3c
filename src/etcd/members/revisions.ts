/**
 * Which state of the store a member has that has applied the log up to an index. Mostly one entry makes one revision, so what is kept is
 * where that is not so.
 */

/** From `index` on each entry is one revision more. */
export interface Run {
  index: number;
  revision: number;
  /** The last entry of this run that was said. */
  last: number;
}

/** What is older is taken for the oldest that is known. */
export const MAX_RUNS = 1_000;

/** Indexes come in order. */
export function recordRevision(runs: Run[], index: number, revision: number): void {
  const run = runs.at(-1);
  if (run && index > run.last && revision - run.revision === index - run.index) {
    run.last = index;
    return;
  }
  runs.push({ index, revision, last: index });
  if (runs.length > MAX_RUNS) runs.shift();
}

/** Undefined before the first that is known. */
export function revisionAt(runs: readonly Run[], index: number): number | undefined {
  const run = runs.findLast((candidate) => candidate.index <= index) ?? runs[0];
  if (!run) return undefined;
  const last = Math.min(Math.max(index, run.index), run.last);
  return run.revision + last - run.index;
}
