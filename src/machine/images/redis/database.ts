/** What Redis keeps: keys with values of five kinds, and when they end. */
import { fileMatcher } from '../../programs/glob.ts';

export type Value = string | string[] | Set<string> | Map<string, string> | { scores: Map<string, number> };

/** Characters of all keys and values. */
export const MAX_BYTES = 16 * 1024 * 1024;

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
  #written = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts what is written, and says whether there is room for it. */
  hasRoom(bytes: number): boolean {
    this.#written += bytes;
    return this.#written <= MAX_BYTES;
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
    this.#written = 0;
  }
}
