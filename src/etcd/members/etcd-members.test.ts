import { describe, expect, it } from 'vitest';
import { CLUSTER_ERRORS, MEMBER_ERRORS, type MemberErrorName } from '../errors.ts';
import { type EtcdMembers, MAX_AHEAD, MAX_REQUESTS } from './etcd-members.ts';
import {
  healMembers,
  killMember,
  MAX_CLOCK_SPEED,
  MIN_CLOCK_SPEED,
  partitionMembers,
  pauseMember,
  skewClock,
  startMember,
  worsenDisk,
  worsenLinks,
} from './faults.ts';
import { foundEtcdMembers } from './founding.ts';
import { addMember, MAX_LEARNERS, membersSeenBy, moveLeader, promoteMember, removeMember } from './member-changes.ts';
import { statusOf } from './member-status.ts';
import { HEALTH_INTERVAL, REQUEST_TIMEOUT, TICK_MS } from './pending.ts';
import { SETTLES_WITHIN } from './quiet.ts';
import { memberOf } from './simulation.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function found(count: number, seed = 1): EtcdMembers {
  const founders = Array.from({ length: count }, (_, i) => ({
    name: `infra${i}`,
    peerURL: `http://10.0.0.${i}:2380`,
    clientURL: `http://10.0.0.${i}:2379`,
  }));
  return foundEtcdMembers({ name: 'test', founders, now: START, seed });
}

const ids = (members: EtcdMembers): string[] => members.state.roster.map(({ id }) => id);
const leaderOf = (members: EtcdMembers): string => members.preferred;
const followersOf = (members: EtcdMembers): string[] => ids(members).filter((id) => id !== leaderOf(members));

/** How a request ends if its owner comes back whenever it must; with the milliseconds that it took. */
function outcome(members: EtcdMembers, request: string): { after: number; error?: string; index?: number } {
  const began = members.now;
  for (;;) {
    const ending = members.take(request);
    if (ending) {
      const after = ending.at - began;
      return 'error' in ending ? { after, error: ending.error } : { after, index: ending.index };
    }
    members.advance(members.nextAt!);
  }
}

const write = (members: EtcdMembers, at = leaderOf(members)) =>
  outcome(members, members.begin('write', at, members.now));
const read = (members: EtcdMembers, at = leaderOf(members)) => outcome(members, members.begin('read', at, members.now));
const pass = (members: EtcdMembers, milliseconds: number): void => members.advance(members.now + milliseconds);

describe('healthy members', () => {
  it.each([1, 3, 5, 7])('have a leader from the start: %i', (count) => {
    for (let seed = 1; seed <= 20; seed++) {
      const members = found(count, seed);
      expect(members.now).toBe(START);
      const leaders = ids(members).filter((id) => statusOf(members, id).leader === id);
      expect(leaders).toHaveLength(1);
      for (const id of ids(members)) expect(statusOf(members, id).leader).toBe(leaders[0]);
    }
  });

  it('agree on a write in the time that messages take, wherever it is asked for', () => {
    const members = found(3);
    const first = members.begin('write', leaderOf(members), START);
    const ending = members.settle(first)!;
    expect(ending.at - START).toBeLessThan(10);
    const second = write(members, followersOf(members)[0]);
    expect(second.after).toBeLessThan(10);
    expect(second.index).toBe(members.indexOf(ending) + 1);
    pass(members, 100);
    for (const id of ids(members)) expect(statusOf(members, id).appliedIndex).toBe(second.index);
  });

  it('answer linearizable reads wherever they are asked for', () => {
    const members = found(3);
    const { index } = write(members);
    for (const id of ids(members)) expect(read(members, id)).toMatchObject({ index });
  });

  it('do nothing while nobody asks, however long, and go on', () => {
    const members = found(3);
    const { term } = statusOf(members, leaderOf(members));
    const leader = leaderOf(members);
    members.advance(members.now + 365 * 86_400_000);
    expect(write(members).after).toBeLessThan(10);
    expect(leaderOf(members)).toBe(leader);
    expect(statusOf(members, leader).term).toBe(term);
  });

  it('come to the same from the same seed, also by way of JSON', () => {
    const one = found(5, 7);
    const other = found(5, 7);
    for (const members of [one, other]) {
      killMember(members, members.now, leaderOf(members));
      pass(members, 1_234);
    }
    Object.assign(other.state, JSON.parse(JSON.stringify(other.state)));
    for (const members of [one, other]) pass(members, 5_000);
    expect(JSON.stringify(other.state)).toBe(JSON.stringify(one.state));
  });

  it('take no more requests than wait at one time', () => {
    const members = found(3);
    for (const id of followersOf(members)) killMember(members, members.now, id);
    const last = leaderOf(members);
    for (let i = 0; i < MAX_REQUESTS; i++) members.begin('read', last, members.now);
    expect(() => members.begin('read', last, members.now)).toThrow('etcdserver: too many requests');
  });

  it('are not gone ahead of further than a little', () => {
    const members = found(3);
    for (const id of followersOf(members)) worsenDisk(members, members.now, id, { delay: MAX_AHEAD + 10 });
    expect(members.settle(members.begin('write', leaderOf(members), members.now))).toBeUndefined();
    for (const id of followersOf(members)) worsenDisk(members, members.now, id, { delay: MAX_AHEAD - 10 });
    pass(members, 1_000);
    expect(members.settle(members.begin('write', leaderOf(members), members.now))).toBeDefined();
  });
});

describe('a leader that is killed', () => {
  it('has a successor after one to three seconds, mostly less than two, and mostly of the next term', () => {
    const times: number[] = [];
    const terms: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const members = found(3, seed);
      const { term } = statusOf(members, leaderOf(members));
      const gone = leaderOf(members);
      const began = members.now;
      killMember(members, began, gone);
      while (statusOf(members, leaderOf(members)).leader !== leaderOf(members)) pass(members, 10);
      expect(members.now - began).toBeGreaterThanOrEqual(900);
      expect(members.now - began).toBeLessThan(3_000);
      times.push(members.now - began);
      terms.push(statusOf(members, leaderOf(members)).term - term);
      expect(() => statusOf(members, gone)).toThrow('connection refused');
    }
    expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(2_000);
    expect(Math.min(...terms)).toBe(1);
    expect(terms.filter((rise) => rise === 1).length).toBeGreaterThan(terms.length / 2);
  });

  it('takes with it what it has taken: the client hears after seven seconds', () => {
    const members = found(3);
    const follower = followersOf(members)[0]!;
    partitionMembers(members, members.now, [[leaderOf(members)]]);
    const request = members.begin('write', follower, members.now);
    killMember(members, members.now, leaderOf(members));
    healMembers(members, members.now);
    const { after, error } = outcome(members, request);
    expect(after).toBe(REQUEST_TIMEOUT);
    expect(['timeout', 'timeoutLeaderFailed']).toContain(error);
  });

  it('comes back as a follower, and has what was written meanwhile', () => {
    const members = found(3);
    const gone = leaderOf(members);
    killMember(members, members.now, gone);
    pass(members, 3_000);
    const { index } = write(members);
    startMember(members, members.now, gone);
    pass(members, 1_000);
    expect(statusOf(members, gone)).toMatchObject({ appliedIndex: index, leader: leaderOf(members) });
  });
});

describe('without a quorum', () => {
  const lost = (): { members: EtcdMembers; last: string } => {
    const members = found(3);
    const last = leaderOf(members);
    for (const id of followersOf(members)) killMember(members, members.now, id);
    return { members, last };
  };

  it('the first write times out, and later ones are not taken', () => {
    const { members, last } = lost();
    expect(write(members, last)).toEqual({ after: REQUEST_TIMEOUT, error: 'timeout' });
    expect(write(members, last)).toEqual({ after: REQUEST_TIMEOUT, error: 'deadlineExceeded' });
    expect(read(members, last)).toEqual({ after: REQUEST_TIMEOUT, error: 'timeout' });
  });

  it('status says that there is no leader, and who members are is told at once', () => {
    const { members, last } = lost();
    pass(members, 3_000);
    expect(statusOf(members, last)).toMatchObject({ leader: '', errors: ['etcdserver: no leader'] });
    expect(membersSeenBy(members, last)).toHaveLength(3);
    expect(() => moveLeader(members, last, members.now, ids(members)[0]!)).toThrow('etcdserver: not leader');
  });

  it('writes succeed again soon after a member is back, also those that wait', () => {
    const { members, last } = lost();
    pass(members, 10_000);
    const request = members.begin('write', last, members.now);
    pass(members, 1_000);
    healMembers(members, members.now);
    expect(outcome(members, request)).toHaveProperty('index');
    expect(write(members).after).toBeLessThan(10);
  });

  it('has come to rest long before it is asked again', () => {
    const { members, last } = lost();
    members.advance(members.now + 30 * 86_400_000);
    expect(members.state.simulation.sequence).toBeLessThan(SETTLES_WITHIN);
    expect(write(members, last)).toMatchObject({ error: 'deadlineExceeded' });
  });
});

describe('other faults', () => {
  it('a minority that is down is not felt', () => {
    const members = found(5);
    for (const id of followersOf(members).slice(0, 2)) killMember(members, members.now, id);
    expect(write(members).after).toBeLessThan(10);
  });

  it('a leader that is cut off steps down, and the others go on', () => {
    const members = found(3);
    const old = leaderOf(members);
    partitionMembers(members, members.now, [[old]]);
    pass(members, 4_000);
    const leader = ids(members).find((id) => statusOf(members, id).leader === id)!;
    expect(leader).not.toBe(old);
    expect(statusOf(members, old).leader).toBe('');
    const { index } = write(members, leader);
    expect(statusOf(members, old).appliedIndex).toBeLessThan(index!);
    healMembers(members, members.now);
    pass(members, 1_000);
    expect(statusOf(members, old)).toMatchObject({ leader, appliedIndex: index });
  });

  it('a read that waits while another is elected is told so', () => {
    const members = found(3);
    const follower = followersOf(members)[0]!;
    killMember(members, members.now, leaderOf(members));
    expect(read(members, follower)).toMatchObject({ error: 'leaderChanged' });
  });

  it('a paused member hears nothing, and catches up', () => {
    const members = found(3);
    const paused = followersOf(members)[0]!;
    pauseMember(members, members.now, paused);
    expect(() => statusOf(members, paused)).toThrow('context deadline exceeded');
    const { index } = write(members);
    healMembers(members, members.now);
    pass(members, 1_000);
    expect(statusOf(members, paused).appliedIndex).toBe(index);
  });

  it.each([
    [MAX_CLOCK_SPEED, MAX_CLOCK_SPEED],
    [MAX_CLOCK_SPEED + 1, MAX_CLOCK_SPEED],
    [MIN_CLOCK_SPEED, MIN_CLOCK_SPEED],
    [MIN_CLOCK_SPEED / 2, MIN_CLOCK_SPEED],
  ])('a clock of the speed %d goes as %d, and does no harm', (asked, speed) => {
    const members = found(3);
    const skewed = followersOf(members)[0]!;
    skewClock(members, members.now, skewed, asked);
    const { raftId } = members.state.roster.find(({ id }) => id === skewed)!;
    expect(memberOf(members.state.simulation, raftId)!.tickEvery).toBe(TICK_MS / speed);
    pass(members, 20_000);
    expect(write(members)).toHaveProperty('index');
  });

  it('a far away quorum makes writes as slow as its messages', () => {
    const members = found(3);
    worsenLinks(members, members.now, leaderOf(members), { delay: 40 });
    const { after } = write(members);
    expect(after).toBeGreaterThanOrEqual(80);
    expect(after).toBeLessThan(100);
  });

  it('a member whose disk is full ends with its next write', () => {
    const members = found(3);
    const full = followersOf(members)[0]!;
    worsenDisk(members, members.now, full, { full: true });
    write(members);
    pass(members, 100);
    expect(() => statusOf(members, full)).toThrow('connection refused');
  });

  it('a member is as far as it has applied', () => {
    const members = found(3);
    const stale = followersOf(members)[0]!;
    members.recorded(write(members).index!, 2);
    pass(members, 100);
    partitionMembers(members, members.now, [[stale]]);
    members.recorded(write(members).index!, 3);
    expect(members.revisionOf(stale)).toBe(2);
    expect(members.revisionOf(leaderOf(members))).toBe(3);
  });
});

describe('members that come and go', () => {
  const done = (members: EtcdMembers, request: string) => expect(outcome(members, request)).toHaveProperty('index');
  const refusal = (error: () => Error): string => error().message;

  it('a learner learns, and is given a vote', () => {
    const members = found(3);
    pass(members, HEALTH_INTERVAL);
    const { index } = write(members);
    const at = leaderOf(members);
    const { member, request } = addMember(members, at, members.now, ['http://10.0.0.9:2380'], true);
    done(members, request);
    expect(membersSeenBy(members, at)).toHaveLength(4);
    expect(() => promoteMember(members, at, members.now, member.id)).toThrow(refusal(CLUSTER_ERRORS.learnerNotReady));
    startMember(members, members.now, member.id, 'infra9', ['http://10.0.0.9:2379']);
    pass(members, 2_000);
    expect(statusOf(members, member.id)).toMatchObject({ isLearner: true });
    expect(statusOf(members, member.id).appliedIndex).toBeGreaterThan(index!);
    expect(() => members.begin('write', member.id, members.now)).toThrow(refusal(MEMBER_ERRORS.notSupportedForLearner));
    done(members, promoteMember(members, at, members.now, member.id));
    pass(members, 200);
    expect(statusOf(members, member.id).isLearner).toBe(false);
    expect(write(members, member.id).after).toBeLessThan(10);
    expect(() => promoteMember(members, at, members.now, member.id)).toThrow(refusal(CLUSTER_ERRORS.memberNotLearner));
  });

  it('no more than so many learn', () => {
    const members = found(3);
    pass(members, HEALTH_INTERVAL);
    for (let i = 0; i < MAX_LEARNERS; i++)
      done(members, addMember(members, leaderOf(members), members.now, [`http://10.0.1.${i}:2380`], true).request);
    const another = () => addMember(members, leaderOf(members), members.now, ['http://10.0.2.1:2380'], true);
    expect(another).toThrow(refusal(CLUSTER_ERRORS.tooManyLearners));
  });

  it('an address that a member has is taken', () => {
    const members = found(3);
    const add = () => addMember(members, leaderOf(members), members.now, ['http://10.0.0.1:2380'], false);
    expect(add).toThrow(refusal(CLUSTER_ERRORS.memberExists));
  });

  it('nobody joins until all have been together for a while', () => {
    const members = found(3);
    const restarted = followersOf(members)[0]!;
    killMember(members, members.now, restarted);
    startMember(members, members.now, restarted);
    pass(members, HEALTH_INTERVAL - 1);
    const add = () => addMember(members, leaderOf(members), members.now, ['http://10.0.0.9:2380'], false);
    expect(add).toThrow(refusal(MEMBER_ERRORS.unhealthy));
    pass(members, 1);
    done(members, add().request);
  });

  it('a removed member is one no more, and stops', () => {
    const members = found(3);
    pass(members, HEALTH_INTERVAL);
    const gone = followersOf(members)[0]!;
    done(members, removeMember(members, leaderOf(members), members.now, gone));
    expect(membersSeenBy(members, leaderOf(members)).map(({ id }) => id)).not.toContain(gone);
    const again = () => removeMember(members, leaderOf(members), members.now, gone);
    expect(again).toThrow(refusal(CLUSTER_ERRORS.memberNotFound));
    pass(members, 2_000);
    expect(() => statusOf(members, gone)).toThrow('connection refused');
    startMember(members, members.now, gone);
    expect(() => statusOf(members, gone)).toThrow('connection refused');
  });

  it('a leader that is removed leaves another', () => {
    const members = found(3);
    pass(members, HEALTH_INTERVAL);
    const gone = leaderOf(members);
    done(members, removeMember(members, gone, members.now, gone));
    pass(members, 5_000);
    expect(leaderOf(members)).not.toBe(gone);
    expect(write(members).after).toBeLessThan(10);
  });

  it('who would take the quorum with them stay', () => {
    const members = found(3);
    const [first, second] = followersOf(members) as [string, string];
    killMember(members, members.now, second);
    pass(members, HEALTH_INTERVAL);
    const remove = (id: string) => () => removeMember(members, leaderOf(members), members.now, id);
    expect(remove(first)).toThrow(refusal(MEMBER_ERRORS.unhealthy));
    done(members, remove(second)());
    const single = found(1);
    expect(() => removeMember(single, leaderOf(single), single.now, leaderOf(single))).toThrow(
      refusal(CLUSTER_ERRORS.notEnoughStarted),
    );
  });

  it('a leader hands over in a moment, and nobody else can', () => {
    const members = found(3);
    const [follower, other] = followersOf(members) as [string, string];
    const { term } = statusOf(members, follower);
    expect(() => moveLeader(members, follower, members.now, other)).toThrow(refusal(MEMBER_ERRORS.notLeader));
    expect(() => moveLeader(members, leaderOf(members), members.now, '7')).toThrow(
      refusal(CLUSTER_ERRORS.badLeaderTransferee),
    );
    const { after, error } = outcome(members, moveLeader(members, leaderOf(members), members.now, other));
    expect(error).toBeUndefined();
    expect(after).toBeLessThanOrEqual(100);
    expect(statusOf(members, other)).toMatchObject({ leader: other, term: term + 1 });
  });

  it.each<[MemberErrorName, number]>([
    ['noLeader', 503],
    ['timeout', 503],
    ['deadlineExceeded', 504],
    ['notLeader', 400],
    ['notSupportedForLearner', 400],
  ])('%s is %i by HTTP', (name, status) => {
    expect(MEMBER_ERRORS[name]().httpStatus).toBe(status);
  });
});
