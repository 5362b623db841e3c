/** The field `etcdMembers` of a cluster's making. */
import { z } from '../zod.ts';

/** More make each write wait for more of them, and no member fails that often. */
export const MAX_ETCD_MEMBERS = 9;

export const etcdMembersSchema = z.int().min(1).max(MAX_ETCD_MEMBERS).openapi({
  description:
    'How many members its etcd has, which agree by Raft on all that is written. One by default. An even number bears no more failures than one less.',
});
