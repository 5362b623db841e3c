/**
 * The pump's view of the cluster: every object that is there, or what is kept of it, found by name and listed in key order.
 * It is a cache, kept current by commits; it can be dropped and built again from the store at any time.
 */
import { type Counted, type Group, Groups, type Member } from './groups.ts';
import type { Reader } from './reconciler.ts';
import { SortedListing } from './sorted-listing.ts';
import { type Named, Unreadables } from './unreadables.ts';

/** One object's change, as reconcilers see it. */
export interface Change<Object> {
  resource: string;
  namespace: string | undefined;
  name: string;
  revision: number;
  old?: Object;
  new?: Object;
  /** What was there before, for whoever does not know it from the index. */
  before?(): Object | undefined;
  /** There is something at its key, and nobody can read what. */
  unreadable?: boolean;
  /** Under what the object is found again beside its name, and as what it is counted, where that is known already. */
  found?: Found;
}

const NOWHERE: Found = { places: [] };

/** Thrown to a reconciler that asks for what nobody can read: it holds still, and is asked again later. */
export class UnreadableObjectError extends Error {}

/** How an object is found beside its name. */
export interface Found {
  /** Such as the uids of its owners. */
  places: readonly string[];
  counted?: Counted | undefined;
}

/** One object, whatever it becomes. */
interface Entry<Object> extends Member<Object> {
  readonly resource: string;
  /** Under what it is found beside its name. */
  places: readonly string[];
}

class Space<Object> {
  readonly entries = new Map<string, Entry<Object>>();
  private listing: SortedListing<Object> | undefined;

  changed(name: string, object: Object | undefined): void {
    if (object) this.listing?.put(name, object);
    else this.listing?.remove(name);
  }

  list(): Object[] {
    this.listing ??= new SortedListing(Array.from(this.entries, ([name, { object }]) => [name, object]));
    return this.listing.values;
  }
}

class Resource<Object> {
  readonly spaces = new Map<string, Space<Object>>();
  private listing: SortedListing<Object> | undefined;

  changed(namespace: string, name: string, object: Object | undefined): void {
    if (!this.listing) return;
    if (object) this.listing.put(`${namespace}\0${name}`, object);
    else this.listing.remove(`${namespace}\0${name}`);
  }

  list(): Object[] {
    this.listing ??= new SortedListing(this.entries());
    return this.listing.values;
  }

  private entries(): [string, Object][] {
    const found: [string, Object][] = [];
    for (const [namespace, { entries }] of this.spaces)
      for (const [name, { object }] of entries) found.push([`${namespace}\0${name}`, object]);
    return found;
  }
}

/**
 * Refuses what would have to leave something out: an object that cannot be read, a namespace's list with such a one, and a list of what
 * has no namespace. A list over all namespaces goes on without it, so that one broken value does not stop the whole cluster.
 */
class StrictReader<Object> implements Reader<Object> {
  private readonly index: ObjectIndex<Object>;
  private readonly missing: Unreadables;

  constructor(index: ObjectIndex<Object>, missing: Unreadables) {
    this.index = index;
    this.missing = missing;
  }

  get revision(): number {
    return this.index.revision;
  }

  get(resource: string, namespace: string | undefined, name: string): Object | undefined {
    const found = this.index.get(resource, namespace, name);
    if (found === undefined) refuse(this.missing.get(resource, namespace, name));
    return found;
  }

  list(resource: string, namespace?: string): Object[] {
    refuse(this.missing.first(resource, namespace));
    return this.index.list(resource, namespace);
  }

  resources(): string[] {
    return [...new Set([...this.index.resources(), ...this.missing.resources()])];
  }

  dependents(uid: string): { resource: string; object: Object }[] {
    return this.index.dependents(uid);
  }

  someDependent(uid: string, which: (object: Object) => boolean): boolean {
    return this.index.someDependent(uid, which);
  }

  groups(place: string): Group<Object>[] {
    return this.index.groups(place);
  }

  unreadable(namespace?: string): boolean {
    return this.index.unreadable(namespace);
  }
}

function refuse(found: Named | undefined): void {
  if (found)
    throw new UnreadableObjectError(
      `cannot read ${found.resource} ${[found.namespace, found.name].filter(Boolean).join('/')}`,
    );
}

export class ObjectIndex<Object> implements Reader<Object> {
  revision = 0;
  private readonly byResource = new Map<string, Resource<Object>>();
  /** What is there and cannot be read, by what it is called. */
  private readonly unreadables = new Unreadables();
  private readonly byPlace = new Map<string, Set<Entry<Object>>>();
  private readonly counted = new Groups<Object>();
  private readonly find: (object: Object) => Found;

  /** `find`: how an object is found again beside its name. */
  constructor(find: (object: Object) => Found = () => NOWHERE) {
    this.find = find;
  }

  get(resource: string, namespace: string | undefined, name: string): Object | undefined {
    return this.byResource
      .get(resource)
      ?.spaces.get(namespace ?? '')
      ?.entries.get(name)?.object;
  }

  list(resource: string, namespace?: string): Object[] {
    const found = this.byResource.get(resource);
    if (!found) return [];
    return namespace === undefined ? found.list() : (found.spaces.get(namespace)?.list() ?? []);
  }

  resources(): string[] {
    return [...this.byResource.keys()];
  }

  dependents(uid: string): { resource: string; object: Object }[] {
    return Array.from(this.byPlace.get(uid) ?? [], ({ resource, object }) => ({ resource, object }));
  }

  someDependent(uid: string, which: (object: Object) => boolean): boolean {
    for (const { object } of this.byPlace.get(uid) ?? []) if (which(object)) return true;
    return false;
  }

  groups(place: string): Group<Object>[] {
    return this.counted.of(place);
  }

  unreadable(namespace?: string): boolean {
    return namespace === undefined ? this.unreadables.size > 0 : this.unreadables.isIn(namespace);
  }

  /** The same objects for those who conclude something from what is missing: what cannot be read is not missing. */
  strict(): Reader<Object> {
    return this.unreadables.size === 0 ? this : new StrictReader(this, this.unreadables);
  }

  *all(): Iterable<Change<Object>> {
    for (const [resource, { spaces }] of this.byResource)
      for (const [namespace, { entries }] of spaces)
        for (const [name, { object }] of entries)
          yield { resource, namespace: namespace || undefined, name, revision: this.revision, new: object };
  }

  /** Takes a commit in; commits must come in order of revision. Answers whether it ended that something could not be read. */
  apply(change: Change<Object>): boolean {
    this.revision = Math.max(this.revision, change.revision);
    const cleared = !change.unreadable && this.unreadables.delete(change);
    if (change.unreadable) this.unreadables.add(change);
    this.put(change);
    return cleared;
  }

  private put(change: Change<Object>): void {
    let resource = this.byResource.get(change.resource);
    if (!resource) {
      resource = new Resource();
      this.byResource.set(change.resource, resource);
    }
    const namespace = change.namespace ?? '';
    let space = resource.spaces.get(namespace);
    if (!space) {
      space = new Space();
      resource.spaces.set(namespace, space);
    }
    resource.changed(namespace, change.name, change.new);
    space.changed(change.name, change.new);
    if (change.new) this.keep(space, change, change.new);
    else {
      const entry = space.entries.get(change.name);
      if (entry) this.place(entry, NOWHERE);
      space.entries.delete(change.name);
      if (space.entries.size === 0) resource.spaces.delete(namespace);
    }
  }

  private keep({ entries }: Space<Object>, { resource, name, found }: Change<Object>, object: Object): void {
    let entry = entries.get(name);
    if (entry) entry.object = object;
    else {
      entry = { resource, object, places: [] };
      entries.set(name, entry);
    }
    this.place(entry, found ?? this.find(object));
  }

  /** Has it found under these from now on, and under no others. Most changes of an object are none of its places. */
  private place(entry: Entry<Object>, { places, counted }: Found): void {
    this.counted.put(entry, counted);
    const before = entry.places;
    if (places.length === before.length && places.every((place, i) => place === before[i])) return;
    entry.places = places;
    for (const place of before) {
      if (places.includes(place)) continue;
      const found = this.byPlace.get(place);
      found?.delete(entry);
      if (found?.size === 0) this.byPlace.delete(place);
    }
    for (const place of places) {
      const found = this.byPlace.get(place);
      if (found) found.add(entry);
      else this.byPlace.set(place, new Set([entry]));
    }
  }
}
