import type { Work } from './work.ts';

/** Something of each piece of work, found without making a text of what tells them apart. */
export class ByWork<V> {
  readonly #byReconciler = new Map<string, Map<string, V>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ reconciler, key }: Work): V | undefined {
    return this.#byReconciler.get(reconciler)?.get(key);
  }

  set({ reconciler, key }: Work, value: V): void {
    let byKey = this.#byReconciler.get(reconciler);
    if (!byKey) {
      byKey = new Map();
      this.#byReconciler.set(reconciler, byKey);
    }
    this.#size -= byKey.size;
    byKey.set(key, value);
    this.#size += byKey.size;
  }

  delete({ reconciler, key }: Work): boolean {
    const isDeleted = this.#byReconciler.get(reconciler)?.delete(key) ?? false;
    if (isDeleted) this.#size--;
    return isDeleted;
  }

  clear(): void {
    this.#byReconciler.clear();
    this.#size = 0;
  }

  *values(): IterableIterator<V> {
    for (const byKey of this.#byReconciler.values()) yield* byKey.values();
  }
}
