/** What a member tells of itself, at once and whatever state it is in: etcd's maintenance status. */
import { MEMBER_ERRORS } from '../errors.ts';
import type { EtcdMembers } from './etcd-members.ts';

export interface MemberStatus {
  /** etcd's id; empty for none. */
  leader: string;
  term: number;
  raftIndex: number;
  appliedIndex: number;
  isLearner: boolean;
  /** Undefined before anything was recorded. */
  revision: number | undefined;
  errors: string[];
}

/** @throws EtcdError where no process answers */
export function statusOf(members: EtcdMembers, memberId: string): MemberStatus {
  const { node, machine, condition } = members.at(memberId);
  if (condition === 'paused') throw MEMBER_ERRORS.deadlineExceeded();
  const { raft } = node!;
  return {
    leader: raft.lead === 0 ? '' : members.idOf(raft.lead),
    term: raft.term,
    raftIndex: raft.log.committed,
    appliedIndex: machine.index,
    isLearner: raft.isLearner,
    revision: members.revisionOf(memberId),
    errors: raft.lead === 0 ? [MEMBER_ERRORS.noLeader().message] : [],
  };
}
