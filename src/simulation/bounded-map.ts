/** A map that forgets what was neither set nor asked for the longest: what may be remembered between requests. */
export class BoundedMap<V extends NonNullable<unknown>> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  /** `limit`: how many entries it holds at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // What is asked for is young again.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#limit) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
