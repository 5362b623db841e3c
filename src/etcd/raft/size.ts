/** How long entries are as Protobuf, which is what raft's limits count. Models `proto.Size` and go.etcd.io/raft/v3/util.go. */
import type { ConfChange } from './conf-change.ts';
import { type Entry, NO_LIMIT } from './message.ts';

function varintSize(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Of UTF-8, in bytes. */
function textSize(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate is half of four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

const fieldSize = (length: number): number => 1 + varintSize(length) + length;

/** A change that leaves a joint configuration is no bytes at all, so that it is never too long. */
function changeSize(entry: Entry, change: ConfChange): number {
  if (change.changes.length === 0) return 0;
  const singles = change.changes.map(({ nodeId }) => 3 + varintSize(nodeId));
  const context = change.context ? fieldSize(textSize(change.context)) : 0;
  if (entry.type === 'EntryConfChange') return singles[0]! + context;
  return 2 + singles.reduce((sum, single) => sum + fieldSize(single), 0) + context;
}

/** What was proposed, without what the log adds. */
export const payloadSize = (entry: Entry): number =>
  entry.change ? changeSize(entry, entry.change) : textSize(entry.data);

export const payloadsSize = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + payloadSize(entry), 0);

function entrySize(entry: Entry): number {
  const payload = payloadSize(entry);
  const type = entry.type === 'EntryNormal' ? 0 : 2;
  return type + 2 + varintSize(entry.term) + varintSize(entry.index) + (payload > 0 ? fieldSize(payload) : 0);
}

export const entriesSize = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + entrySize(entry), 0);

/** As many of the first entries as are at most `limit` bytes together, but one at least. */
export function limitSize(entries: readonly Entry[], limit: number): readonly Entry[] {
  if (limit === NO_LIMIT || entries.length < 2) return entries;
  let size = entrySize(entries[0]!);
  for (let i = 1; i < entries.length; i++) {
    size += entrySize(entries[i]!);
    if (size > limit) return entries.slice(0, i);
  }
  return entries;
}
