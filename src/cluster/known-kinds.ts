/** What a Worker knows of the kinds of one life of a cluster: it reads again only the definitions that have changed since. */
import type { Catalog } from '../catalog/catalog.ts';
import { readRest } from '../etcd/bounded-read.ts';
import type { KeyValue, RangeRequest, RangeResponse } from '../etcd/types.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { catalogOf } from '../resources/custom/catalog.ts';
import type { StoredDefinition } from '../resources/custom/kinds.ts';
import { ALL_DEFINITIONS, byKey, storedDefinition } from './defined-kinds.ts';

/** Whole ranges of one instant, and its revision. */
export type ReadRanges = (ranges: RangeRequest[]) => Promise<{ revision: number; responses: RangeResponse[] }>;

/** Reads ranges whole of which `part` answers as much as an answer may hold. */
export const wholeRanges =
  (part: ReadRanges): ReadRanges =>
  async (ranges) => {
    const { revision, responses } = await part(ranges);
    const one = async (range: RangeRequest): Promise<RangeResponse> => (await part([range])).responses[0]!;
    const whole = responses.map((first, i) => readRest(ranges[i]!, first, revision, one));
    return { revision, responses: await Promise.all(whole) };
  };

/** Of more definitions that have changed the whole range is read, which can be read part by part; of fewer, so many at once. */
export const MAX_READ_SINGLY = 40;
export const READ_AT_ONCE = 4;

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
    const { revision, responses } = await read([{ ...ALL_DEFINITIONS, keysOnly: true }]);
    const { kvs } = responses[0]!;
    const changed = kvs.filter(({ modRevision }) => modRevision > this.#revision);
    const fresh = new Map<string, StoredDefinition>();
    for (const kv of await valuesOf(changed, read, revision)) fresh.set(kv.key, storedDefinition(kv));
    const now = new Map<string, StoredDefinition>();
    for (const { key } of kvs) {
      const definition = fresh.get(key) ?? this.#definitions.get(key);
      if (definition) now.set(key, definition);
    }
    this.#definitions = now;
    this.#revision = revision;
    this.catalog = catalogOf(byKey(now));
  }
}

/** The definitions as they were at the revision; more than one answer may hold are read one after the other. */
async function valuesOf(changed: readonly KeyValue[], read: ReadRanges, revision: number): Promise<KeyValue[]> {
  if (changed.length > MAX_READ_SINGLY) {
    const { responses } = await read([{ ...ALL_DEFINITIONS, revision }]);
    return responses[0]!.kvs;
  }
  const values: KeyValue[] = [];
  for (let at = 0; at < changed.length; at += READ_AT_ONCE) {
    const { responses } = await read(changed.slice(at, at + READ_AT_ONCE).map(({ key }) => ({ key, revision })));
    for (const { kvs } of responses) values.push(...kvs);
  }
  return values;
}
