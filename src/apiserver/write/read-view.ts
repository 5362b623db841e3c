/** A view of what was read for one decision, and of nothing else. */
import type { Catalog } from '../../catalog/catalog.ts';
import { type Kind, storageKey } from '../../catalog/kinds.ts';
import type { KeyValue } from '../../etcd/types.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { parseStored } from '../storage/stored.ts';
import { UnreadableError } from '../storage/unreadable.ts';

/** What of an object a view keeps. */
export type Keep = (object: KubeObject) => KubeObject;

export class ReadView implements View {
  readonly revision: number;
  /** Characters of the values that it was made of. */
  characters = 0;
  readonly #catalog: Catalog;
  readonly #keep: Keep;
  readonly #objects = new Map<string, KubeObject>();
  /** By resource (`roles.rbac.authorization.k8s.io`), and by resource and namespace (`…/default`). */
  readonly #lists = new Map<string, KubeObject[]>();

  constructor(revision: number, catalog: Catalog, keep: Keep = (object) => object) {
    this.revision = revision;
    this.#catalog = catalog;
    this.#keep = keep;
  }

  add(resource: string, kvs: KeyValue[]): void {
    const kind = this.#catalog.named(resource)!;
    for (const kv of kvs) {
      if (this.#objects.has(kv.key)) continue;
      this.characters += kv.value.length;
      const read = readable(kind, kv);
      if (!read) continue;
      const object = this.#keep(read);
      this.#objects.set(kv.key, object);
      this.#enlist(resource, object);
      if (object.metadata.namespace) this.#enlist(`${resource}/${object.metadata.namespace}`, object);
    }
  }

  #enlist(list: string, object: KubeObject): void {
    const found = this.#lists.get(list);
    if (found) found.push(object);
    else this.#lists.set(list, [object]);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const kind = this.#catalog.named(resource);
    return kind && this.#objects.get(storageKey(kind, namespace, name));
  }

  list(resource: string, namespace?: string): KubeObject[] {
    return this.#lists.get(namespace === undefined ? resource : `${resource}/${namespace}`) ?? [];
  }
}

/** A rule or a limit that nobody can read is none; what is asked for itself is read elsewhere, and its reader told. */
function readable(kind: Kind, kv: KeyValue): KubeObject | undefined {
  try {
    return parseStored(kind, kv);
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}
