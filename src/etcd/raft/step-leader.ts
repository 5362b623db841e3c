/** What a leader does with a message of its term. Models stepLeader of raft.go. */
import { hex, say } from './journal.ts';
import { findConflictByTerm, firstIndex, lastIndex } from './log.ts';
import { type Message, NONE } from './message.ts';
import {
  acknowledge,
  arrivedUpTo,
  becomeProbe,
  becomeReplicate,
  canBumpCommit,
  describeProgress,
  type Progress,
  stepBack,
} from './progress.ts';
import { proposeToLeader, type StepError } from './proposals.ts';
import type { Raft } from './raft.ts';
import { confirmReads, releasePendingReads, requestRead } from './read-index.ts';
import { broadcastAppend, broadcastHeartbeat, maybeCommit, maybeSendAppend } from './replication.ts';
import { becomeFollower } from './roles.ts';
import { progressOf, quorumActive } from './tracker.ts';
import { continueTransfer, transferLeader } from './transfer.ts';

export function stepLeader(raft: Raft, message: Message): StepError {
  switch (message.type) {
    case 'MsgBeat':
      broadcastHeartbeat(raft);
      return undefined;
    case 'MsgCheckQuorum':
      checkQuorum(raft);
      return undefined;
    case 'MsgProp':
      return proposeToLeader(raft, message.entries);
    case 'MsgReadIndex':
      requestRead(raft, message);
      return undefined;
    case 'MsgForgetLeader':
      return undefined;
    default:
  }
  const progress = progressOf(raft.tracker, message.from);
  if (progress) stepOfFollower(raft, progress, message);
  else say(raft, 'DEBUG', () => `${hex(raft.id)} no progress available for ${hex(message.from)}`);
  return undefined;
}

/** Whoever does not hear of a quorum for an election timeout leads no more; the next check counts from here on. */
function checkQuorum(raft: Raft): void {
  if (!quorumActive(raft.tracker)) {
    say(raft, 'WARN', () => `${hex(raft.id)} stepped down to follower since quorum is not active`);
    becomeFollower(raft, raft.term, NONE);
  }
  for (const progress of raft.tracker.progress) if (progress.id !== raft.id) progress.recentActive = false;
}

function stepOfFollower(raft: Raft, progress: Progress, message: Message): void {
  switch (message.type) {
    case 'MsgAppResp':
      progress.recentActive = true;
      if (message.reject) appendRefused(raft, progress, message);
      else appendAcknowledged(raft, progress, message);
      return;
    case 'MsgHeartbeatResp':
      progress.recentActive = true;
      progress.appendsPaused = false;
      if (progress.match < lastIndex(raft.log) || progress.state === 'StateProbe')
        maybeSendAppend(raft, progress.id, true);
      confirmReads(raft, message.from, message.context);
      return;
    case 'MsgSnapStatus':
      snapshotSent(raft, progress, message.reject);
      return;
    case 'MsgUnreachable':
      if (progress.state === 'StateReplicate') becomeProbe(progress);
      say(raft, 'DEBUG', () => {
        const failed = `failed to send message to ${hex(progress.id)} because it is unreachable`;
        return `${hex(raft.id)} ${failed} [${describeProgress(progress)}]`;
      });
      return;
    case 'MsgTransferLeader':
      transferLeader(raft, progress);
      return;
    default:
  }
}

/** The logs differ: the next probe is at the highest entry where, by the terms of both, they may be the same. */
function appendRefused(raft: Raft, progress: Progress, message: Message): void {
  const { index, rejectHint, logTerm } = message;
  const from = hex(progress.id);
  say(raft, 'DEBUG', () => {
    const hint = `hint: (index ${rejectHint}, term ${logTerm})`;
    return `${hex(raft.id)} received MsgAppResp(rejected, ${hint}) from ${from} for index ${index}`;
  });
  const probe = logTerm > 0 ? findConflictByTerm(raft.log, rejectHint, logTerm).index : rejectHint;
  if (!stepBack(progress, index, probe)) return;
  say(raft, 'DEBUG', () => `${hex(raft.id)} decreased progress of ${from} to [${describeProgress(progress)}]`);
  if (progress.state === 'StateReplicate') becomeProbe(progress);
  maybeSendAppend(raft, progress.id, true);
}

function appendAcknowledged(raft: Raft, progress: Progress, { index }: Message): void {
  const news = acknowledge(progress, index);
  if (!news && !(progress.match === index && progress.state === 'StateProbe')) return;
  if (progress.state === 'StateProbe') {
    becomeReplicate(progress);
  } else if (progress.state === 'StateReplicate') {
    arrivedUpTo(progress, index);
  } else if (progress.match + 1 >= firstIndex(raft.log)) {
    // Wherever the snapshot came from, the log reaches on from it.
    say(raft, 'DEBUG', () => {
      const resumed = 'recovered from needing snapshot, resumed sending replication messages';
      return `${hex(raft.id)} ${resumed} to ${hex(progress.id)} [${describeProgress(progress)}]`;
    });
    becomeProbe(progress);
    becomeReplicate(progress);
  }
  if (maybeCommit(raft)) {
    releasePendingReads(raft);
    broadcastAppend(raft);
  } else if (progress.id !== raft.id && canBumpCommit(progress, raft.log.committed)) {
    maybeSendAppend(raft, progress.id, true);
  }
  if (progress.id !== raft.id) while (maybeSendAppend(raft, progress.id, false));
  continueTransfer(raft, progress);
}

/** Nothing follows a snapshot until it is heard of: it may have failed after all. */
function snapshotSent(raft: Raft, progress: Progress, failed: boolean): void {
  if (progress.state !== 'StateSnapshot') return;
  if (failed) progress.pendingSnapshot = 0;
  becomeProbe(progress);
  say(raft, 'DEBUG', () => {
    const outcome = failed ? 'failed' : 'succeeded';
    const resumed = `snapshot ${outcome}, resumed sending replication messages to ${hex(progress.id)}`;
    return `${hex(raft.id)} ${resumed} [${describeProgress(progress)}]`;
  });
  progress.appendsPaused = true;
}
