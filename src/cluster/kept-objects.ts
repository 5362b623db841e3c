/**
 * What the pump's index keeps of the objects. Whole are those of kinds that reconcilers read many of at once, as long as there is room
 * for them; of all others there are their names and metadata, and the rest is read from the store when it is looked at. So what a
 * cluster takes in memory has a bound, whatever is in it.
 */
import type { Store } from '../etcd/store.ts';
import type { KeyValue } from '../etcd/types.ts';
import { abridgedObject } from '../objects/abridged-object.ts';
import { compactBytes, withCompactOwnership } from '../objects/compact-ownership.ts';
import type { KubeObject } from '../objects/object.ts';
import { partialObject, partialOfText } from '../objects/partial-object.ts';
import { BoundedMap } from '../simulation/bounded-map.ts';

/** Memory that whole objects may take, bytes as `compactBytes` tells them. */
export const MAX_WHOLE_BYTES = 40 * 1024 ** 2;
/** What is larger alone is kept without its large parts, which few look at: the others would have no room beside a few of these. */
export const MAX_WHOLE_OBJECT_BYTES = 128 * 1024;
/** Characters of what was read late that are kept parsed, as whoever looks at a field looks at the next one too: a few of the largest objects fit. */
const RECENT_CHARACTERS = 4 * 1024 ** 2;

/** There are more of them than of anything, and seldom is one looked at. */
const NEVER_WHOLE = 'events';

const idOf = (key: string, modRevision: number): string => `${modRevision} ${key}`;

/** Thrown to whoever looks into an object that is no longer stored. */
export class ObjectGone extends Error {}

export class KeptObjects {
  readonly #store: Store;
  readonly #parse: (kv: KeyValue) => KubeObject | undefined;
  readonly #whole: ReadonlySet<string>;
  /** What whole objects weigh, by their keys. */
  readonly #weights = new Map<string, number>();
  #bytes = 0;
  readonly #recent = new BoundedMap<{ object: KubeObject; characters: number }>(
    RECENT_CHARACTERS,
    ({ characters }) => characters,
  );

  /** `whole`: the resources that are read in full. `parse` answers undefined for what is no object. */
  constructor(store: Store, whole: ReadonlySet<string>, parse: (kv: KeyValue) => KubeObject | undefined) {
    this.#store = store;
    this.#whole = whole;
    this.#parse = parse;
  }

  /** What whole objects weigh together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The object at a key, as it is kept until there is another there. */
  keep({ key, modRevision, value }: KeyValue, resource: string, object: KubeObject): KubeObject {
    this.gone(key);
    const load = (): KubeObject => this.#read(key, modRevision);
    if (this.isWhole(resource)) {
      // To put much of it as text that is not kept would be work for nothing.
      const isLong = value.length > MAX_WHOLE_OBJECT_BYTES;
      const compact = isLong ? object : withCompactOwnership(object);
      const bytes = compactBytes(compact, MAX_WHOLE_OBJECT_BYTES);
      if (bytes > MAX_WHOLE_OBJECT_BYTES) {
        this.#recent.set(idOf(key, modRevision), { object, characters: value.length });
        const abridged = abridgedObject(object, load);
        if (this.#hasRoom(key, abridged.bytes)) return abridged.value;
      } else if (this.#hasRoom(key, bytes)) return withCompactOwnership(compact);
    }
    return partialObject(object, load);
  }

  /** Whether there is room for an object of so many bytes, which is then its own. */
  #hasRoom(key: string, bytes: number): boolean {
    if (this.#bytes + bytes > MAX_WHOLE_BYTES) return false;
    this.#weights.set(key, bytes);
    this.#bytes += bytes;
    return true;
  }

  /** Whether objects of this kind are kept whole. */
  isWhole(resource: string): boolean {
    return resource !== NEVER_WHOLE && this.#whole.has(resource);
  }

  /** The same of an object that is not kept whole, from its text; see `partialOfText`. */
  keepPart({ key, modRevision }: KeyValue, text: string, always: readonly string[]): KubeObject | undefined {
    try {
      return partialOfText(text, { modRevision, always }, () => this.#read(key, modRevision));
    } catch {
      return undefined;
    }
  }

  /** There is nothing at a key any more. */
  gone(key: string): void {
    const bytes = this.#weights.get(key);
    if (bytes === undefined) return;
    this.#weights.delete(key);
    this.#bytes -= bytes;
  }

  #read(key: string, modRevision: number): KubeObject {
    const id = idOf(key, modRevision);
    const known = this.#recent.get(id);
    if (known) return known.object;
    const kv = this.#store.version(key, modRevision);
    const object = kv && this.#parse(kv);
    if (!object) throw new ObjectGone(`${key} is no longer what it was at revision ${modRevision}`);
    this.#recent.set(id, { object, characters: kv.value.length });
    return object;
  }
}
