/**
 * What is there and cannot be read, by what it is called. Anybody can put as many of it as the store holds, and each reconcile asks after
 * what it misses: no question goes through all of them.
 */
export interface Named {
  resource: string;
  namespace: string | undefined;
  name: string;
}

const spaceOf = (resource: string, namespace: string | undefined): string => `${resource}\0${namespace ?? ''}`;

export class Unreadables {
  size = 0;
  /** By resource and namespace, then by name. */
  readonly #spaces = new Map<string, Map<string, Named>>();
  readonly #byResource = new Map<string, number>();
  readonly #byNamespace = new Map<string, number>();

  add({ resource, namespace, name }: Named): void {
    const id = spaceOf(resource, namespace);
    const space = this.#spaces.get(id) ?? new Map<string, Named>();
    this.#spaces.set(id, space);
    if (!space.has(name)) this.#count({ resource, namespace, name }, 1);
    space.set(name, { resource, namespace, name });
  }

  /** Answers whether it was there. */
  delete(what: Named): boolean {
    const id = spaceOf(what.resource, what.namespace);
    const space = this.#spaces.get(id);
    if (!space?.delete(what.name)) return false;
    if (space.size === 0) this.#spaces.delete(id);
    this.#count(what, -1);
    return true;
  }

  get(resource: string, namespace: string | undefined, name: string): Named | undefined {
    return this.#spaces.get(spaceOf(resource, namespace))?.get(name);
  }

  /** One of a namespace, or of those of the resource that have none. */
  first(resource: string, namespace: string | undefined): Named | undefined {
    return this.#spaces.get(spaceOf(resource, namespace))?.values().next().value;
  }

  isIn(namespace: string): boolean {
    return this.#byNamespace.has(namespace);
  }

  resources(): Iterable<string> {
    return this.#byResource.keys();
  }

  #count({ resource, namespace }: Named, by: number): void {
    this.size += by;
    add(this.#byResource, resource, by);
    if (namespace !== undefined) add(this.#byNamespace, namespace, by);
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
