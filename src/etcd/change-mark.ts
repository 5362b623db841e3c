/**
 * Tells whether anything under some prefixes has changed since it was read. A mark is never one that there was before for another state:
 * it begins anew with every store in memory, counts that store's commits, and goes by no revision, since those are taken back by a reset
 * and forgotten by compaction.
 */
import type { Store } from './store.ts';
import type { Mark } from './types.ts';

export class ChangeMark {
  readonly #store: string;
  readonly #prefixes: readonly string[];
  #changes = 0;

  /** `id`: of this store in memory, unlike that of any other. */
  constructor(store: Store, id: string, prefixes: readonly string[]) {
    this.#store = id;
    this.#prefixes = prefixes;
    store.subscribe(({ events }) => {
      if (events.some(({ kv }) => this.#isUnder(kv.key))) this.#changes++;
    });
  }

  get value(): Mark {
    return { store: this.#store, changes: this.#changes };
  }

  #isUnder(key: string): boolean {
    return this.#prefixes.some((prefix) => key.startsWith(prefix));
  }
}
