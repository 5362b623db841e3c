/** What a Worker knows of the kinds of one life of a cluster: it reads again only the definitions that have changed since. */
import type { Catalog } from '../catalog/catalog.ts';
import type { RangeRequest, RangeResponse } from '../etcd/types.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { catalogOf } from '../resources/custom/catalog.ts';
import type { StoredDefinition } from '../resources/custom/kinds.ts';
import { ALL_DEFINITIONS, byKey, storedDefinition } from './defined-kinds.ts';

/** Whole ranges of one instant, and its revision. */
export type ReadRanges = (ranges: RangeRequest[]) => Promise<{ revision: number; responses: RangeResponse[] }>;

export class KnownKinds {
  catalog: Catalog = BUILT_IN;
  #definitions: ReadonlyMap<string, StoredDefinition> = new Map();
  #revision = 0;
  #renewal: Promise<void> | undefined;

  /** Makes `catalog` what the cluster has by now, of this revision at least; those who ask meanwhile wait for the same. */
  renew(read: ReadRanges, revision: number): Promise<void> {
    if (this.catalog.revision === revision) return Promise.resolve();
    this.#renewal ??= this.#renewFor(read, revision).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewFor(read: ReadRanges, revision: number): Promise<void> {
    await this.#renew(read);
    if (this.catalog.revision === revision) return;
    // The cluster may have gone on meanwhile, or have been brought back to what it was: then nothing that is known counts.
    this.#revision = 0;
    await this.#renew(read);
  }

  async #renew(read: ReadRanges): Promise<void> {
    const { revision, responses } = await read([
      { ...ALL_DEFINITIONS, keysOnly: true },
      { ...ALL_DEFINITIONS, minModRevision: this.#revision + 1 },
    ]);
    const [keys, changed] = responses;
    const now = new Map<string, StoredDefinition>();
    const fresh = new Map(changed!.kvs.map((kv) => [kv.key, storedDefinition(kv)]));
    for (const { key } of keys!.kvs) {
      const definition = fresh.get(key) ?? this.#definitions.get(key);
      if (definition) now.set(key, definition);
    }
    this.#definitions = now;
    this.#revision = revision;
    this.catalog = catalogOf(byKey(now));
  }
}
