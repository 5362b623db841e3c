/**
 * What a node has on its disk: the log behind a snapshot, and its vote. Models go.etcd.io/raft/v3/storage.go (MemoryStorage).
 * `entries[i]` has the index `base.index + 1 + i`.
 */
import { type ConfState, emptyConfState } from './conf-change.ts';
import type { Entry, HardState, Snapshot } from './message.ts';

export interface Storage {
  hardState: HardState;
  /** The last entry that is no more in the log; its term is known still. */
  base: { index: number; term: number };
  entries: Entry[];
  /** The newest snapshot, which is what others are sent: not older than `base`. */
  snapshot: Snapshot;
}

export const NO_HARD_STATE: HardState = { term: 0, vote: 0, commit: 0 };

/** Of a node that starts with a state machine at an index, or with nothing. */
export function newStorage(snapshot: Snapshot = { index: 0, term: 0, confState: emptyConfState(), data: '' }): Storage {
  const { index, term } = snapshot;
  return { hardState: NO_HARD_STATE, base: { index, term }, entries: [], snapshot };
}

export const storedFirst = (storage: Storage): number => storage.base.index + 1;

export const storedLast = (storage: Storage): number => storage.base.index + storage.entries.length;

/** Undefined outside of the log; the base's is known. */
export function storedTerm(storage: Storage, index: number): number | undefined {
  const { base, entries } = storage;
  return index === base.index ? base.term : entries[index - base.index - 1]?.term;
}

/** From `low` to before `high`, which are inside of the log. */
export const storedEntries = (storage: Storage, low: number, high: number): Entry[] =>
  storage.entries.slice(low - storage.base.index - 1, high - storage.base.index - 1);

/** Entries that follow the last, or take the place of some; what is older than the base is left out. */
export function appendStored(storage: Storage, entries: readonly Entry[]): void {
  const first = storedFirst(storage);
  const fresh =
    entries.length > 0 && entries[0]!.index < first ? entries.filter(({ index }) => index >= first) : entries;
  if (fresh.length === 0) return;
  const at = fresh[0]!.index - first;
  if (at > storage.entries.length)
    throw new Error(`missing log entry [last: ${storedLast(storage)}, append at: ${fresh[0]!.index}]`);
  storage.entries.length = at;
  for (const entry of fresh) storage.entries.push(entry);
}

/** Another node's state takes the place of all that is here. False if it is no newer. */
export function applySnapshot(storage: Storage, snapshot: Snapshot): boolean {
  if (storage.snapshot.index !== 0 && storage.snapshot.index >= snapshot.index) return false;
  storage.snapshot = snapshot;
  storage.base = { index: snapshot.index, term: snapshot.term };
  storage.entries = [];
  return true;
}

/** The state machine's own, at an index that is in the log. */
export function createSnapshot(storage: Storage, index: number, confState: ConfState, data: string): void {
  const term = storedTerm(storage, index);
  if (term === undefined) throw new Error(`snapshot ${index} is out of bound lastindex(${storedLast(storage)})`);
  if (index > storage.snapshot.index) storage.snapshot = { index, term, confState, data };
}

/** Entries up to `index` leave the log. False if they are gone already. */
export function compactStored(storage: Storage, index: number): boolean {
  const { base } = storage;
  if (index <= base.index) return false;
  const term = storedTerm(storage, index);
  if (term === undefined) throw new Error(`compact ${index} is out of bound lastindex(${storedLast(storage)})`);
  storage.entries = storage.entries.slice(index - base.index);
  storage.base = { index, term };
  return true;
}
