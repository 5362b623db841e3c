/** A map that forgets what was neither set nor asked for the longest: what may be remembered between requests. */

interface Entry<V> {
  value: V;
  /** How often any had been put last by the time that this was. */
  put: number;
}

/** What is among so large a part of all that were put last is not put there again: of many it matters little which of those goes first. */
const LAST_PART = 1 / 4;

export class BoundedMap<V extends NonNullable<unknown>> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #limit: number;
  readonly #weigh: (value: V, key: string) => number;
  #weight = 0;
  /** How often one was put last. */
  #puts = 0;

  /** `limit`: what its entries weigh at most, each 1 unless said. One that weighs more than that alone is not kept. */
  constructor(limit: number, weigh: (value: V, key: string) => number = () => 1) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // What is asked for is young again.
    if (this.#puts - entry.put > LAST_PART * this.#entries.size) {
      this.#entries.delete(key);
      this.#put(key, entry);
    }
    return entry.value;
  }

  #put(key: string, entry: Entry<V>): void {
    entry.put = ++this.#puts;
    this.#entries.set(key, entry);
  }

  set(key: string, value: V): void {
    this.delete(key);
    const weight = this.#weigh(value, key);
    if (weight > this.#limit) return;
    while (this.#weight + weight > this.#limit) this.delete(this.#entries.keys().next().value!);
    this.#put(key, { value, put: 0 });
    this.#weight += weight;
  }

  /** The one to be forgotten first comes first. */
  forEach(visit: (value: V, key: string) => void): void {
    for (const [key, { value }] of this.#entries) visit(value, key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(entry.value, key);
  }
}
