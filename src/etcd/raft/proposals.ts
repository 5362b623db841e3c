/** What a leader takes into its log, and its part in changes of the configuration. Models stepLeader of raft.go. */
import { describeConfChange, LEAVE_JOINT } from './conf-change.ts';
import { hex, say } from './journal.ts';
import { appliedUpTo, lastIndex } from './log.ts';
import { type Entry, NONE, normalEntry } from './message.ts';
import type { Raft } from './raft.ts';
import { broadcastAppend } from './replication.ts';
import { appendProposed } from './roles.ts';
import { describeConfiguration, progressOf } from './tracker.ts';
import { stableSnapshotTo } from './unstable.ts';

/** Nobody will hear of it again: it must be proposed anew, if at all. */
export const PROPOSAL_DROPPED = 'raft proposal dropped';

/** Undefined if it was taken. */
export type StepError = typeof PROPOSAL_DROPPED | undefined;

export function proposeToLeader(raft: Raft, entries: readonly Entry[]): StepError {
  if (entries.length === 0) throw new Error(`${hex(raft.id)} stepped empty MsgProp`);
  if (!progressOf(raft.tracker, raft.id)) return PROPOSAL_DROPPED;
  if (raft.leadTransferee !== NONE) {
    say(raft, 'DEBUG', () => {
      const transfer = `transfer leadership to ${hex(raft.leadTransferee)} is in progress`;
      return `${hex(raft.id)} [term ${raft.term}] ${transfer}; dropping proposal`;
    });
    return PROPOSAL_DROPPED;
  }
  const admitted = entries.map((entry, i) => admit(raft, entry, lastIndex(raft.log) + i + 1));
  if (!appendProposed(raft, admitted)) return PROPOSAL_DROPPED;
  broadcastAppend(raft);
  return undefined;
}

/** One change of the configuration at a time; another becomes an entry without effect. */
function admit(raft: Raft, entry: Entry, index: number): Entry {
  const { change } = entry;
  if (!change) return entry;
  const joint = raft.tracker.configuration.votersOutgoing.length > 0;
  const leaves = change.changes.length === 0;
  let failed = '';
  if (raft.pendingConfIndex > raft.log.applied)
    failed = `possible unapplied conf change at index ${raft.pendingConfIndex} (applied to ${raft.log.applied})`;
  else if (joint && !leaves) failed = 'must transition out of joint config first';
  else if (!joint && leaves) failed = 'not in joint state; refusing empty conf change';
  if (failed && !raft.settings.disableConfChangeValidation) {
    say(raft, 'INFO', () => {
      const configuration = describeConfiguration(raft.tracker.configuration);
      return `${hex(raft.id)} ignoring conf change ${describeConfChange(change)} at config ${configuration}: ${failed}`;
    });
    return normalEntry('');
  }
  raft.pendingConfIndex = index;
  return entry;
}

/** The state machine is done with entries of `size` bytes. A joint configuration that is to be left by itself is, by its leader. */
export function applied(raft: Raft, index: number, size: number): void {
  const newest = Math.max(index, raft.log.applied);
  appliedUpTo(raft, raft.log, newest, size);
  const { configuration } = raft.tracker;
  if (!configuration.autoLeave || newest < raft.pendingConfIndex || raft.role !== 'StateLeader') return;
  const entry: Entry = { ...normalEntry(''), type: 'EntryConfChangeV2', change: LEAVE_JOINT };
  const error = proposeToLeader(raft, [entry]);
  const where = `automatic transition out of joint configuration ${describeConfiguration(configuration)}`;
  if (error) say(raft, 'DEBUG', () => `not initiating ${where}: ${error}`);
  else say(raft, 'INFO', () => `initiating ${where}`);
}

export function appliedSnapshot(raft: Raft, index: number): void {
  stableSnapshotTo(raft.log.unstable, index);
  applied(raft, index, 0);
}
