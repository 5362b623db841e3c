/** A configuration takes effect: when its entry is applied, or with a snapshot. Models raft.go. */
import { type ConfChange, type ConfState, entersJoint, leavesByItself, leavesJoint } from './conf-change.ts';
import { enterJoint, leaveJoint, type Members, restored, simple } from './configuration.ts';
import { hex, panic, say } from './journal.ts';
import { lastIndex } from './log.ts';
import { NONE } from './message.ts';
import { abortLeaderTransfer, type Raft } from './raft.ts';
import { broadcastAppend, maybeCommit } from './replication.ts';
import { becomeFollower } from './roles.ts';
import { describeConfiguration, progressOf, voterIds } from './tracker.ts';

/** Throws on a change that the configuration does not allow: it should not have been proposed. */
export function applyConfChange(raft: Raft, change: ConfChange): ConfState {
  const last = lastIndex(raft.log);
  if (leavesJoint(change)) return switchTo(raft, leaveJoint(raft.tracker));
  if (entersJoint(change))
    return switchTo(raft, enterJoint(raft.tracker, last, leavesByItself(change), change.changes));
  return switchTo(raft, simple(raft.tracker, last, change.changes));
}

/** The configuration of a snapshot or of the disk; nothing is known of the others' logs. */
export function restoreConfiguration(raft: Raft, state: ConfState): void {
  const result = switchTo(raft, restored(state, lastIndex(raft.log), raft.tracker.limits));
  const text = describeConfiguration(state);
  if (describeConfiguration(result) !== text)
    panic(raft, `ConfStates not equivalent: ${describeConfiguration(result)}, ${text}`);
}

function switchTo(raft: Raft, { configuration, progress }: Members): ConfState {
  raft.tracker.configuration = configuration;
  raft.tracker.progress = progress;
  say(raft, 'INFO', () => `${hex(raft.id)} switched to configuration ${describeConfiguration(configuration)}`);
  const own = progressOf(raft.tracker, raft.id);
  raft.isLearner = own?.isLearner === true;
  if (raft.role !== 'StateLeader') return configuration;
  if (!own || raft.isLearner) {
    if (raft.settings.stepDownOnRemoval) becomeFollower(raft, raft.term, NONE);
    return configuration;
  }
  // Fewer may be needed for a quorum now; and who is new is not to wait for a heartbeat.
  if (maybeCommit(raft)) broadcastAppend(raft);
  else broadcastAppend(raft, false);
  if (raft.leadTransferee !== NONE && !voterIds(configuration).includes(raft.leadTransferee)) abortLeaderTransfer(raft);
  return configuration;
}
