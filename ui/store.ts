/** What is known of the cluster's objects, and which of them have changed since they were drawn. */
import { type ApiObject, keyOf } from './model.ts';

export const COLLECTIONS = {
  nodes: { root: '/api/v1', namespaced: false },
  namespaces: { root: '/api/v1', namespaced: false },
  pods: { root: '/api/v1', namespaced: true },
  services: { root: '/api/v1', namespaced: true },
  deployments: { root: '/apis/apps/v1', namespaced: true },
  replicasets: { root: '/apis/apps/v1', namespaced: true },
  events: { root: '/api/v1', namespaced: true },
} as const;

export type CollectionName = keyof typeof COLLECTIONS;
export const COLLECTION_NAMES = Object.keys(COLLECTIONS) as CollectionName[];

/** A JSON frame of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: ApiObject;
}

const INITIAL_END = 'k8s.io/initial-events-end';

export class Collection {
  readonly objects = new Map<string, ApiObject>();
  /** Keys of what came, went or changed since it was last drawn. */
  readonly dirty = new Set<string>();
  /** Counts the changes. */
  version = 0;
  /** Whether all that there was has come once. */
  complete = false;
  /** Whether the token may not see it. */
  refused = false;
  /** While a watch begins anew: what has come of it, so that what has not is gone at its end. */
  #seen: Set<string> | undefined;

  begin(): void {
    this.#seen = new Set();
  }

  /** Takes one event; answers where a broken watch is to go on from, unless it has to begin anew. */
  take({ type, object }: WatchEvent): string | undefined {
    if (type === 'ERROR') return undefined;
    if (type === 'BOOKMARK') {
      if (object.metadata.annotations?.[INITIAL_END] === 'true') this.#end();
    } else {
      const key = keyOf(object);
      // Half of an object's bytes, and nothing that is drawn.
      delete object.metadata.managedFields;
      if (type === 'DELETED') this.objects.delete(key);
      else this.objects.set(key, object);
      this.#seen?.add(key);
      this.dirty.add(key);
      this.version++;
    }
    return object.metadata.resourceVersion;
  }

  #end(): void {
    for (const key of this.objects.keys()) {
      if (this.#seen?.has(key) !== false) continue;
      this.objects.delete(key);
      this.dirty.add(key);
    }
    this.#seen = undefined;
    this.complete = true;
    this.version++;
  }
}

export type Store = Record<CollectionName, Collection>;

export const newStore = (): Store =>
  Object.fromEntries(COLLECTION_NAMES.map((name) => [name, new Collection()])) as Store;
