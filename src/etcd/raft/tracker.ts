/**
 * Who is in the configuration, what the leader knows of each, and who voted how. Models go.etcd.io/raft/v3/tracker/tracker.go.
 * `progress` is sorted by id, and has exactly those whom the configuration names.
 */
import { type ConfState, emptyConfState } from './conf-change.ts';
import type { FlowLimits, Progress } from './progress.ts';
import { describeIds, jointCommittedIndex, jointVoteResult, type VoteResult } from './quorum.ts';

export interface Tracker {
  configuration: ConfState;
  progress: Progress[];
  /** By id; the first vote of each counts. */
  votes: Record<number, boolean>;
  limits: FlowLimits;
}

export const emptyTracker = (limits: FlowLimits): Tracker => ({
  configuration: emptyConfState(),
  progress: [],
  votes: {},
  limits,
});

export function progressOf(tracker: Tracker, id: number): Progress | undefined {
  for (const progress of tracker.progress) if (progress.id === id) return progress;
  return undefined;
}

/** Both halves' voters, sorted. */
export function voterIds({ voters, votersOutgoing }: ConfState): number[] {
  if (votersOutgoing.length === 0) return voters;
  return [...new Set([...voters, ...votersOutgoing])].sort((a, b) => a - b);
}

export const isSingleton = ({ configuration }: Tracker): boolean =>
  configuration.voters.length === 1 && configuration.votersOutgoing.length === 0;

/** What both majorities have in their logs. */
export const committed = (tracker: Tracker): number =>
  jointCommittedIndex(
    tracker.configuration.voters,
    tracker.configuration.votersOutgoing,
    (id) => progressOf(tracker, id)?.match ?? 0,
  );

const result = (tracker: Tracker, vote: (id: number) => boolean | undefined): VoteResult =>
  jointVoteResult(tracker.configuration.voters, tracker.configuration.votersOutgoing, vote);

/** Whether a quorum was heard of since the last check. */
export const quorumActive = (tracker: Tracker): boolean =>
  result(tracker, (id) => {
    const progress = progressOf(tracker, id);
    return progress && !progress.isLearner ? progress.recentActive : undefined;
  }) === 'VoteWon';

export function recordVote(tracker: Tracker, id: number, granted: boolean): void {
  tracker.votes[id] ??= granted;
}

export function tallyVotes(tracker: Tracker): { granted: number; rejected: number; result: VoteResult } {
  let granted = 0;
  let rejected = 0;
  for (const { id, isLearner } of tracker.progress) {
    const vote = tracker.votes[id];
    if (isLearner || vote === undefined) continue;
    if (vote) granted++;
    else rejected++;
  }
  return { granted, rejected, result: result(tracker, (id) => tracker.votes[id]) };
}

/** `voters=(1 2)&&(2 3) learners=(4) learners_next=(5) autoleave` */
export function describeConfiguration(state: ConfState): string {
  let text = `voters=${describeIds(state.voters)}`;
  if (state.votersOutgoing.length > 0) text += `&&${describeIds(state.votersOutgoing)}`;
  if (state.learners.length > 0) text += ` learners=${describeIds(state.learners)}`;
  if (state.learnersNext.length > 0) text += ` learners_next=${describeIds(state.learnersNext)}`;
  return state.autoLeave ? `${text} autoleave` : text;
}
