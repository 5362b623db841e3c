/** What a follower does with appends, heartbeats and snapshots of its leader. Models raft.go. */
import { hex, say } from './journal.ts';
import {
  commitTo,
  findConflictByTerm,
  lastEntryId,
  lastIndex,
  matchesTerm,
  maybeAppend,
  restoreLog,
  termAt,
} from './log.ts';
import { restoreConfiguration } from './membership.ts';
import { blankMessage, type Message, type Snapshot } from './message.ts';
import { type Raft, send } from './raft.ts';
import { becomeFollower } from './roles.ts';
import { emptyTracker } from './tracker.ts';

function acknowledge(raft: Raft, to: number, index: number): void {
  const message = blankMessage('MsgAppResp', to);
  message.index = index;
  send(raft, message);
}

/** A refusal carries the highest entry that may be the same: it leaps over whole terms. */
export function handleAppend(raft: Raft, message: Message): void {
  const { from, index, logTerm } = message;
  if (index < raft.log.committed) {
    acknowledge(raft, from, raft.log.committed);
    return;
  }
  const last = maybeAppend(raft, raft.log, { index, term: logTerm }, message.entries, message.commit);
  if (last !== undefined) {
    acknowledge(raft, from, last);
    return;
  }
  say(raft, 'DEBUG', () => {
    const own = `[logterm: ${termAt(raft.log, index) ?? 0}, index: ${index}]`;
    return `${hex(raft.id)} ${own} rejected MsgApp [logterm: ${logTerm}, index: ${index}] from ${hex(from)}`;
  });
  const hint = findConflictByTerm(raft.log, Math.min(index, lastIndex(raft.log)), logTerm);
  const answer = blankMessage('MsgAppResp', from);
  answer.index = index;
  answer.reject = true;
  answer.rejectHint = hint.index;
  answer.logTerm = hint.term;
  send(raft, answer);
}

export function handleHeartbeat(raft: Raft, { from, commit, context }: Message): void {
  commitTo(raft, raft.log, commit);
  const answer = blankMessage('MsgHeartbeatResp', from);
  answer.context = context;
  send(raft, answer);
}

export function handleSnapshot(raft: Raft, message: Message): void {
  const snapshot = message.snapshot!;
  const taken = restore(raft, snapshot);
  say(raft, 'INFO', () => {
    const own = `${hex(raft.id)} [commit: ${raft.log.committed}]`;
    const which = `snapshot [index: ${snapshot.index}, term: ${snapshot.term}]`;
    return `${own} ${taken ? 'restored' : 'ignored'} ${which}`;
  });
  acknowledge(raft, message.from, taken ? lastIndex(raft.log) : raft.log.committed);
}

/** False if it was not taken: it is old, or the log has all of it, or it is not for this node. */
function restore(raft: Raft, snapshot: Snapshot): boolean {
  const { index, term, confState } = snapshot;
  if (index <= raft.log.committed) return false;
  if (raft.role !== 'StateFollower') {
    say(raft, 'WARN', () => `${hex(raft.id)} attempted to restore snapshot as leader; should never happen`);
    becomeFollower(raft, raft.term + 1, 0);
    return false;
  }
  if (![...confState.voters, ...confState.learners, ...confState.votersOutgoing].includes(raft.id)) {
    const where = `it is not in the ConfState ${JSON.stringify(confState)}`;
    say(raft, 'WARN', () => `${hex(raft.id)} attempted to restore snapshot but ${where}; should never happen`);
    return false;
  }
  const note = (done: string): void =>
    say(raft, 'INFO', () => {
      const last = lastEntryId(raft.log);
      const own = `[commit: ${raft.log.committed}, lastindex: ${last.index}, lastterm: ${last.term}]`;
      return `${hex(raft.id)} ${own} ${done} snapshot [index: ${index}, term: ${term}]`;
    });
  if (matchesTerm(raft.log, index, term)) {
    note('fast-forwarded commit to');
    commitTo(raft, raft.log, index);
    return false;
  }
  restoreLog(raft, raft.log, snapshot);
  raft.tracker = emptyTracker(raft.tracker.limits);
  restoreConfiguration(raft, confState);
  note('restored');
  return true;
}
