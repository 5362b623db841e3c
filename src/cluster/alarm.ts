/**
 * The one alarm of a cluster's object. Setting it is billed as a row, so it is only ever set to an earlier instant: one that rings too
 * early costs nothing but a look.
 */

/** What is used of `ctx.storage`. */
interface AlarmStorage {
  setAlarm(at: number): Promise<void>;
}

export class ClusterAlarm {
  readonly #storage: AlarmStorage;
  /** Undefined: not set, as far as this instance knows. */
  #at: number | undefined;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  /** Whether it rings at `at` or earlier. */
  isSetBy(at: number): boolean {
    return this.#at !== undefined && this.#at <= at;
  }

  /** Rings at `at` or earlier. Becomes durable with what is written in the same turn of the event loop, or not at all. */
  ringBy(at: number): void {
    if (this.isSetBy(at)) return;
    this.#at = at;
    void this.#storage.setAlarm(at);
  }

  /** It is known to be set from before. */
  isSet(at: number): void {
    this.#at = at;
  }

  rang(): void {
    this.#at = undefined;
  }
}
