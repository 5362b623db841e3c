/** From one role to another, and the entry with which a leader begins. Models the `become…` functions of raft.go. */
import { hex, panic, say } from './journal.ts';
import { appendEntries, lastIndex } from './log.ts';
import { blankMessage, type Entry, NONE, normalEntry } from './message.ts';
import { becomeReplicate } from './progress.ts';
import { type Raft, reset, send } from './raft.ts';
import { payloadsSize } from './size.ts';
import { progressOf } from './tracker.ts';

export function becomeFollower(raft: Raft, term: number, lead: number): void {
  reset(raft, term);
  raft.lead = lead;
  raft.role = 'StateFollower';
  say(raft, 'INFO', () => `${hex(raft.id)} became follower at term ${raft.term}`);
}

export function becomeCandidate(raft: Raft): void {
  if (raft.role === 'StateLeader') panic(raft, 'invalid transition [leader -> candidate]');
  reset(raft, raft.term + 1);
  raft.vote = raft.id;
  raft.role = 'StateCandidate';
  say(raft, 'INFO', () => `${hex(raft.id)} became candidate at term ${raft.term}`);
}

/** Asks only: neither the term nor the vote change. */
export function becomePreCandidate(raft: Raft): void {
  if (raft.role === 'StateLeader') panic(raft, 'invalid transition [leader -> pre-candidate]');
  raft.tracker.votes = {};
  raft.lead = NONE;
  raft.role = 'StatePreCandidate';
  say(raft, 'INFO', () => `${hex(raft.id)} became pre-candidate at term ${raft.term}`);
}

/** An entry of its own term lets it commit, and it cannot know of a change of the configuration that is in its log until then. */
export function becomeLeader(raft: Raft): void {
  if (raft.role === 'StateFollower') panic(raft, 'invalid transition [follower -> leader]');
  reset(raft, raft.term);
  raft.lead = raft.id;
  raft.role = 'StateLeader';
  const own = progressOf(raft.tracker, raft.id)!;
  becomeReplicate(own);
  own.recentActive = true;
  raft.pendingConfIndex = lastIndex(raft.log);
  if (!appendProposed(raft, [normalEntry('')])) panic(raft, 'empty entry was dropped');
  say(raft, 'INFO', () => `${hex(raft.id)} became leader at term ${raft.term}`);
}

/** Into the leader's log. False if it holds too much that is not committed; what is empty is always taken. */
export function appendProposed(raft: Raft, proposed: readonly Entry[]): boolean {
  const last = lastIndex(raft.log);
  const entries = proposed.map((entry, i) => ({ ...entry, term: raft.term, index: last + 1 + i }));
  const size = payloadsSize(entries);
  if (raft.uncommittedSize > 0 && size > 0 && raft.uncommittedSize + size > raft.settings.maxUncommittedSize) {
    const why = 'appending new entries to log would exceed uncommitted entry size limit';
    say(raft, 'WARN', () => `${hex(raft.id)} ${why}; dropping proposal`);
    return false;
  }
  raft.uncommittedSize += size;
  appendEntries(raft, raft.log, entries);
  // Taken by this node itself when the entries are on its disk.
  const acknowledgement = blankMessage('MsgAppResp', raft.id);
  acknowledgement.index = last + entries.length;
  send(raft, acknowledgement);
  return true;
}
