import { describe, expect, it } from 'vitest';
import { NO_LIMIT } from './message.ts';
import { committedIndex, jointCommittedIndex, jointVoteResult, voteResult } from './quorum.ts';

/** Indexes of the voters 1, 2, 3… */
const of = (...indexes: number[]) => {
  const ids = indexes.map((_, i) => i + 1);
  return committedIndex(ids, (id) => indexes[id - 1]!);
};

describe('a majority', () => {
  it.each([
    [[7], 7],
    [[7, 5], 5],
    [[5, 5, 9], 5],
    [[9, 7, 5], 7],
    [[9, 8, 7, 5], 7],
    [[9, 8, 7, 5, 1], 7],
    [[9, 0, 0, 0, 0], 0],
    [[], NO_LIMIT],
  ])('of %j has %i', (indexes, committed) => {
    expect(of(...indexes)).toBe(committed);
  });

  it.each([
    ['', 'VoteWon'],
    ['y', 'VoteWon'],
    ['n', 'VoteLost'],
    ['yn', 'VoteLost'],
    ['y_', 'VotePending'],
    ['yy_', 'VoteWon'],
    ['yn_', 'VotePending'],
    ['nn_', 'VoteLost'],
    ['yyn__', 'VotePending'],
    ['yyy__', 'VoteWon'],
    ['nnn__', 'VoteLost'],
  ])('votes %j: %s', (votes, result) => {
    const voters = [...votes].map((_, i) => i + 1);
    const vote = (id: number) => ({ y: true, n: false })[votes[id - 1]!];
    expect(voteResult(voters, vote)).toBe(result);
  });
});

describe('a joint configuration', () => {
  it('has what both halves have', () => {
    const index = (id: number): number => [0, 9, 9, 1, 1, 5][id]!;
    expect(jointCommittedIndex([1, 2, 3], [3, 4, 5], index)).toBe(1);
    expect(jointCommittedIndex([1, 2, 3], [], index)).toBe(9);
  });

  it('needs both halves, and one can refuse', () => {
    const yes = (ids: number[]) => (id: number) => (ids.includes(id) ? true : undefined);
    expect(jointVoteResult([1, 2, 3], [3, 4, 5], yes([1, 2]))).toBe('VotePending');
    expect(jointVoteResult([1, 2, 3], [3, 4, 5], yes([1, 3, 4]))).toBe('VoteWon');
    expect(jointVoteResult([1, 2, 3], [3, 4, 5], (id) => id < 3)).toBe('VoteLost');
  });
});
