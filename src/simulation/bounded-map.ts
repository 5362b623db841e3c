/** A map that forgets what was neither set nor asked for the longest: what may be remembered between requests. */
export class BoundedMap<V extends NonNullable<unknown>> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  readonly #weigh: (value: V, key: string) => number;
  #weight = 0;

  /** `limit`: what its entries weigh at most, each 1 unless said. One that weighs more than that alone is not kept. */
  constructor(limit: number, weigh: (value: V, key: string) => number = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
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
    this.delete(key);
    const weight = this.#weigh(value, key);
    if (weight > this.#limit) return;
    while (this.#weight + weight > this.#limit) this.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, value);
    this.#weight += weight;
  }

  /** The one to be forgotten first comes first. */
  entries(): IterableIterator<[string, V]> {
    return this.#entries.entries();
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value, key);
  }
}
