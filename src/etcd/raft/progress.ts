/**
 * What a leader knows of one follower's log, and how it sends to it. Models go.etcd.io/raft/v3/tracker/progress.go.
 * - `StateProbe`: where the logs agree is not known; one append per heartbeat until it is.
 * - `StateReplicate`: appends are sent ahead of their answers, as many as the window takes.
 * - `StateSnapshot`: the entries are gone; a snapshot is on its way, and nothing else.
 *
 * `match < next` holds at all times.
 */
import { addInflight, emptyInflights, freeUpTo, type Inflights, isFull, resetInflights } from './inflights.ts';

export type ProgressState = 'StateProbe' | 'StateReplicate' | 'StateSnapshot';

export interface Progress {
  id: number;
  /** Up to here the logs are known to be the same. */
  match: number;
  /** The next entry to send. */
  next: number;
  /** The highest commit index that is on its way. */
  sentCommit: number;
  state: ProgressState;
  /** The index of the snapshot that is on its way; 0 for none. */
  pendingSnapshot: number;
  /** Whether it was heard of since the quorum was last checked. */
  recentActive: boolean;
  /** Nothing is sent until a heartbeat is answered. */
  appendsPaused: boolean;
  inflights: Inflights;
  isLearner: boolean;
}

export interface FlowLimits {
  maxInflightMessages: number;
  maxInflightBytes: number;
}

export const newProgress = (id: number, next: number, isLearner: boolean, limits: FlowLimits): Progress => ({
  id,
  match: 0,
  next,
  sentCommit: 0,
  state: 'StateProbe',
  pendingSnapshot: 0,
  recentActive: false,
  appendsPaused: false,
  inflights: emptyInflights(limits.maxInflightMessages, limits.maxInflightBytes),
  isLearner,
});

function enter(progress: Progress, state: ProgressState): void {
  progress.appendsPaused = false;
  progress.pendingSnapshot = 0;
  progress.state = state;
  resetInflights(progress.inflights);
}

/** A commit index that was sent beyond what is sent anew is not counted on. */
function regressSentCommit(progress: Progress): void {
  progress.sentCommit = Math.min(progress.sentCommit, progress.next - 1);
}

/** After a snapshot that arrived it goes on behind that; `pendingSnapshot` is 0 where it failed. */
export function becomeProbe(progress: Progress): void {
  const { pendingSnapshot } = progress;
  enter(progress, 'StateProbe');
  progress.next = Math.max(progress.match, pendingSnapshot) + 1;
  regressSentCommit(progress);
}

export function becomeReplicate(progress: Progress): void {
  enter(progress, 'StateReplicate');
  progress.next = progress.match + 1;
}

export function becomeSnapshot(progress: Progress, index: number): void {
  enter(progress, 'StateSnapshot');
  progress.pendingSnapshot = index;
  progress.next = index + 1;
  progress.sentCommit = index;
}

/** An append with so many entries was sent; none carries a commit index only. */
export function sentEntries(progress: Progress, entries: number, bytes: number): void {
  if (progress.state === 'StateReplicate') {
    if (entries > 0) {
      progress.next += entries;
      addInflight(progress.inflights, progress.next - 1, bytes);
    }
    progress.appendsPaused = isFull(progress.inflights);
  } else if (entries > 0) {
    progress.appendsPaused = true;
  }
}

export const canBumpCommit = (progress: Progress, commit: number): boolean =>
  commit > progress.sentCommit && progress.sentCommit < progress.next - 1;

/** It has everything up to `index`. False if that is nothing new. */
export function acknowledge(progress: Progress, index: number): boolean {
  if (index <= progress.match) return false;
  progress.match = index;
  progress.next = Math.max(progress.next, index + 1);
  progress.appendsPaused = false;
  return true;
}

/** It did not take an append after `rejected`, and guesses that the logs agree at `hint`. False if that is no news. */
export function stepBack(progress: Progress, rejected: number, hint: number): boolean {
  if (progress.state === 'StateReplicate') {
    if (rejected <= progress.match) return false;
    progress.next = progress.match + 1;
    regressSentCommit(progress);
    return true;
  }
  if (progress.next - 1 !== rejected) return false;
  progress.next = Math.max(Math.min(rejected, hint + 1), progress.match + 1);
  regressSentCommit(progress);
  progress.appendsPaused = false;
  return true;
}

export const arrivedUpTo = (progress: Progress, index: number): void => freeUpTo(progress.inflights, index);

export const isPaused = (progress: Progress): boolean => progress.state === 'StateSnapshot' || progress.appendsPaused;

export function describeProgress(progress: Progress): string {
  const words = [`${progress.state} match=${progress.match} next=${progress.next}`];
  if (progress.isLearner) words.push('learner');
  if (isPaused(progress)) words.push('paused');
  if (progress.pendingSnapshot > 0) words.push(`pendingSnap=${progress.pendingSnapshot}`);
  if (!progress.recentActive) words.push('inactive');
  const { sent } = progress.inflights;
  if (sent.length > 0) words.push(`inflight=${sent.length}${isFull(progress.inflights) ? '[full]' : ''}`);
  return words.join(' ');
}
