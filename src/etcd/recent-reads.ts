/**
 * What was read of the store a moment ago, until it changes: a request is decided on the same few keys and mostly empty ranges (its
 * namespace's quotas and limits, the cluster's webhooks) as the one before, and then judged by what was just read for it. Without this
 * every one of them is a query. Whoever changes keys tells of it here; what it holds is shared, and nobody changes it.
 */
import { BoundedMap } from '../simulation/bounded-map.ts';
import type { Head } from './head.ts';
import { rangeName } from './range-name.ts';
import type { KeyValue } from './types.ts';

/**
 * What single keys that are remembered take together, with their values: characters, and `ENTRY_SIZE` for each. A pod that comes into being is
 * written four times, with some hundred others and all their events in between.
 */
export const RECENT_HEADS_SIZE = 1024 * 1024;
/** The same of ranges, with all that is in them. */
export const RECENT_RANGES_SIZE = 256 * 1024;
/** Each write looks at all of them. */
export const MAX_RECENT_RANGES = 48;
/** What takes more by itself would drive out much that is asked for often, and to read it is little beside what is done with it. */
export const LARGEST_RECENT_READ = 16 * 1024;

/** What an entry takes beside its characters. */
const ENTRY_SIZE = 64;

/** `absent`: nobody ever wrote the key. */
type Known = { head: Head } | 'absent';

const sizeOf = (known: Known, key: string): number =>
  ENTRY_SIZE + key.length + (known === 'absent' ? 0 : (known.head.kv?.value.length ?? 0));

interface Range {
  start: string;
  end: string;
  kvs: readonly KeyValue[];
  /** Characters of its values. */
  bytes: number;
  /** What it takes with all that is in it. */
  size: number;
}

export class RecentReads {
  readonly #heads = new BoundedMap<Known>(RECENT_HEADS_SIZE, sizeOf);
  readonly #ranges = new BoundedMap<Range>(RECENT_RANGES_SIZE, ({ size }) =>
    Math.max(size, Math.floor(RECENT_RANGES_SIZE / MAX_RECENT_RANGES)),
  );

  head(key: string): Known | undefined {
    return this.#heads.get(key);
  }

  /** All that is in the range now. */
  range(start: string, end: string): Range | undefined {
    return this.#ranges.get(rangeName(start, end));
  }

  keepHead(key: string, head: Head | undefined): void {
    const known = head ? { head } : 'absent';
    if (sizeOf(known, key) <= LARGEST_RECENT_READ) this.#heads.set(key, known);
  }

  keepRange(start: string, end: string, kvs: readonly KeyValue[]): void {
    let bytes = 0;
    let size = ENTRY_SIZE + 2 * (start.length + end.length);
    for (const { key, value } of kvs) {
      bytes += value.length;
      size += ENTRY_SIZE + key.length + value.length;
      if (size > LARGEST_RECENT_READ) return;
    }
    if (size <= LARGEST_RECENT_READ)
      this.#ranges.set(rangeName(start, end), { start, end, kvs: [...kvs], bytes, size });
  }

  /** A key is at another place from now on. */
  changed(key: string, head: Head): void {
    this.#heads.delete(key);
    this.keepHead(key, head);
    this.#ranges.forEach(({ start, end }, name) => {
      if (key >= start && key < end) this.#ranges.delete(name);
    });
  }

  /** What was told to have changed may not have, or something else has. */
  clear(): void {
    this.#heads.clear();
    this.#ranges.clear();
  }
}
