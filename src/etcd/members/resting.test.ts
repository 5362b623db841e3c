import { expect, it } from 'vitest';
import type { EtcdMembers } from './etcd-members.ts';
import { killMember, startMember } from './faults.ts';
import { foundEtcdMembers } from './founding.ts';
import { addMember, membersSeenBy } from './member-changes.ts';
import { statusOf } from './member-status.ts';
import { HEALTH_INTERVAL } from './pending.ts';
import { restOf, wakeMembers } from './resting.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function found(count: number): EtcdMembers {
  const founders = Array.from({ length: count }, (_, i) => ({
    name: `etcd-${i}`,
    peerURL: `http://10.0.0.${i}:2380`,
    clientURL: `http://10.0.0.${i}:2379`,
  }));
  return foundEtcdMembers({ name: 'test', founders, now: START, seed: 1 });
}

function write(members: EtcdMembers): number {
  return members.indexOf(members.settle(members.begin('write', members.preferred, members.now))!);
}

/** As stored, and read again an hour later. */
function again(members: EtcdMembers, ahead: number, revision: number): EtcdMembers {
  const rest = JSON.parse(JSON.stringify(restOf(members, ahead)));
  return wakeMembers(rest, { now: members.now + 3_600_000, seed: 7, revision });
}

it.each([3, 5, 7])('%i members are who they were, with the same leader in the same term, and go on', (count) => {
  const members = found(count);
  const index = write(members);
  const before = statusOf(members, members.preferred);
  const woken = again(members, index - 2, 2);
  expect(woken.preferred).toBe(members.preferred);
  const after = statusOf(woken, woken.preferred);
  expect(after).toMatchObject({ leader: before.leader, term: before.term, revision: 2 });
  expect(after.appliedIndex).toBe(index + 1);
  expect(membersSeenBy(woken, woken.preferred)).toEqual(membersSeenBy(members, members.preferred));
  expect(write(woken)).toBe(index + 2);
});

it('who was down is down, who learned learns, and both can come', () => {
  const members = found(3);
  members.advance(members.now + HEALTH_INTERVAL);
  const added = addMember(members, members.preferred, members.now, ['http://10.0.0.9:2380'], true);
  members.indexOf(members.settle(added.request)!);
  const down = members.state.roster.find(({ id }) => id !== members.preferred)!.id;
  killMember(members, members.now, down);
  const index = write(members);
  const woken = again(members, index - 2, 2);
  expect(() => statusOf(woken, down)).toThrow('connection refused');
  expect(() => statusOf(woken, added.member.id)).toThrow('connection refused');
  for (const id of [down, added.member.id]) startMember(woken, woken.now, id, 'etcd', ['http://10.0.0.9:2379']);
  woken.advance(woken.now + 2_000);
  expect(statusOf(woken, down)).toMatchObject({ isLearner: false });
  expect(statusOf(woken, added.member.id)).toMatchObject({ isLearner: true, appliedIndex: index + 1 });
});
