/**
 * What was read of the store a moment ago, until it changes: a request is decided on the same few keys and mostly empty ranges (its
 * namespace's quotas and limits, the cluster's webhooks) as the one before, and then judged by what was just read for it. Without this
 * every one of them is a query. Whoever changes keys tells of it here; what it holds is shared, and nobody changes it.
 */
import { BoundedMap } from '../simulation/bounded-map.ts';
import type { Head } from './head.ts';
import type { KeyValue } from './types.ts';

/** Characters of keys and values that are remembered of single keys, and of ranges. */
export const RECENT_HEADS_SIZE = 256 * 1024;
/** What is larger is read anew: it is no more dear to read than to use. */
export const LARGEST_RECENT_HEAD = 16 * 1024;
/** Each write looks at all of them. */
export const MAX_RECENT_RANGES = 48;
export const LARGEST_RECENT_RANGE = 16 * 1024;

/** What an entry takes beside its characters. */
const ENTRY_SIZE = 64;

/** `absent`: nobody ever wrote the key. */
type Known = { head: Head } | 'absent';

const sizeOf = (known: Known): number => ENTRY_SIZE + (known === 'absent' ? 0 : (known.head.kv?.value.length ?? 0));

interface Range {
  start: string;
  end: string;
  kvs: readonly KeyValue[];
  /** Characters of its values. */
  size: number;
}

export class RecentReads {
  readonly #heads = new BoundedMap<Known>(RECENT_HEADS_SIZE, sizeOf);
  readonly #ranges = new BoundedMap<Range>(MAX_RECENT_RANGES);

  head(key: string): Known | undefined {
    return this.#heads.get(key);
  }

  /** All that is in the range now. */
  range(start: string, end: string): Range | undefined {
    return this.#ranges.get(nameOf(start, end));
  }

  keepHead(key: string, head: Head | undefined): void {
    const known = head ? { head } : 'absent';
    if (sizeOf(known) <= LARGEST_RECENT_HEAD) this.#heads.set(key, known);
  }

  keepRange(start: string, end: string, kvs: readonly KeyValue[]): void {
    let size = 0;
    for (const { key, value } of kvs) {
      size += key.length + value.length + ENTRY_SIZE;
      if (size > LARGEST_RECENT_RANGE) return;
    }
    const values = kvs.reduce((sum, { value }) => sum + value.length, 0);
    this.#ranges.set(nameOf(start, end), { start, end, kvs: [...kvs], size: values });
  }

  /** A key is at another place from now on. */
  changed(key: string, head: Head): void {
    this.#heads.delete(key);
    this.keepHead(key, head);
    for (const [name, { start, end }] of this.#ranges.entries())
      if (key >= start && key < end) this.#ranges.delete(name);
  }

  /** What was told to have changed may not have, or something else has. */
  clear(): void {
    this.#heads.clear();
    this.#ranges.clear();
  }
}

const nameOf = (start: string, end: string): string => `${start}\0${end}`;
