/** What the pump stands on. */
import type { Reconcile } from './cause.ts';
import type { Change, Found } from './object-index.ts';
import type { Random } from './random.ts';
import type { Reconciler, Write } from './reconciler.ts';
import type { Work } from './work.ts';
import type { DueStorage } from './work-queue.ts';

/** Who writes, when and why: what the API server's write path needs to know of a reconcile. */
export interface Writer extends Reconcile {
  random: Random;
}

/** Thrown by `apply` for a write that can't be made yet: whoever knows what is lacking wakes the key. It was not refused. */
export class WriteWaits extends Error {
  constructor() {
    super('a write waits for what its decision lacks');
  }
}

export interface PumpStorage extends DueStorage {
  /** The revision up to which every change has been acted on; 0 before the first. */
  watermark(): number;
  setWatermark(revision: number): void;
  /** Which reconcilers have acted on it; 0 when that was not told. */
  reconcilers(): number;
  setReconcilers(version: number): void;
}

export interface PumpPorts<Object> {
  seed: string;
  reconcilers: Reconciler<Object>[];
  storage: PumpStorage;
  /** Every object, part by part, each part as it is when it is asked for. What changes between two parts comes through `committed`. */
  load(): Iterator<Change<Object>[]>;
  /** What has changed since a revision, with what was there before and without what is there now; undefined: too much, or nobody knows. */
  since?(revision: number): Change<Object>[] | undefined;
  /** The store's revision. */
  revision(): number;
  /**
   * Commits one write; it comes back through `committed` before this returns. Answers the object as it is stored, undefined when
   * nothing was made. Throws when it is refused.
   */
  apply(write: Write<Object>, writer: Writer): Object | undefined;
  /** How an object is found again beside its name. */
  find?(object: Object): Found;
  /** Told of each object before all reconcilers share it. */
  share?(object: Object): void;
  /** Runs `body` in one transaction of the database. */
  transaction(body: () => void): void;
  /** Whether a write that was refused so would be refused again. */
  isLasting?(error: unknown): boolean;
  /** Whether a reconciler does nothing at the moment. Whoever ends its rest has the pump look again. */
  rests?: ((reconciler: string) => boolean) | undefined;
  /** In tests: what is put in place of an object that is read in full by a reconciler that does not say so. */
  undeclared?(object: Object): Object;
  /** Told of a write that was refused or a reconciler that threw; the key is retried. */
  failed?(work: Work, error: unknown): void;
}
