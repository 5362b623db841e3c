/**
 * Requests that wait for the members to agree, and how etcd ends those on which they do not. Models server/etcdserver/v3_server.go.
 * A request is of one member, and ends with that member's life.
 */
import type { MemberErrorName } from '../errors.ts';
import type { ConfChangeSingle } from '../raft/conf-change.ts';

export interface PendingRequest {
  id: string;
  kind: 'write' | 'read' | 'change' | 'transfer';
  raftId: number;
  life: number;
  began: number;
  deadline: number;
  /** Whether the node has it; while there is no leader a proposal waits. */
  handed: boolean;
  /** Of a change: what is proposed. */
  change: ConfChangeSingle | undefined;
  /** Of a transfer: to whom, by the number in Raft. */
  transferee: number;
  /** Of a read: the index that must be applied, when it is known; and when it is asked for again. */
  readIndex: number | undefined;
  askAgain: number;
}

export type Ending =
  /** `index` is what a write has in the log, and a read is of. */
  { at: number; index: number } | { at: number; error: MemberErrorName };

/** Whom a member has for its leader, and since when. */
export interface Leadership {
  lead: number;
  electedAt: number;
}

/** As etcd has them. */
export const ELECTION_TICKS = 10;
export const TICK_MS = 100;
const ELECTION_TIMEOUT = ELECTION_TICKS * TICK_MS;
/** Five seconds for the disk, and two elections. */
export const REQUEST_TIMEOUT = 5_000 + 2 * ELECTION_TIMEOUT;
/** A read whose leader does not answer is asked for again. */
export const READ_RETRY = 500;
/** Who was away more lately is not healthy. */
export const HEALTH_INTERVAL = 5_000;

/** What a request says whose time is over. `isConnected` is whether its member was with its leader all the time. */
export function timeoutError(
  { kind, handed, began }: PendingRequest,
  leadership: Leadership,
  isConnected: boolean,
): MemberErrorName {
  if (kind === 'transfer') return 'timeoutTransfer';
  if (kind === 'read') return 'timeout';
  if (!handed) return 'deadlineExceeded';
  const { lead, electedAt } = leadership;
  if (began > electedAt - 2 * ELECTION_TIMEOUT && began < electedAt) return 'timeoutLeaderFailed';
  if (lead !== 0 && !isConnected) return 'timeoutConnectionLost';
  return 'timeout';
}
