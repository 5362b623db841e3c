/**
 * The end of the log that is not known to be on the disk: entries from `offset` on, perhaps behind a snapshot that is to be stored
 * first. What has been handed out for writing is "in progress". Models go.etcd.io/raft/v3/log_unstable.go.
 */
import { type Journal, panic, say } from './journal.ts';
import type { Entry, Snapshot } from './message.ts';

export interface Unstable {
  snapshot: Snapshot | undefined;
  /** `entries[i]` has the index `offset + i`. */
  entries: Entry[];
  offset: number;
  snapshotInProgress: boolean;
  /** Entries before this index are being written: `offset <= offsetInProgress`. */
  offsetInProgress: number;
}

export const newUnstable = (offset: number): Unstable => ({
  snapshot: undefined,
  entries: [],
  offset,
  snapshotInProgress: false,
  offsetInProgress: offset,
});

export const unstableFirst = (unstable: Unstable): number | undefined =>
  unstable.snapshot ? unstable.snapshot.index + 1 : undefined;

export const unstableLast = (unstable: Unstable): number | undefined =>
  unstable.entries.length > 0 ? unstable.offset + unstable.entries.length - 1 : unstable.snapshot?.index;

export function unstableTerm(unstable: Unstable, index: number): number | undefined {
  if (index >= unstable.offset) return unstable.entries[index - unstable.offset]?.term;
  return unstable.snapshot?.index === index ? unstable.snapshot.term : undefined;
}

export const nextEntries = (unstable: Unstable): Entry[] =>
  unstable.entries.slice(unstable.offsetInProgress - unstable.offset);

export const hasNextEntries = (unstable: Unstable): boolean =>
  unstable.entries.length > unstable.offsetInProgress - unstable.offset;

export const nextSnapshot = (unstable: Unstable): Snapshot | undefined =>
  unstable.snapshotInProgress ? undefined : unstable.snapshot;

/** All that there is has been handed out. */
export function acceptInProgress(unstable: Unstable): void {
  unstable.offsetInProgress = unstable.offset + unstable.entries.length;
  if (unstable.snapshot) unstable.snapshotInProgress = true;
}

/** The disk has everything up to the entry, unless another took its place meanwhile. */
export function stableTo(journal: Journal, unstable: Unstable, index: number, term: number): void {
  const known = unstableTerm(unstable, index);
  if (known === undefined) {
    say(journal, 'INFO', () => `entry at index ${index} missing from unstable log; ignoring`);
  } else if (index < unstable.offset) {
    say(journal, 'INFO', () => `entry at index ${index} matched unstable snapshot; ignoring`);
  } else if (known !== term) {
    const mismatch = `(index,term)=(${index},${term}) mismatched with entry at (${index},${known})`;
    say(journal, 'INFO', () => `entry at ${mismatch} in unstable log; ignoring`);
  } else {
    unstable.entries = unstable.entries.slice(index + 1 - unstable.offset);
    unstable.offset = index + 1;
    unstable.offsetInProgress = Math.max(unstable.offsetInProgress, unstable.offset);
  }
}

export function stableSnapshotTo(unstable: Unstable, index: number): void {
  if (unstable.snapshot?.index !== index) return;
  unstable.snapshot = undefined;
  unstable.snapshotInProgress = false;
}

/** A snapshot takes the place of all entries. */
export function restoreUnstable(unstable: Unstable, snapshot: Snapshot): void {
  Object.assign(unstable, newUnstable(snapshot.index + 1), { snapshot });
}

/** Entries that follow the last, or that take the place of others from their first on. */
export function truncateAndAppend(journal: Journal, unstable: Unstable, entries: readonly Entry[]): void {
  const from = entries[0]!.index;
  const { offset } = unstable;
  if (from === offset + unstable.entries.length) {
    for (const entry of entries) unstable.entries.push(entry);
  } else if (from <= offset) {
    say(journal, 'INFO', () => `replace the unstable entries from index ${from}`);
    unstable.entries = [...entries];
    unstable.offset = from;
    unstable.offsetInProgress = from;
  } else {
    say(journal, 'INFO', () => `truncate the unstable entries before index ${from}`);
    if (from > offset + unstable.entries.length)
      panic(journal, `unstable.slice[${offset},${from}) out of bound [${offset},${offset + unstable.entries.length}]`);
    unstable.entries = [...unstable.entries.slice(0, from - offset), ...entries];
    unstable.offsetInProgress = Math.min(unstable.offsetInProgress, from);
  }
}
