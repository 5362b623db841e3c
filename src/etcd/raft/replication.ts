/** What a leader sends: appends, snapshots in their place, heartbeats; and the commit rule. Models raft.go. */

import { isFull } from './inflights.ts';
import { hex, say } from './journal.ts';
import { entriesFrom, firstIndex, maybeCommitAt, type RaftLog, termAt } from './log.ts';
import { blankMessage, type Snapshot } from './message.ts';
import { becomeSnapshot, describeProgress, isPaused, type Progress, sentEntries } from './progress.ts';
import { type Raft, send } from './raft.ts';
import { heartbeatContext } from './reads.ts';
import { payloadsSize } from './size.ts';
import { committed, progressOf } from './tracker.ts';

/** An append, or a snapshot where the entries are gone. False if nothing was sent: it waits, or there is nothing to say. */
export function maybeSendAppend(raft: Raft, to: number, sendIfEmpty: boolean): boolean {
  const progress = progressOf(raft.tracker, to)!;
  if (isPaused(progress)) return false;
  const previous = progress.next - 1;
  const term = termAt(raft.log, previous);
  if (term === undefined) return maybeSendSnapshot(raft, progress);
  // With a full window empty appends go out, so that one which was lost with all others is found out.
  const blocked = progress.state === 'StateReplicate' && isFull(progress.inflights);
  const entries = blocked ? [] : entriesFrom(raft.log, progress.next, raft.settings.maxSizePerMessage);
  if (!entries?.length && !sendIfEmpty) return false;
  if (!entries) return maybeSendSnapshot(raft, progress);
  const message = blankMessage('MsgApp', to);
  message.index = previous;
  message.logTerm = term;
  message.entries = entries;
  message.commit = raft.log.committed;
  send(raft, message);
  sentEntries(progress, entries.length, payloadsSize(entries));
  progress.sentCommit = raft.log.committed;
  return true;
}

const newestSnapshot = (log: RaftLog): Snapshot => log.unstable.snapshot ?? log.storage.snapshot;

function maybeSendSnapshot(raft: Raft, progress: Progress): boolean {
  const to = progress.id;
  if (!progress.recentActive) {
    say(raft, 'DEBUG', () => `ignore sending snapshot to ${hex(to)} since it is not recently active`);
    return false;
  }
  const snapshot = newestSnapshot(raft.log);
  if (snapshot.index === 0) throw new Error('need non-empty snapshot');
  say(raft, 'DEBUG', () => {
    const own = `[firstindex: ${firstIndex(raft.log)}, commit: ${raft.log.committed}]`;
    const sent = `sent snapshot[index: ${snapshot.index}, term: ${snapshot.term}]`;
    return `${hex(raft.id)} ${own} ${sent} to ${hex(to)} [${describeProgress(progress)}]`;
  });
  becomeSnapshot(progress, snapshot.index);
  say(raft, 'DEBUG', () => {
    const paused = `${hex(raft.id)} paused sending replication messages`;
    return `${paused} to ${hex(to)} [${describeProgress(progress)}]`;
  });
  const message = blankMessage('MsgSnap', to);
  message.snapshot = snapshot;
  send(raft, message);
  return true;
}

/** Carries no more of the commit index than the follower is known to have. */
function sendHeartbeat(raft: Raft, progress: Progress, context: string): void {
  const commit = Math.min(progress.match, raft.log.committed);
  const message = blankMessage('MsgHeartbeat', progress.id);
  message.commit = commit;
  message.context = context;
  send(raft, message);
  progress.sentCommit = commit;
}

export function broadcastAppend(raft: Raft, sendIfEmpty = true): void {
  for (const { id } of raft.tracker.progress) if (id !== raft.id) maybeSendAppend(raft, id, sendIfEmpty);
}

export function broadcastHeartbeat(raft: Raft): void {
  const context = heartbeatContext(raft.reads);
  for (const progress of raft.tracker.progress) if (progress.id !== raft.id) sendHeartbeat(raft, progress, context);
}

/** Of a leader only. Whether more is committed now, of which all are to hear. */
export const maybeCommit = (raft: Raft): boolean =>
  maybeCommitAt(raft, raft.log, { term: raft.term, index: committed(raft.tracker) });
