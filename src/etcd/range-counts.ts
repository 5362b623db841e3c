/**
 * How many keys are in the ranges that readers page through. Counting walks every key, and each page of a list tells how many are
 * left: so a count is remembered, kept current by what is created and deleted, and carried over from a page to the next.
 */
import { rangeName } from './range-name.ts';

/** Ranges remembered; the one used longest ago goes first. Each creation and deletion looks at all of them. */
export const MAX_RANGES = 64;

/** Characters of both ends of a range: what is longer is counted anew. */
export const LONGEST_RANGE = 4096;

interface Entry {
  start: string;
  end: string;
  /** The revision that is counted; 0: now. */
  at: number;
  count: number;
}

export class RangeCounts {
  readonly #entries = new Map<string, Entry>();

  get(start: string, end: string, at: number): number | undefined {
    const name = nameOf(start, end, at);
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry.count;
  }

  set(start: string, end: string, at: number, count: number): void {
    if (start.length + end.length > LONGEST_RANGE) return;
    const name = nameOf(start, end, at);
    this.#entries.delete(name);
    this.#entries.set(name, { start, end, at, count });
    if (this.#entries.size > MAX_RANGES) this.#entries.delete(this.#entries.keys().next().value!);
  }

  /** A key came (1) or went (-1). */
  changed(key: string, by: 1 | -1): void {
    for (const entry of this.#entries.values())
      if (entry.at === 0 && key >= entry.start && key < entry.end) entry.count += by;
  }

  /** What was counted may not be so: a transaction was taken back. */
  clear(): void {
    this.#entries.clear();
  }
}

const nameOf = (start: string, end: string, at: number): string => `${at}\0${rangeName(start, end)}`;
