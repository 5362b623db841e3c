/**
 * Filling an empty store with another one's state at a revision, as `etcdutl snapshot restore` does: keys keep their revisions and
 * versions, what came before is compacted, and writing goes on at the next revision. Leases are not taken along.
 */
import { AFTER_ALL_KEYS, type Log } from './log.ts';
import type { KeyValue, WatchEvent } from './types.ts';

/** As `Log.head` says it of a key that nobody has written. */
const IN_BASE = -1;

interface RestorePorts {
  /** Told of every key that is there now and was not before, or was another, or the other way round. */
  changed(event: WatchEvent): void;
  /** Runs work in a transaction of the store's. */
  atomically<T>(work: () => T): T;
}

export class Restore {
  readonly #log: Log;
  /** Keys that are just as the base layer has them. */
  readonly #same = new Set<string>();
  readonly #changed: RestorePorts['changed'];
  readonly #atomically: RestorePorts['atomically'];

  constructor(log: Log, { changed, atomically }: RestorePorts) {
    this.#log = log;
    this.#changed = changed;
    this.#atomically = atomically;
  }

  /** Keys in any order, each once. @returns the place of the first that has come before; those after it are not taken. */
  add(kvs: readonly KeyValue[]): number | undefined {
    // What throws has left nothing behind in the log, and must not here.
    const same = new Set<string>();
    const repeated = this.#atomically(() => {
      const repeated = this.#addUntilRepeated(kvs, same);
      this.#settle();
      return repeated;
    });
    for (const key of same) this.#same.add(key);
    return repeated;
  }

  #addUntilRepeated(kvs: readonly KeyValue[], same: Set<string>): number | undefined {
    for (const [index, kv] of kvs.entries()) {
      const head = this.#log.head(kv.key);
      if (this.#same.has(kv.key) || same.has(kv.key) || (head && head.revision !== IN_BASE)) return index;
      const below = head?.kv;
      if (below?.value === kv.value && below.modRevision === kv.modRevision) {
        same.add(kv.key);
        continue;
      }
      this.#log.append({ ...kv, lease: '0' }, kv.value, this.#log.nextSub(kv.modRevision), undefined);
      this.#changed({ type: 'PUT', kv, ...(below ? { prevKv: below } : {}) });
    }
    return undefined;
  }

  /** Keys come with revisions in no order: places are read again only from what comes after the store's own. */
  #settle(): void {
    this.#log.places.settle(this.#log.revision);
  }

  /** `revision` is that of the state; the base layer's keys that did not come were deleted there. */
  finish(revision: number): void {
    for (const { key, modRevision } of this.#log.base.scan('', AFTER_ALL_KEYS)) {
      const head = this.#log.head(key);
      if (this.#same.has(key) || head?.revision !== IN_BASE) continue;
      const at = Math.max(revision, modRevision);
      const change = {
        key,
        value: '',
        createRevision: 0,
        modRevision: at,
        version: 0,
        lease: '0',
      };
      this.#log.append(change, null, this.#log.nextSub(at), undefined);
      if (head.kv) this.#changed({ type: 'DELETE', kv: change, prevKv: head.kv });
    }
    this.#log.revision = Math.max(this.#log.revision, revision);
    this.#settle();
    this.#log.forgetReads();
    this.#log.compactRevision = this.#log.revision;
    this.#log.setMeta('revision', this.#log.revision);
    this.#log.setMeta('compactRevision', this.#log.compactRevision);
  }
}
