/** What was worked out lately, up to a number: the oldest goes first. */
export class Remembered<V> {
  readonly #limit: number;
  readonly #values = new Map<string, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // What is asked for is young again.
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#values.delete(key);
    const oldest = this.#values.keys().next().value;
    if (this.#values.size >= this.#limit && oldest !== undefined) this.#values.delete(oldest);
    this.#values.set(key, value);
  }
}
