/** Who the members are by name and address, and whether one more or one less of them would lose the quorum. Models etcd's membership/cluster.go. */
import type { ConfState } from '../raft/conf-change.ts';

/** What is known of a member, beside what Raft knows: Raft numbers them from 1, and never uses a number again. */
export interface RosterEntry {
  raftId: number;
  /** etcd's, an unsigned decimal. */
  id: string;
  /** Empty until it has started, as are its client URLs. */
  name: string;
  peerURLs: string[];
  clientURLs: string[];
}

export const isStarted = ({ name }: RosterEntry): boolean => name !== '';

const quorumOf = (members: number): number => Math.floor(members / 2) + 1;

const votersOf = (roster: readonly RosterEntry[], { voters }: ConfState): RosterEntry[] =>
  roster.filter(({ raftId }) => voters.includes(raftId));

const startedOf = (members: readonly RosterEntry[]): number => members.filter(isStarted).length;

/** Who is new has not started: the others must be a quorum of all. One member may always get a second. */
export function mayAddVoter(roster: readonly RosterEntry[], state: ConfState): boolean {
  const voters = votersOf(roster, state);
  const started = startedOf(voters);
  if (started === 1 && voters.length === 1) return true;
  return started >= quorumOf(voters.length + 1);
}

/** The learner runs, else it would not be promoted. */
export function mayPromote(roster: readonly RosterEntry[], state: ConfState): boolean {
  const voters = votersOf(roster, state);
  return startedOf(voters) + 1 >= quorumOf(voters.length + 1);
}

export function mayRemoveVoter(roster: readonly RosterEntry[], state: ConfState, raftId: number): boolean {
  const others = votersOf(roster, state).filter((member) => member.raftId !== raftId);
  return others.length > 0 && startedOf(others) >= quorumOf(others.length);
}
