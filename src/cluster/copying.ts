/**
 * A cluster that is being filled with another's state, page by page. It is in memory alone but for its keys: without its life it is no
 * cluster, and its object's alarm ends it when a page does not come.
 */
import type { Restore } from '../etcd/restore.ts';
import type { KeyValue } from '../etcd/types.ts';
import type { CopyRefusal } from '../platform/copies/cluster-state.ts';
import { listingTime, storeLife } from './life.ts';
import type { Running } from './running.ts';

/** Within this time the next page of a copy must come, milliseconds. */
const COPY_PAGE_MS = 60_000;

/** Whoever makes the copy may be gone before it is whole. */
export function expectPage(storage: DurableObjectStorage): void {
  void storage.setAlarm(Date.now() + COPY_PAGE_MS);
}

export class Copying {
  readonly #running: Running;
  readonly #storage: DurableObjectStorage;
  readonly #restore: Restore;

  constructor(running: Running, storage: DurableObjectStorage) {
    this.#running = running;
    this.#storage = storage;
    this.#restore = running.cluster.store.restore();
  }

  add(kvs: KeyValue[]): CopyRefusal | undefined {
    if (this.#running.cluster.store.full) return { full: true };
    expectPage(this.#storage);
    const repeated = this.#restore.add(kvs);
    return repeated === undefined ? undefined : { repeated };
  }

  /** From here on it is a cluster. `bootstrap`: it gets what a real API server makes sure of when it starts on a store. */
  finish(revision: number, bootstrap: boolean): Running {
    const { life, cluster } = this.#running;
    life.listedBy = listingTime();
    cluster.store.atomically(() => {
      this.#restore.finish(revision);
      if (bootstrap) cluster.bootstrap(Date.now());
      cluster.store.markBeginning();
      life.beginning = cluster.now(Date.now());
      storeLife(this.#storage, life);
    });
    return this.#running;
  }
}
