/**
 * The story of an object, read back from what its cluster has kept: the log has what was written, and the causes beside it who wrote and what
 * he had heard of. It begins with the object's own writes, goes back from each to what led to it and to what made the owners, and forth to what
 * came of it.
 */
import type { Catalog } from '../catalog/catalog.ts';
import { changeAt, changesBetween, changesOfKey } from '../etcd/key-history.ts';
import type { Log } from '../etcd/log.ts';
import type { Store } from '../etcd/store.ts';
import type { WatchEvent } from '../etcd/types.ts';
import { jsonDiff } from '../objects/json-diff.ts';
import type { Story, StoryCall, StoryObject, StoryRelation, StoryWrite } from '../objects/story.ts';
import type { KeptCause, Woken } from '../simulation/cause.ts';
import { parseObjectKey } from './stored-keys.ts';
import { runtimeCalls } from './story-calls.ts';
import { lifeAt } from './story-life.ts';
import { type Named, namedAs, readObject, shownValue } from './story-objects.ts';
import { authorOf, changeOf, kvOf } from './story-writes.ts';

/** What led to them, or came of them. */
export const MAX_OTHER_WRITES = 1000;
/** Characters of what was written that a story looks at; of what is beyond, it does not tell what was changed. */
export const MAX_STORY_CHARACTERS = 4 * 1024 * 1024;
/** Owners, and theirs, that are looked at. */
export const MAX_OWNERS = 20;
/** Writes of one cause that are looked at. */
export const MAX_RUN = 200;

export interface StoryOptions {
  /** Its life at this revision, where it had more than one; the last unless said. */
  at?: number | undefined;
  /** Its writes before this revision. */
  before?: number | undefined;
  /** Whether what changed includes managedFields. */
  managedFields?: boolean | undefined;
}

/** Undefined: history has no such object. */
export function storyOf(store: Store, catalog: Catalog, object: Named, options: StoryOptions = {}): Story | undefined {
  return store.reading((log) => new Teller(store, log, catalog, object, options).tell());
}

interface Found {
  event: WatchEvent;
  relation: StoryRelation;
}

class Teller {
  readonly #store: Store;
  readonly #log: Log;
  readonly #catalog: Catalog;
  readonly #object: Named;
  readonly #options: StoryOptions;
  /** By revision and key. */
  readonly #found = new Map<string, Found>();
  /** Owners that have been looked at, by their keys. */
  readonly #owning = new Set<string>();
  #others = 0;
  #cut = false;
  #characters = 0;

  constructor(store: Store, log: Log, catalog: Catalog, object: Named, options: StoryOptions) {
    this.#store = store;
    this.#log = log;
    this.#catalog = catalog;
    this.#object = object;
    this.#options = options;
  }

  tell(): Story | undefined {
    const { at = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY } = this.#options;
    const life = lifeAt(changesOfKey(this.#log, this.#object.key), { at, before });
    const [first] = life.events;
    if (!first) return undefined;
    const uid = readObject(this.#object.kind, kvOf(first))?.metadata?.uid;
    for (const event of life.events) this.#add(event, 'object');
    for (const event of life.events) this.#leadingTo(event.kv.modRevision);
    this.#owners(this.#object, first);
    this.#consequences(first.kv.modRevision, life.events.at(-1)!.kv.modRevision, uid);
    const { kind: _, key: __, ...object } = this.#object;
    const writes = [...this.#found.values()]
      .sort((a, b) => a.event.kv.modRevision - b.event.kv.modRevision)
      .map((found) => this.#write(found));
    return {
      object: { ...object, ...(uid === undefined ? {} : { uid }) },
      complete: life.begins && before === Number.POSITIVE_INFINITY,
      ...(life.earlier === undefined ? {} : { before: life.earlier }),
      cut: this.#cut,
      writes,
    };
  }

  /** Answers whether it is new. */
  #add(event: WatchEvent, relation: StoryRelation): boolean {
    const id = `${event.kv.modRevision} ${event.kv.key}`;
    if (this.#found.has(id)) return false;
    if (relation !== 'object') {
      if (this.#others === MAX_OTHER_WRITES) {
        this.#cut = true;
        return false;
      }
      this.#others++;
    }
    this.#found.set(id, { event, relation });
    return true;
  }

  /** From a write back to what its author had heard of, and so on, to a request, an instant, or what nobody has kept. */
  #leadingTo(revision: number): void {
    for (let at: number | undefined = revision; at !== undefined; ) {
      const cause: KeptCause | undefined = this.#store.causes?.spanOf(at)?.cause;
      const woken: Woken | undefined = cause?.kind === 'reconcile' ? cause.woken : undefined;
      const event: WatchEvent | undefined = woken && this.#change(woken);
      at = event && this.#add(event, 'cause') ? event.kv.modRevision : undefined;
    }
  }

  #change({ resource, namespace, name, revision }: Woken): WatchEvent | undefined {
    const kind = this.#catalog.named(resource);
    return kind && changeAt(this.#log, namedAs(kind, namespace, name).key, revision);
  }

  /** What made the owners, and theirs. */
  #owners({ namespace }: StoryObject, event: WatchEvent): void {
    const kind = parseObjectKey(this.#catalog, event.kv.key)?.kind;
    const owners = readObject(kind, kvOf(event))?.metadata?.ownerReferences ?? [];
    if (!Array.isArray(owners)) return;
    for (const { apiVersion, kind: name, name: owner, uid } of owners) {
      const kind = this.#catalog.kind(String(apiVersion), String(name));
      if (!kind) continue;
      const named = namedAs(kind, namespace, String(owner));
      // Owners may own one another.
      if (this.#owning.has(named.key)) continue;
      if (this.#owning.size === MAX_OWNERS) {
        this.#cut = true;
        return;
      }
      this.#owning.add(named.key);
      const creation = this.#creation(named, uid);
      if (!creation) continue;
      this.#add(creation, 'cause');
      this.#leadingTo(creation.kv.modRevision);
      this.#owners(named, creation);
    }
  }

  #creation({ key, kind }: Named, uid: unknown): WatchEvent | undefined {
    let born: number | undefined;
    for (const event of changesOfKey(this.#log, key)) {
      const was = kvOf(event);
      // Another change of a life that has been looked at.
      if (was.createRevision === born) continue;
      born = was.createRevision;
      if (readObject(kind, was)?.metadata?.uid === uid) return changeAt(this.#log, key, born);
    }
    return undefined;
  }

  /** What was written by those who had heard of a change of the object, and Events that tell of it. */
  #consequences(first: number, last: number, uid: string | undefined): void {
    const { causes } = this.#store;
    if (!causes) return;
    const { resource, namespace, name } = this.#object;
    const heard = causes.wokenBy({ resource, namespace, name }, first, MAX_OTHER_WRITES + 1);
    for (const revision of heard) {
      const span = causes.spanOf(revision);
      const cause = span?.cause.kind === 'reconcile' ? span.cause : undefined;
      // Another life's.
      if (!span || (cause?.woken?.revision ?? 0) > last) continue;
      for (const event of this.#run(span)) if (!this.#tellsOfOther(event, uid)) this.#add(event, this.#relation(event));
    }
    for (const { event, relation } of [...this.#found.values()]) {
      const span = relation === 'object' ? causes.spanOf(event.kv.modRevision) : undefined;
      for (const other of span ? this.#run(span) : [])
        if (this.#isEvent(other) && !this.#tellsOfOther(other, uid)) this.#add(other, 'event');
    }
  }

  #run({ from, to }: { from: number; to: number }): WatchEvent[] {
    const events = changesBetween(this.#log, from, to, MAX_RUN + 1);
    if (events.length > MAX_RUN) this.#cut = true;
    return events.slice(0, MAX_RUN);
  }

  #isEvent({ kv }: WatchEvent): boolean {
    return kv.key.startsWith('/registry/events/');
  }

  #relation(event: WatchEvent): StoryRelation {
    return this.#isEvent(event) ? 'event' : 'consequence';
  }

  #tellsOfOther(event: WatchEvent, uid: string | undefined): boolean {
    if (!this.#isEvent(event)) return false;
    const told = readObject(parseObjectKey(this.#catalog, event.kv.key)?.kind, kvOf(event));
    const about = told?.involvedObject ?? told?.regarding;
    return (about as { uid?: string } | undefined)?.uid !== uid;
  }

  #write({ event, relation }: Found): StoryWrite {
    const { kv, prevKv } = event;
    const revision = kv.modRevision;
    const span = this.#store.causes?.spanOf(revision);
    const cause = span?.cause;
    const diff = this.#diff(event);
    const calls = cause?.kind === 'reconcile' && cause.name === 'kubelet' ? this.#calls(event) : [];
    return {
      revision,
      ...(cause && cause.kind !== 'unknown' ? { time: cause.at } : {}),
      relation,
      ...changeOf(this.#catalog, event),
      ...(prevKv ? { from: prevKv.modRevision } : {}),
      by: authorOf(cause),
      run: span?.from ?? revision,
      ...(diff ? { diff } : {}),
      ...(calls.length > 0 ? { calls } : {}),
    };
  }

  #calls({ type, kv, prevKv }: WatchEvent): StoryCall[] {
    const { resource, kind } = parseObjectKey(this.#catalog, kv.key) ?? {};
    if (resource !== 'pods' || this.#characters > MAX_STORY_CHARACTERS) return [];
    return runtimeCalls(prevKv && readObject(kind, prevKv), type === 'PUT' ? readObject(kind, kv) : undefined);
  }

  #diff({ type, kv, prevKv }: WatchEvent): StoryWrite['diff'] {
    const after = type === 'PUT' ? kv : undefined;
    this.#characters += (after?.value.length ?? 0) + (prevKv?.value.length ?? 0);
    if (this.#characters > MAX_STORY_CHARACTERS) {
      this.#cut = true;
      return undefined;
    }
    const kind = parseObjectKey(this.#catalog, kv.key)?.kind;
    const [old, now] = [prevKv, after].map(
      (side) => side && shownValue(kind, side, this.#options.managedFields ?? false),
    );
    if ((prevKv && old === undefined) || (after && now === undefined)) return undefined;
    // What was there and is compacted is not known.
    if (after && !prevKv && after.version > 1) return undefined;
    return jsonDiff(old, now);
  }
}
