/** Members come, go, and are given a vote; the leader hands over. Each is refused as etcd refuses it. Models server/etcdserver/server.go. */
import { CLUSTER_ERRORS, MEMBER_ERRORS } from '../errors.ts';
import type { ConfChangeType, ConfState } from '../raft/conf-change.ts';
import { progressOf } from '../raft/tracker.ts';
import { connectedSince, isConnectedTo } from './connections.ts';
import type { EtcdMembers } from './etcd-members.ts';
import { rosterId } from './etcd-members-state.ts';
import { HEALTH_INTERVAL } from './pending.ts';
import { mayAddVoter, mayPromote, mayRemoveVoter, type RosterEntry } from './roster.ts';
import { memberOf } from './simulation.ts';

export const MAX_LEARNERS = 1;
/** Of the leader's log, how much a learner must have to be given a vote. */
const READY_SHARE = 0.9;

/** Who is a member as far as one member knows. */
export function membersSeenBy(members: EtcdMembers, memberId: string): (RosterEntry & { isLearner: boolean })[] {
  const { voters, votersOutgoing, learners } = confStateOf(members, memberId);
  const ids = [...voters, ...votersOutgoing, ...learners];
  return members.state.roster
    .filter(({ raftId }) => ids.includes(raftId))
    .map((entry) => ({ ...entry, isLearner: learners.includes(entry.raftId) }))
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

const confStateOf = (members: EtcdMembers, memberId: string): ConfState => members.at(memberId).machine.confState;

function find(members: EtcdMembers, memberId: string, id: string): RosterEntry & { isLearner: boolean } {
  const entry = membersSeenBy(members, memberId).find((member) => member.id === id);
  if (!entry) throw CLUSTER_ERRORS.memberNotFound();
  return entry;
}

const request = (members: EtcdMembers, at: string, now: number, type: ConfChangeType, nodeId: number): string =>
  members.begin('change', at, now, { change: { type, nodeId } });

/** How many voters, itself too, a member has been connected to since an instant. */
function connectedVoters(members: EtcdMembers, at: string, since: number): { connected: number; voters: number } {
  const { id } = members.at(at);
  const { voters } = confStateOf(members, at);
  const connected = voters.filter((other) => connectedSince(members.state.connections, id, other, since)).length;
  return { connected, voters: voters.length };
}

/** `peerURLs` are sorted. Returns the new member and the request that must end well; it is a member then, and can be started. */
export function addMember(
  members: EtcdMembers,
  at: string,
  now: number,
  peerURLs: string[],
  isLearner: boolean,
): { member: RosterEntry; request: string } {
  members.advance(now);
  const { state } = members;
  const seen = membersSeenBy(members, at);
  const confState = confStateOf(members, at);
  if (isLearner && confState.learners.length >= MAX_LEARNERS) throw CLUSTER_ERRORS.tooManyLearners();
  if (seen.some((member) => member.peerURLs.some((url) => peerURLs.includes(url)))) throw CLUSTER_ERRORS.memberExists();
  if (!isLearner && !mayAddVoter(state.roster, confState)) throw CLUSTER_ERRORS.notEnoughStarted();
  const { connected, voters } = connectedVoters(members, at, now - HEALTH_INTERVAL);
  if (connected < voters) throw MEMBER_ERRORS.unhealthy();
  const raftId = Math.max(0, ...state.roster.map((entry) => entry.raftId)) + 1;
  const id = rosterId(`${state.name} ${raftId}`, peerURLs);
  const member: RosterEntry = { raftId, id, name: '', peerURLs, clientURLs: [] };
  const type = isLearner ? 'ConfChangeAddLearnerNode' : 'ConfChangeAddNode';
  const name = request(members, at, now, type, raftId);
  state.roster.push(member);
  return { member, request: name };
}

/** The URLs are taken as they are. Returns the request that must end well. */
export function updateMember(members: EtcdMembers, at: string, now: number, id: string, peerURLs: string[]): string {
  members.advance(now);
  const { raftId } = find(members, at, id);
  const others = membersSeenBy(members, at).filter((member) => member.raftId !== raftId);
  if (others.some((member) => member.peerURLs.some((url) => peerURLs.includes(url))))
    throw CLUSTER_ERRORS.peerURLExists();
  const name = request(members, at, now, 'ConfChangeUpdateNode', raftId);
  members.state.roster.find((entry) => entry.raftId === raftId)!.peerURLs = peerURLs;
  return name;
}

/** Returns the request that must end well; the member stops a second after it has heard of it. */
export function removeMember(members: EtcdMembers, at: string, now: number, id: string): string {
  members.advance(now);
  const { raftId, isLearner } = find(members, at, id);
  if (!isLearner) {
    if (!mayRemoveVoter(members.state.roster, confStateOf(members, at), raftId))
      throw CLUSTER_ERRORS.notEnoughStarted();
    // Who is down is no part of the quorum that there is.
    if (isConnectedTo(members.state.connections, members.at(at).id, raftId)) {
      const { connected, voters } = connectedVoters(members, at, now - HEALTH_INTERVAL);
      if (connected - 1 < 1 + Math.floor((voters - 1) / 2)) throw MEMBER_ERRORS.unhealthy();
    }
  }
  return request(members, at, now, 'ConfChangeRemoveNode', raftId);
}

/** A learner that is nearly as far as the leader, which alone knows that. Returns the request that must end well. */
export function promoteMember(members: EtcdMembers, at: string, now: number, id: string): string {
  members.advance(now);
  const { raftId, isLearner } = find(members, at, id);
  if (!isLearner) throw CLUSTER_ERRORS.memberNotLearner();
  const { lead } = members.at(at).node!.raft;
  const leader = memberOf(members.state.simulation, lead)?.node?.raft;
  if (leader) {
    const learned = progressOf(leader.tracker, raftId)?.match ?? 0;
    const led = progressOf(leader.tracker, lead)?.match ?? 0;
    if (learned < led * READY_SHARE) throw CLUSTER_ERRORS.learnerNotReady();
  }
  if (!mayPromote(members.state.roster, confStateOf(members, at))) throw CLUSTER_ERRORS.notEnoughStarted();
  return request(members, at, now, 'ConfChangeAddNode', raftId);
}

/** Asked of the leader. Returns the request that must end well. */
export function moveLeader(members: EtcdMembers, at: string, now: number, id: string): string {
  members.advance(now);
  const { raft } = members.at(at).node!;
  if (raft.role !== 'StateLeader') throw MEMBER_ERRORS.notLeader();
  const target = membersSeenBy(members, at).find((member) => member.id === id);
  if (!target || target.isLearner) throw CLUSTER_ERRORS.badLeaderTransferee();
  return members.transfer(at, target.raftId, now);
}
