/**
 * Values in the order of their keys, kept current as they come and go: sorting all of them anew for each that comes would make n of them
 * cost n times as much each. What was once handed out keeps its length; a value that is replaced is replaced there too.
 */
export class SortedListing<T> {
  #keys: string[];
  #values: T[];

  constructor(entries: [key: string, value: T][]) {
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#keys = entries.map(([key]) => key);
    this.#values = entries.map(([, value]) => value);
  }

  get values(): T[] {
    return this.#values;
  }

  put(key: string, value: T): void {
    const at = this.#placeOf(key);
    if (this.#keys[at] === key) this.#values[at] = value;
    else {
      this.#keys.splice(at, 0, key);
      this.#values = this.#values.toSpliced(at, 0, value);
    }
  }

  remove(key: string): void {
    const at = this.#placeOf(key);
    if (this.#keys[at] !== key) return;
    this.#keys.splice(at, 1);
    this.#values = this.#values.toSpliced(at, 1);
  }

  /** Where the key is, or would be. */
  #placeOf(key: string): number {
    let from = 0;
    let to = this.#keys.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#keys[middle]! < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
