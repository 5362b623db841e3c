/** The gateway's Cluster service. */

import type { Member } from '../members.ts';
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
      call.backend.auth.requireAdmin(call.user);
      const member = await call.backend.members.add(urls(request), flag(request, 'isLearner'));
      return withMembers(call, { member: memberAnswer(member) });
    },
  },
  'cluster/member/remove': {
    request: messages.MEMBER_ID,
    async answer(call, request) {
      call.backend.auth.requireAdmin(call.user);
      await call.backend.members.remove(id(request, 'ID'));
      return withMembers(call);
    },
  },
  'cluster/member/update': {
    request: messages.MEMBER_UPDATE,
    async answer(call, request) {
      call.backend.auth.requireAdmin(call.user);
      await call.backend.members.update(id(request, 'ID'), urls(request));
      return withMembers(call);
    },
  },
  'cluster/member/promote': {
    request: messages.MEMBER_ID,
    async answer(call, request) {
      call.backend.auth.requireAdmin(call.user);
      await call.backend.members.promote(id(request, 'ID'));
      return withMembers(call);
    },
  },
};
