/**
 * What is to be reconciled: keys that are ready, each at most once and in order of arrival, and keys that wait for an instant.
 * Only the waiting ones are stored: the ready ones follow from the objects.
 */

export interface Work {
  reconciler: string;
  key: string;
}

export interface DueWork extends Work {
  /** The cluster's time in milliseconds. */
  dueAt: number;
  /** Failures in a row, for the backoff. */
  failures: number;
}

/** Where waiting work is kept, so that eviction loses nothing. */
export interface DueStorage {
  load(): DueWork[];
  put(work: DueWork): void;
  remove(work: Work): void;
}

/** The default rate limiter of client-go's work queues. */
const BACKOFF_BASE_MS = 5;
const BACKOFF_LIMIT_MS = 1_000_000;

export const backoff = (failures: number): number => Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (failures - 1));

const idOf = (work: Work): string => `${work.reconciler}\0${work.key}`;

export class WorkQueue {
  private readonly storage: DueStorage;
  private readonly ready = new Map<string, Work>();
  private readonly waiting: Map<string, DueWork>;

  constructor(storage: DueStorage) {
    this.storage = storage;
    this.waiting = new Map(storage.load().map((work) => [idOf(work), work]));
  }

  get size(): number {
    return this.ready.size;
  }

  add(work: Work): void {
    const id = idOf(work);
    if (!this.ready.has(id)) this.ready.set(id, work);
  }

  /** The oldest ready work, taken off the queue. */
  take(): Work | undefined {
    for (const [id, work] of this.ready) {
      this.ready.delete(id);
      return work;
    }
    return undefined;
  }

  /** Makes ready what is due, in order of its instant. */
  wake(now: number): void {
    const due = [...this.waiting.values()].filter((work) => work.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    for (const work of due) this.add(work);
  }

  /** What the key's last reconcile asked for; undefined after a failure. */
  requeueAt(work: Work): number | undefined {
    const waiting = this.waiting.get(idOf(work));
    return waiting?.failures === 0 ? waiting.dueAt : undefined;
  }

  /** The reconcile went well: it waits for `requeueAt`, or for nothing. */
  done(work: Work, requeueAt?: number): void {
    if (requeueAt !== undefined) this.wait({ ...work, dueAt: requeueAt, failures: 0 });
    else this.forget(work);
  }

  failed(work: Work, now: number): void {
    const failures = (this.waiting.get(idOf(work))?.failures ?? 0) + 1;
    this.wait({ ...work, dueAt: now + backoff(failures), failures });
  }

  /** The earliest instant at which waiting work is due. */
  nextDue(): number | undefined {
    let next: number | undefined;
    for (const work of this.waiting.values()) if (next === undefined || work.dueAt < next) next = work.dueAt;
    return next;
  }

  private wait(work: DueWork): void {
    const known = this.waiting.get(idOf(work));
    if (known?.dueAt === work.dueAt && known.failures === work.failures) return;
    this.waiting.set(idOf(work), work);
    this.storage.put(work);
  }

  private forget(work: Work): void {
    if (this.waiting.delete(idOf(work))) this.storage.remove(work);
  }
}
