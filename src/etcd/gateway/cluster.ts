/** The gateway's Cluster service. */

import { addMember, promoteMember, removeMember, updateMember } from '../members/member-changes.ts';
import { checkedURLs, type Member } from '../members.ts';
import { type Answer, type Call, flag, id, memberHeader, type Unary } from './backend.ts';
import * as messages from './messages.ts';
import { type Message, message } from './proto-json.ts';

const memberAnswer = (member: Member): Answer =>
  message({
    ID: member.id,
    name: member.name,
    peerURLs: member.peerURLs,
    clientURLs: member.clientURLs,
    isLearner: member.isLearner,
  });

const urls = (request: Message): string[] => (request.peerURLs as string[] | undefined) ?? [];

function withMembers({ backend }: Call, fields: Record<string, unknown> = {}): Answer {
  return message({ header: memberHeader(backend), ...fields, members: backend.members.list().map(memberAnswer) });
}

export const CLUSTER: Record<string, Unary> = {
  'cluster/member/list': {
    request: messages.MEMBER_LIST,
    answer(call) {
      call.backend.auth.requireUser(call.user);
      return withMembers(call);
    },
  },
  'cluster/member/add': {
    request: messages.MEMBER_ADD,
    async answer(call, request) {
      const { auth, members, consensus } = call.backend;
      auth.requireAdmin(call.user);
      const isLearner = flag(request, 'isLearner');
      if (!consensus) return withMembers(call, { member: memberAnswer(members.add(urls(request), isLearner)) });
      const at = members.memberId;
      const added = addMember(consensus.members, at, consensus.now, checkedURLs(urls(request)), isLearner);
      await consensus.ended(added.request);
      return withMembers(call, { member: memberAnswer({ ...added.member, isLearner }) });
    },
  },
  'cluster/member/remove': {
    request: messages.MEMBER_ID,
    async answer(call, request) {
      const { auth, members, consensus } = call.backend;
      auth.requireAdmin(call.user);
      const gone = id(request, 'ID');
      if (!consensus) members.remove(gone);
      else await consensus.ended(removeMember(consensus.members, members.memberId, consensus.now, gone));
      return withMembers(call);
    },
  },
  'cluster/member/update': {
    request: messages.MEMBER_UPDATE,
    async answer(call, request) {
      const { auth, members, consensus } = call.backend;
      auth.requireAdmin(call.user);
      const moved = id(request, 'ID');
      if (!consensus) members.update(moved, urls(request));
      else
        await consensus.ended(updateMember(consensus.members, members.memberId, consensus.now, moved, urls(request)));
      return withMembers(call);
    },
  },
  'cluster/member/promote': {
    request: messages.MEMBER_ID,
    async answer(call, request) {
      const { auth, members, consensus } = call.backend;
      auth.requireAdmin(call.user);
      const learner = id(request, 'ID');
      if (!consensus) return members.promote(learner);
      await consensus.ended(promoteMember(consensus.members, members.memberId, consensus.now, learner));
      return withMembers(call);
    },
  },
};
