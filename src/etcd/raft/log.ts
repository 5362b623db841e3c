/**
 * The log as the node sees it: what is on the disk, and the unstable end that may overlap it and is then what counts.
 * `applied <= applying <= committed <= last index` holds at all times. Models go.etcd.io/raft/v3/log.go.
 */
import { type Journal, panic, say } from './journal.ts';
import type { Entry, Snapshot } from './message.ts';
import { limitSize } from './size.ts';
import { type Storage, storedEntries, storedFirst, storedLast, storedTerm } from './storage.ts';
import {
  newUnstable,
  restoreUnstable,
  truncateAndAppend,
  type Unstable,
  unstableFirst,
  unstableLast,
  unstableTerm,
} from './unstable.ts';

export interface RaftLog {
  storage: Storage;
  unstable: Unstable;
  /** What a quorum has on its disks, as far as is known here. */
  committed: number;
  /** What was handed to the state machine, and what that is done with. */
  applying: number;
  applied: number;
  /** How many bytes of entries may be handed out and not done, and how many are. */
  maxApplyingSize: number;
  applyingSize: number;
  applyingPaused: boolean;
}

export interface EntryId {
  term: number;
  index: number;
}

export function newLog(storage: Storage, maxApplyingSize: number): RaftLog {
  const before = storage.base.index;
  return {
    storage,
    unstable: newUnstable(storedLast(storage) + 1),
    committed: before,
    applying: before,
    applied: before,
    maxApplyingSize,
    applyingSize: 0,
    applyingPaused: false,
  };
}

export const firstIndex = (log: RaftLog): number => unstableFirst(log.unstable) ?? storedFirst(log.storage);

export const lastIndex = (log: RaftLog): number => unstableLast(log.unstable) ?? storedLast(log.storage);

/** Undefined where it is not known: compacted, or not there yet. */
export function termAt(log: RaftLog, index: number): number | undefined {
  const term = unstableTerm(log.unstable, index);
  if (term !== undefined) return term;
  if (index + 1 < firstIndex(log) || index > lastIndex(log)) return undefined;
  return storedTerm(log.storage, index);
}

export function lastEntryId(log: RaftLog): EntryId {
  const index = lastIndex(log);
  return { index, term: termAt(log, index) ?? 0 };
}

export const matchesTerm = (log: RaftLog, index: number, term: number): boolean => termAt(log, index) === term;

/** Whether a log that ends there has all that this one may have committed. */
export function isUpToDate(log: RaftLog, their: EntryId): boolean {
  const our = lastEntryId(log);
  return their.term > our.term || (their.term === our.term && their.index >= our.index);
}

/** From `low` to before `high`, cut where it is too long. Undefined if the first is compacted. */
function slice(log: RaftLog, low: number, high: number, limit: number): readonly Entry[] | undefined {
  if (low < firstIndex(log)) return undefined;
  const { offset, entries } = log.unstable;
  if (low >= offset) return limitSize(entries.slice(low - offset, high - offset), limit);
  const stored = storedEntries(log.storage, low, Math.min(high, offset));
  return limitSize(high > offset ? [...stored, ...entries.slice(0, high - offset)] : stored, limit);
}

/** All from `from` on, as far as the limit goes. Undefined if the first is compacted. */
export function entriesFrom(log: RaftLog, from: number, limit: number): readonly Entry[] | undefined {
  const last = lastIndex(log);
  return from > last ? [] : slice(log, from, last + 1, limit);
}

/** An invariant: nothing committed is overwritten. */
export function appendEntries(journal: Journal, log: RaftLog, entries: readonly Entry[]): void {
  if (entries.length === 0) return;
  const after = entries[0]!.index - 1;
  if (after < log.committed) panic(journal, `after(${after}) is out of range [committed(${log.committed})]`);
  truncateAndAppend(journal, log.unstable, entries);
}

/** The first that is not here with the same term; undefined if there is none. */
function firstConflict(journal: Journal, log: RaftLog, entries: readonly Entry[]): number | undefined {
  for (const { index, term } of entries) {
    if (matchesTerm(log, index, term)) continue;
    if (index <= lastIndex(log)) {
      const terms = `[existing term: ${termAt(log, index) ?? 0}, conflicting term: ${term}]`;
      say(journal, 'INFO', () => `found conflict at index ${index} ${terms}`);
    }
    return index;
  }
  return undefined;
}

/** Appends what follows `previous`, if that is here. Returns the last index that is the same as the sender's, else undefined. */
export function maybeAppend(
  journal: Journal,
  log: RaftLog,
  previous: EntryId,
  entries: readonly Entry[],
  commit: number,
): number | undefined {
  if (!matchesTerm(log, previous.index, previous.term)) return undefined;
  const last = previous.index + entries.length;
  const conflict = firstConflict(journal, log, entries);
  if (conflict !== undefined) {
    if (conflict <= log.committed)
      panic(journal, `entry ${conflict} conflict with committed entry [committed(${log.committed})]`);
    appendEntries(journal, log, entries.slice(conflict - previous.index - 1));
  }
  commitTo(journal, log, Math.min(commit, last));
  return last;
}

/** The highest entry up to `index` whose term is at most `term`; a term that is not known may be, and is 0. */
export function findConflictByTerm(log: RaftLog, index: number, term: number): EntryId {
  for (let at = index; at > 0; at--) {
    const ours = termAt(log, at);
    if (ours === undefined) return { index: at, term: 0 };
    if (ours <= term) return { index: at, term: ours };
  }
  return { index: 0, term: 0 };
}

/** Never goes back. */
export function commitTo(journal: Journal, log: RaftLog, index: number): void {
  if (index <= log.committed) return;
  const last = lastIndex(log);
  if (last < index)
    panic(
      journal,
      `tocommit(${index}) is out of range [lastIndex(${last})]. Was the raft log corrupted, truncated, or lost?`,
    );
  log.committed = index;
}

/** The commit rule: only entries of the leader's own term are counted; those before them follow. */
export function maybeCommitAt(journal: Journal, log: RaftLog, at: EntryId): boolean {
  if (at.term === 0 || at.index <= log.committed || !matchesTerm(log, at.index, at.term)) return false;
  commitTo(journal, log, at.index);
  return true;
}

export const hasSnapshot = (log: RaftLog): boolean => log.unstable.snapshot !== undefined;

const maxAppliable = (log: RaftLog, allowUnstable: boolean): number =>
  allowUnstable ? log.committed : Math.min(log.committed, log.unstable.offset - 1);

/** With a snapshot to apply nothing else is: there would be two firsts. */
export const hasNextCommitted = (log: RaftLog, allowUnstable: boolean): boolean =>
  !log.applyingPaused && !hasSnapshot(log) && log.applying < maxAppliable(log, allowUnstable);

export function nextCommitted(log: RaftLog, allowUnstable: boolean): readonly Entry[] {
  if (!hasNextCommitted(log, allowUnstable)) return [];
  const high = maxAppliable(log, allowUnstable) + 1;
  return slice(log, log.applying + 1, high, log.maxApplyingSize - log.applyingSize) ?? [];
}

/** Entries up to `index` were handed out. If there is more, the limit has cut it, and it waits until some are done. */
export function acceptApplying(log: RaftLog, index: number, size: number, allowUnstable: boolean): void {
  log.applying = index;
  log.applyingSize += size;
  log.applyingPaused = log.applyingSize >= log.maxApplyingSize || index < maxAppliable(log, allowUnstable);
}

export function appliedUpTo(journal: Journal, log: RaftLog, index: number, size: number): void {
  if (log.committed < index || index < log.applied)
    panic(journal, `applied(${index}) is out of range [prevApplied(${log.applied}), committed(${log.committed})]`);
  log.applied = index;
  log.applying = Math.max(log.applying, index);
  log.applyingSize = Math.max(0, log.applyingSize - size);
  log.applyingPaused = log.applyingSize >= log.maxApplyingSize;
}

/** Committed and not applied. */
export const unapplied = (log: RaftLog): readonly Entry[] =>
  log.applied >= log.committed ? [] : (slice(log, log.applied + 1, log.committed + 1, Number.MAX_SAFE_INTEGER) ?? []);

export function restoreLog(journal: Journal, log: RaftLog, snapshot: Snapshot): void {
  const { index, term } = snapshot;
  say(journal, 'INFO', () => `log [${describeLog(log)}] starts to restore snapshot [index: ${index}, term: ${term}]`);
  log.committed = index;
  restoreUnstable(log.unstable, snapshot);
}

function describeLog(log: RaftLog): string {
  const { offset, offsetInProgress, entries } = log.unstable;
  const indexes = `committed=${log.committed}, applied=${log.applied}, applying=${log.applying}`;
  return `${indexes}, unstable.offset=${offset}, unstable.offsetInProgress=${offsetInProgress}, len(unstable.Entries)=${entries.length}`;
}
