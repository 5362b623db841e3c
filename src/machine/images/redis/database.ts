/** What Redis keeps: keys with values of five kinds, and when they end. */
import { fileMatcher } from '../../programs/glob.ts';

export type Value = string | string[] | Set<string> | Map<string, string> | { scores: Map<string, number> };

/** What all keys and values take. */
export const MAX_BYTES = 4 * 1024 * 1024;

/** What a key, a member or a value takes besides its characters. */
const WORD_BYTES = 32;
/** What is there is counted anew no sooner than when as much was to be written: it costs more than writing. */
const RECOUNT_BYTES = MAX_BYTES / 16;

export const bytesOfWords = (words: Iterable<string>): number => {
  let bytes = 0;
  for (const word of words) bytes += word.length + WORD_BYTES;
  return bytes;
};

function bytesOfValue(value: Value): number {
  if (typeof value === 'string') return bytesOfWords([value]);
  if (Array.isArray(value) || value instanceof Set) return bytesOfWords(value);
  if (value instanceof Map) return bytesOfWords(value.keys()) + bytesOfWords(value.values());
  return bytesOfWords(value.scores.keys()) + WORD_BYTES * value.scores.size;
}

export type ValueKind = 'string' | 'list' | 'set' | 'hash' | 'zset';

export const kindOf = (value: Value): ValueKind => {
  if (typeof value === 'string') return 'string';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Set) return 'set';
  return value instanceof Map ? 'hash' : 'zset';
};

export class Database {
  readonly #values = new Map<string, Value>();
  readonly #ends = new Map<string, number>();
  readonly #now: () => number;
  /** What was there when it was counted, and was written since. */
  #bytes = 0;
  #sinceCount = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts what is to be written, and says whether there is room for it. */
  hasRoom(bytes: number): boolean {
    this.#sinceCount += bytes;
    if (this.#bytes + bytes > MAX_BYTES && this.#sinceCount >= RECOUNT_BYTES) this.#count();
    if (this.#bytes + bytes > MAX_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }

  #count(): void {
    this.#bytes = bytesOfWords(this.keys('*'));
    for (const value of this.#values.values()) this.#bytes += bytesOfValue(value);
    this.#sinceCount = 0;
  }

  get(key: string): Value | undefined {
    const end = this.#ends.get(key);
    if (end !== undefined && end <= this.#now()) this.delete(key);
    return this.#values.get(key);
  }

  set(key: string, value: Value, keepsEnd = false): void {
    this.#values.set(key, value);
    if (!keepsEnd) this.#ends.delete(key);
  }

  delete(key: string): boolean {
    this.#ends.delete(key);
    return this.#values.delete(key);
  }

  expire(key: string, at: number | undefined): void {
    if (at === undefined) this.#ends.delete(key);
    else this.#ends.set(key, at);
  }

  /** Milliseconds that a key has left; undefined: for ever. */
  left(key: string): number | undefined {
    const end = this.#ends.get(key);
    return end === undefined ? undefined : end - this.#now();
  }

  keys(pattern: string): string[] {
    const matches = fileMatcher(pattern);
    return [...this.#values.keys()].filter((key) => this.get(key) !== undefined && (pattern === '*' || matches(key)));
  }

  get size(): number {
    return this.keys('*').length;
  }

  clear(): void {
    this.#values.clear();
    this.#ends.clear();
    this.#bytes = 0;
  }
}
