/**
 * The pump's view of the cluster: every object parsed once per revision, found by name and listed in key order.
 * It is a cache, kept current by commits; it can be dropped and built again from the store at any time.
 */
import type { Reader } from './reconciler.ts';

/** One object's change, as reconcilers see it. */
export interface Change<Object> {
  resource: string;
  namespace: string | undefined;
  name: string;
  revision: number;
  old?: Object;
  new?: Object;
}

/** Most commits change an object that is there: its place in a list stays. A list is good until the next commit. */
function replace<Object>(list: Object[] | undefined, old: Object, object: Object): void {
  const at = list?.indexOf(old) ?? -1;
  if (list && at >= 0) list[at] = object;
}

class Space<Object> {
  readonly objects = new Map<string, Object>();
  private names: string[] | undefined;
  private listed: Object[] | undefined;

  put(name: string, object: Object): void {
    const old = this.objects.get(name);
    this.objects.set(name, object);
    if (old) replace(this.listed, old, object);
    else {
      this.names = undefined;
      this.listed = undefined;
    }
  }

  remove(name: string): void {
    if (!this.objects.delete(name)) return;
    this.names = undefined;
    this.listed = undefined;
  }

  list(): Object[] {
    if (this.listed) return this.listed;
    this.names ??= [...this.objects.keys()].sort();
    this.listed = this.names.map((name) => this.objects.get(name)!);
    return this.listed;
  }
}

class Resource<Object> {
  readonly spaces = new Map<string, Space<Object>>();
  private listed: Object[] | undefined;

  changed(old: Object | undefined, object: Object | undefined): void {
    if (old && object) replace(this.listed, old, object);
    else this.listed = undefined;
  }

  list(): Object[] {
    this.listed ??= [...this.spaces.keys()].sort().flatMap((namespace) => this.spaces.get(namespace)!.list());
    return this.listed;
  }
}

export class ObjectIndex<Object> implements Reader<Object> {
  revision = 0;
  private readonly byResource = new Map<string, Resource<Object>>();
  private readonly byOwner = new Map<string, Map<string, { resource: string; object: Object }>>();
  private readonly ownersOf: (object: Object) => string[];

  /** `ownersOf`: the uids of an object's owners. */
  constructor(ownersOf: (object: Object) => string[] = () => []) {
    this.ownersOf = ownersOf;
  }

  get(resource: string, namespace: string | undefined, name: string): Object | undefined {
    return this.byResource
      .get(resource)
      ?.spaces.get(namespace ?? '')
      ?.objects.get(name);
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
    return [...(this.byOwner.get(uid)?.values() ?? [])];
  }

  /** Takes a commit in; commits must come in order of revision. */
  apply(change: Change<Object>): void {
    this.revision = Math.max(this.revision, change.revision);
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
    resource.changed(space.objects.get(change.name), change.new);
    this.own(change);
    if (change.new) space.put(change.name, change.new);
    else {
      space.remove(change.name);
      if (space.objects.size === 0) resource.spaces.delete(namespace);
    }
  }

  private own(change: Change<Object>): void {
    const id = `${change.resource}\0${change.namespace ?? ''}\0${change.name}`;
    const before = this.get(change.resource, change.namespace, change.name);
    const owners = change.new ? this.ownersOf(change.new) : [];
    for (const uid of before ? this.ownersOf(before) : []) {
      if (owners.includes(uid)) continue;
      const dependents = this.byOwner.get(uid);
      dependents?.delete(id);
      if (dependents?.size === 0) this.byOwner.delete(uid);
    }
    for (const uid of owners) {
      let dependents = this.byOwner.get(uid);
      if (!dependents) {
        dependents = new Map();
        this.byOwner.set(uid, dependents);
      }
      dependents.set(id, { resource: change.resource, object: change.new! });
    }
  }
}
