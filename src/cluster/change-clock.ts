/** How a cluster's clock is changed: as it is asked, or forward to the next instant at which something is due, and then it is told what was done. */
import type { ClockChange, ClockState } from '../platform/clusters/clock-state.ts';
import { MAX_CLOCK_STEP_SECONDS } from '../platform/limits.ts';
import { MAX_TIME } from '../simulation/clock.ts';
import type { Running } from './running.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { commitsFrom } from './story-answers.ts';

/** Changes that a step to the next instant tells of. */
export const MAX_TOLD_CHANGES = 100;

/** `changed` is told when there may be work. */
export async function changeClock(
  { clock, cluster }: Running,
  { next = false, ...asked }: ClockChange,
  changed: () => void,
): Promise<ClockState> {
  const { revision } = cluster.store;
  const change: ClockChange = next ? { ...asked, advance: untilNext(cluster, Date.now()) } : asked;
  if (Object.values(change).some((value) => value !== undefined)) {
    clock.change(change, Date.now());
    changed();
  }
  if (change.advance !== undefined) await clock.arrived();
  const state = clock.state(Date.now());
  return next ? { ...state, did: commitsFrom(cluster, revision + 1, MAX_TOLD_CHANGES) } : state;
}

/** Seconds, at least a millisecond's; undefined where nothing is due for as long as a step may be. */
function untilNext(cluster: SimulatedCluster, realNow: number): number | undefined {
  const now = cluster.now(realNow);
  const due = cluster.dueAt(realNow);
  if (due === undefined || due > Math.min(MAX_TIME, now + MAX_CLOCK_STEP_SECONDS * 1000)) return undefined;
  return Math.max(1, Math.ceil(due) - now) / 1000;
}
