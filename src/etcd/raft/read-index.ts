/** Linearizable reads: the index that must be applied before a read is answered. Models raft.go. */
import { say } from './journal.ts';
import { termAt } from './log.ts';
import { blankMessage, type Message, NONE } from './message.ts';
import { jointCommittedIndex } from './quorum.ts';
import { type Raft, send } from './raft.ts';
import { acknowledgeReads, heartbeatContext, takeConfirmed } from './reads.ts';
import { broadcastHeartbeat } from './replication.ts';
import { isSingleton } from './tracker.ts';

/** Before its first commit a leader does not know what its predecessors have committed. */
const committedInTerm = (raft: Raft): boolean => termAt(raft.log, raft.log.committed) === raft.term;

function answer(raft: Raft, request: Message, index: number): void {
  if (request.from === NONE || request.from === raft.id) {
    raft.readStates.push({ index, context: request.entries[0]!.data });
    return;
  }
  const message = blankMessage('MsgReadIndexResp', request.from);
  message.index = index;
  message.entries = request.entries;
  send(raft, message);
}

function begin(raft: Raft, request: Message): void {
  if (raft.settings.readOnly === 'ReadOnlyLeaseBased') {
    answer(raft, request, raft.log.committed);
    return;
  }
  raft.reads.unconfirmed.push({ request, index: raft.log.committed });
  acknowledgeReads(raft.reads, raft.id, heartbeatContext(raft.reads));
  broadcastHeartbeat(raft);
}

/** At the leader. */
export function requestRead(raft: Raft, request: Message): void {
  if (isSingleton(raft.tracker)) answer(raft, request, raft.log.committed);
  else if (committedInTerm(raft)) begin(raft, request);
  else raft.pendingReads.push(request);
}

/** A follower has answered a heartbeat that carried reads. */
export function confirmReads(raft: Raft, from: number, context: string): void {
  if (raft.settings.readOnly !== 'ReadOnlySafe' || !context) return;
  const { reads } = raft;
  acknowledgeReads(reads, from, context);
  const { voters, votersOutgoing } = raft.tracker.configuration;
  const position = jointCommittedIndex(voters, votersOutgoing, (id) => reads.acknowledged[id] ?? 0);
  for (const { request, index } of takeConfirmed(reads, position)) answer(raft, request, index);
}

/** The leader has committed something: what waited for its term's first commit may go on. */
export function releasePendingReads(raft: Raft): void {
  if (raft.pendingReads.length === 0) return;
  if (!committedInTerm(raft)) {
    say(raft, 'ERROR', () => 'pending MsgReadIndex should be released only after first commit in current term');
    return;
  }
  const requests = raft.pendingReads;
  raft.pendingReads = [];
  for (const request of requests) begin(raft, request);
}
