/**
 * Compaction without an operator, as etcd's own `--auto-compaction-*` does it: by number of revisions, by age, or both. It has no timer:
 * whoever hosts the store calls `check` now and then, after commits and at the alarm. What it must remember is one small row.
 */
import type { Store } from './store.ts';

export interface Retention {
  /** Revisions that stay readable; 0: all. */
  revisions: number;
  /** Milliseconds for which a revision stays readable; 0: for ever. */
  age: number;
}

const META = 'autoCompaction';
/** Revisions that are compacted together, at least: enough to be worth it. */
const STEP = 1000;
/** Notes of time and revision within one retention period. */
const NOTES = 10;

export class AutoCompaction {
  readonly #store: Store;
  readonly #retention: Retention;
  /** When the store was at which revision, oldest first. */
  #notes: [time: number, revision: number][];

  constructor(store: Store, retention: Retention) {
    this.#store = store;
    this.#retention = retention;
    const saved = store.meta(META);
    this.#notes = typeof saved === 'string' ? (JSON.parse(saved) as [number, number][]) : [];
  }

  /** Compacts what is due at `now` (milliseconds since 1970); cheap when nothing is. */
  check(now: number): void {
    const { revision, compactRevision } = this.#store;
    const compacted = Math.max(compactRevision, 1);
    let target = 0;
    if (this.#retention.revisions > 0 && revision - compacted >= this.#retention.revisions + STEP) {
      target = revision - this.#retention.revisions;
    }
    if (this.#retention.age > 0) target = Math.max(target, this.#agedBy(now));
    if (target > compacted) this.#store.compact(target);
  }

  /** The last revision that is older than the retention; 0 if none is. */
  #agedBy(now: number): number {
    const { revision } = this.#store;
    const { age } = this.#retention;
    const last = this.#notes[this.#notes.length - 1];
    if (last && (now < last[0] + age / NOTES || last[1] === revision)) return this.#forget(now - age);
    this.#notes.push([now, revision]);
    const aged = this.#forget(now - age);
    this.#store.setMeta(META, JSON.stringify(this.#notes));
    return aged;
  }

  #forget(before: number): number {
    let revision = 0;
    while (this.#notes.length > 1 && this.#notes[0]![0] <= before) revision = this.#notes.shift()![1];
    return revision;
  }
}
