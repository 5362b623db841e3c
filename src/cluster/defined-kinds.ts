/** The kinds that a cluster has, as its definitions say at the moment. */

import { parseStored } from '../apiserver/storage/stored.ts';
import { UnreadableError } from '../apiserver/storage/unreadable.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Store } from '../etcd/store.ts';
import type { KeyValue } from '../etcd/types.ts';
import type { CustomResourceDefinition } from '../objects/generated/apiextensions-v1.gen.ts';
import { builtIn } from '../resources/built-in.ts';
import { catalogOf, DEFINITIONS_PREFIX } from '../resources/custom/catalog.ts';
import { readableDefinition, sharedText } from '../resources/custom/definition.ts';
import type { StoredDefinition } from '../resources/custom/kinds.ts';

const KIND = builtIn('customresourcedefinitions.apiextensions.k8s.io');

/** What the API server has not written itself is read as it reads all such values. */
export function storedDefinition(kv: KeyValue): StoredDefinition {
  const { key, modRevision, value } = kv;
  return { key, revision: modRevision, text: sharedText(typeof value === 'string' ? value : textOf(kv)) };
}

/** Nothing of what is no definition. */
function textOf(kv: KeyValue): string {
  try {
    return JSON.stringify(parseStored(KIND, kv));
  } catch (error) {
    if (error instanceof UnreadableError) return '';
    throw error;
  }
}

export const byKey = (definitions: ReadonlyMap<string, StoredDefinition>): StoredDefinition[] =>
  [...definitions.values()].sort((a, b) => (a.key < b.key ? -1 : 1));

export const ALL_DEFINITIONS = { key: DEFINITIONS_PREFIX, rangeEnd: `${DEFINITIONS_PREFIX.slice(0, -1)}0` };

/** The kinds that there are at the moment, and the definitions that there are, without their schemas. */
export interface KindsOfCluster {
  catalog: () => Catalog;
  definitions: () => readonly CustomResourceDefinition[];
}

/** `catalog`: what the cluster has in place of what its definitions say. */
export function kindsOf(store: Store, catalog?: () => Catalog): KindsOfCluster {
  const defined = new DefinedKinds(store);
  return { catalog: catalog ?? (() => defined.catalog), definitions: () => defined.definitions };
}

class DefinedKinds {
  readonly #definitions = new Map<string, StoredDefinition>();
  #catalog: Catalog | undefined;

  /** Must subscribe before whoever asks for the catalog on a commit. */
  constructor(store: Store) {
    for (const kv of store.range(ALL_DEFINITIONS).kvs) this.#definitions.set(kv.key, storedDefinition(kv));
    store.subscribe(({ events }) => {
      for (const { type, kv } of events) {
        if (!kv.key.startsWith(DEFINITIONS_PREFIX)) continue;
        if (type === 'PUT') this.#definitions.set(kv.key, storedDefinition(kv));
        else this.#definitions.delete(kv.key);
        this.#catalog = undefined;
      }
    });
  }

  /** What can be read of them, without schemas. */
  get definitions(): CustomResourceDefinition[] {
    return byKey(this.#definitions).flatMap(({ text }) => readableDefinition(text)?.head ?? []);
  }

  get catalog(): Catalog {
    this.#catalog ??= catalogOf(byKey(this.#definitions));
    return this.#catalog;
  }
}
