/** What a reconciler sees of what it does not say it reads: in tests, where it must not see more than there would be in memory. */
import type { Group } from './groups.ts';
import type { Reader } from './reconciler.ts';

export class DeclaredReader<Object> implements Reader<Object> {
  readonly #reader: Reader<Object>;
  readonly #reads: readonly string[];
  readonly #undeclared: (object: Object) => Object;

  /** `undeclared` answers the same for the same object. */
  constructor(reader: Reader<Object>, reads: readonly string[], undeclared: (object: Object) => Object) {
    this.#reader = reader;
    this.#reads = reads;
    this.#undeclared = undeclared;
  }

  get revision(): number {
    return this.#reader.revision;
  }

  /** One object by its name: it is read for whoever asks. */
  get(resource: string, namespace: string | undefined, name: string): Object | undefined {
    return this.#reader.get(resource, namespace, name);
  }

  list(resource: string, namespace?: string): Object[] {
    const all = this.#reader.list(resource, namespace);
    return this.#reads.includes(resource) ? all : all.map(this.#undeclared);
  }

  resources(): string[] {
    return this.#reader.resources?.() ?? [];
  }

  dependents(uid: string): { resource: string; object: Object }[] {
    return (this.#reader.dependents?.(uid) ?? []).map(({ resource, object }) => ({
      resource,
      object: this.seen(resource, object),
    }));
  }

  someDependent(uid: string, which: (object: Object) => boolean): boolean {
    return this.dependents(uid).some(({ object }) => which(object));
  }

  /** Only pods are counted so, and whoever counts them reads them. */
  groups(place: string): Group<Object>[] {
    const groups = this.#reader.groups?.(place) ?? [];
    return groups.map(({ sample, count }) => ({ sample: this.seen('pods', sample), count }));
  }

  unreadable(namespace?: string): boolean {
    return this.#reader.unreadable?.(namespace) ?? false;
  }

  /** An object as the reconciler sees it. */
  seen(resource: string, object: Object): Object {
    return this.#reads.includes(resource) ? object : this.#undeclared(object);
  }
}
