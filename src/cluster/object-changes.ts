/** Objects as the pump's index takes them in: all that there are when it wakes, then what each commit has changed. */
import { parseStored, valueText } from '../apiserver/storage/stored.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { apiVersionOf, type Kind } from '../catalog/kinds.ts';
import type { Commit } from '../etcd/commits.ts';
import type { Store } from '../etcd/store.ts';
import type { KeyValue } from '../etcd/types.ts';
import { isJSONObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Change } from '../simulation/object-index.ts';
import { eventFoundBy, foundBy } from './index-places.ts';
import { KeptObjects } from './kept-objects.ts';
import { parseObjectKey } from './stored-keys.ts';

/** Characters of values that are read at once when the pump wakes: a millisecond's work or two. */
export const LOAD_BYTES = 64 * 1024;

/** Changes that a pump that was interrupted looks at one by one. */
export const MAX_SINCE = 1000;

const ALL_OBJECTS = { key: '/registry/', rangeEnd: '/registry0' };

export class ObjectChanges {
  readonly #store: Store;
  readonly #catalog: () => Catalog;
  readonly #kept: KeptObjects;

  /** `catalog`: the kinds that there are at the moment; `whole`: the resources that are read in full. */
  constructor(store: Store, catalog: () => Catalog, whole: ReadonlySet<string>) {
    this.#store = store;
    this.#catalog = catalog;
    this.#kept = new KeptObjects(store, whole, (kv) => this.#read(kv));
  }

  /** Memory that whole objects take. */
  get bytes(): number {
    return this.#kept.bytes;
  }

  /**
   * Every object, part by part: the text of all of them beside what they become would be more than the objects alone. Each part is as it
   * is when it is asked for.
   */
  *everything(): Generator<Change<KubeObject>[]> {
    let key = ALL_OBJECTS.key;
    for (;;) {
      const { kvs, cut } = this.#store.range({ ...ALL_OBJECTS, key, maxBytes: LOAD_BYTES });
      yield kvs.flatMap((kv) => this.#changeOf(kv));
      if (!cut) return;
      key = `${kvs.at(-1)!.key}\0`;
    }
  }

  /** The changes since a revision, each with what was there before; undefined if they are more than are quickly looked at, or compacted. */
  since(revision: number): Change<KubeObject>[] | undefined {
    const startRevision = revision + 1;
    const batch = this.#store.history({ ...ALL_OBJECTS, startRevision, prevKv: true }, { events: MAX_SINCE });
    if (batch.compactRevision !== undefined || batch.revision < this.#store.revision) return undefined;
    return batch.events.flatMap(({ kv, prevKv }) => {
      const key = parseObjectKey(this.#catalog(), kv.key);
      if (!key) return [];
      const old = prevKv && this.#read(prevKv);
      const { resource, namespace, name } = key;
      return [{ resource, namespace, name, revision: kv.modRevision, ...(old ? { old } : {}) }];
    });
  }

  /** `stored`: the object that the commit has put, if that is known and needs no parsing. */
  of(commit: Commit, stored?: KubeObject): Change<KubeObject>[] {
    return commit.events.flatMap(({ type, kv, prevKv }) => {
      const before = prevKv ? { before: () => this.#read(prevKv) } : {};
      if (type === 'PUT')
        return this.#changeOf(kv, commit.events.length === 1 ? stored : undefined).map((change) => ({
          ...change,
          ...before,
        }));
      this.#kept.gone(kv.key);
      const key = parseObjectKey(this.#catalog(), kv.key);
      if (!key) return [];
      const { resource, namespace, name } = key;
      return [{ resource, namespace, name, revision: commit.revision, ...before }];
    });
  }

  #read(kv: KeyValue): KubeObject | undefined {
    return readable(parseObjectKey(this.#catalog(), kv.key)?.kind, kv);
  }

  #changeOf(kv: KeyValue, object?: KubeObject): Change<KubeObject>[] {
    const key = parseObjectKey(this.#catalog(), kv.key);
    if (!key) return [];
    const { resource, namespace, name, kind } = key;
    const revision = kv.modRevision;
    const part = object ? undefined : this.#part(kv, resource, kind);
    if (part) {
      const found = resource === 'events' ? eventFoundBy(part, kv.value as string) : undefined;
      return [{ resource, namespace, name, revision, new: part, ...(found ? { found } : {}) }];
    }
    const whole = object ?? readable(kind, kv);
    if (!whole) {
      this.#kept.gone(kv.key);
      return [{ resource, namespace, name, revision, unreadable: true }];
    }
    // What is kept of it may not say any more where it belongs.
    const found = foundBy(whole);
    return [{ resource, namespace, name, revision, new: this.#kept.keep(kv, resource, whole), found }];
  }

  /** What is kept of an object of which no more is kept, if it can be had without reading all of it. */
  #part(kv: KeyValue, resource: string, kind: Kind | undefined): KubeObject | undefined {
    const { value } = kv;
    if (typeof value !== 'string' || this.#kept.isWhole(resource)) return undefined;
    if (kind && !kind.custom && !value.startsWith(`{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`))
      return undefined;
    const part = this.#kept.keepPart(kv, value, alwaysThere(kind));
    return part && isSound(part) ? part : undefined;
  }
}

/**
 * Through etcd's own door anything can be put at an object's key: what is no object is there and unknown to the reconcilers, and one
 * without its parts has empty ones, as in Go.
 */
function readable(kind: Kind | undefined, kv: KeyValue): KubeObject | undefined {
  try {
    // Of what users have defined nobody here looks at more than is there in any version.
    const object = kind && !kind.custom ? parseStored(kind, kv) : parseCustom(kv);
    if (typeof object.metadata?.name !== 'string' || !isSound(object)) return undefined;
    for (const field of alwaysThere(kind)) object[field] ??= {};
    return object;
  } catch {
    return undefined;
  }
}

const alwaysThere = (kind: Kind | undefined): string[] =>
  ['spec', 'status'].filter((field) => kind?.struct?.byName.has(field));

/** Whether it can be found by its owners, as Go could read them. */
function isSound({ metadata: { ownerReferences: owners } }: KubeObject): boolean {
  if (owners === undefined || owners === null) return true;
  return Array.isArray(owners) && owners.every((owner) => isJSONObject(owner) && typeof owner.uid === 'string');
}

function parseCustom(kv: KeyValue): KubeObject {
  const object = JSON.parse(valueText(kv)) as KubeObject;
  object.metadata = { ...object.metadata, resourceVersion: String(kv.modRevision) };
  return object;
}
