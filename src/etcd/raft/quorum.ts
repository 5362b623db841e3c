/**
 * The arithmetic of majorities, single and joint. A decision of a joint configuration is one of both halves.
 * Models go.etcd.io/raft/v3/quorum.
 */
import { hex } from './journal.ts';
import { NO_LIMIT } from './message.ts';

export type VoteResult = 'VotePending' | 'VoteLost' | 'VoteWon';

const majority = (voters: readonly number[]): number => Math.floor(voters.length / 2) + 1;

/** The highest index that a majority has; no voters agree to anything, so that half a joint configuration may be empty. */
export function committedIndex(voters: readonly number[], acknowledged: (id: number) => number): number {
  if (voters.length === 0) return NO_LIMIT;
  const indexes = voters.map(acknowledged);
  indexes.sort((a, b) => b - a);
  return indexes[majority(voters) - 1]!;
}

export const jointCommittedIndex = (
  voters: readonly number[],
  outgoing: readonly number[],
  acknowledged: (id: number) => number,
): number => Math.min(committedIndex(voters, acknowledged), committedIndex(outgoing, acknowledged));

/** `vote` is undefined for who has not voted. */
export function voteResult(voters: readonly number[], vote: (id: number) => boolean | undefined): VoteResult {
  if (voters.length === 0) return 'VoteWon';
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const cast = vote(id);
    if (cast) granted++;
    else if (cast === undefined) missing++;
  }
  const needed = majority(voters);
  if (granted >= needed) return 'VoteWon';
  return granted + missing >= needed ? 'VotePending' : 'VoteLost';
}

export function jointVoteResult(
  voters: readonly number[],
  outgoing: readonly number[],
  vote: (id: number) => boolean | undefined,
): VoteResult {
  const first = voteResult(voters, vote);
  const second = voteResult(outgoing, vote);
  if (first === second) return first;
  return first === 'VoteLost' || second === 'VoteLost' ? 'VoteLost' : 'VotePending';
}

/** `(1 2 3)`, ids in hexadecimal. */
export const describeIds = (ids: readonly number[]): string => `(${ids.map(hex).join(' ')})`;
