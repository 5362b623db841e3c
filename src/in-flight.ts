/** How much is being done for each cluster at this moment. */
export class InFlight {
  readonly #counts = new Map<string, number>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does the work, or what is to be done instead while there is as much as there may be. */
  async run<T>(id: string, work: () => Promise<T>, refuse: () => T): Promise<T> {
    const count = this.#counts.get(id) ?? 0;
    if (count >= this.#limit) return refuse();
    this.#counts.set(id, count + 1);
    try {
      return await work();
    } finally {
      const left = this.#counts.get(id)! - 1;
      if (left > 0) this.#counts.set(id, left);
      else this.#counts.delete(id);
    }
  }
}
