/**
 * What is to be reconciled: keys that are ready, each at most once and in order of arrival, and keys that wait for an instant.
 * Only the waiting ones are stored: the ready ones follow from the objects.
 */

import { ByWork } from './by-work.ts';
import { Instants } from './instants.ts';
import type { DueWork, Work } from './work.ts';

/** Where waiting work is kept, so that eviction loses nothing. */
export interface DueStorage {
  load(): DueWork[];
  put(work: DueWork): void;
  remove(work: Work): void;
}

/** The default rate limiter of client-go's work queues. */
const BACKOFF_BASE_MS = 5;
export const BACKOFF_LIMIT_MS = 1_000_000;
/** What will hardly go better soon waits at least as long as the kubelet does with a pod that it cannot bring further. */
export const LASTING_BASE_MS = 10_000;

export const backoff = (failures: number, base = BACKOFF_BASE_MS): number =>
  Math.min(BACKOFF_LIMIT_MS, base * 2 ** (failures - 1));

export class WorkQueue {
  private readonly storage: DueStorage;
  private readonly ready = new ByWork<Work>();
  /** What is ready in order of arrival, from `head` on. */
  private order: Work[] = [];
  private head = 0;
  private readonly waiting = new ByWork<DueWork>();
  private readonly instants = new Instants<DueWork>();

  constructor(storage: DueStorage) {
    this.storage = storage;
    for (const work of storage.load()) this.remember(work);
  }

  get size(): number {
    return this.ready.size;
  }

  add(work: Work): void {
    if (this.ready.get(work)) return;
    this.ready.set(work, work);
    this.order.push(work);
  }

  /** The oldest ready work, taken off the queue. */
  take(): Work | undefined {
    const work = this.order[this.head];
    if (work === undefined) return undefined;
    this.head++;
    if (this.head === this.order.length || this.head >= LONG_PAST) {
      this.order = this.order.slice(this.head);
      this.head = 0;
    }
    this.ready.delete(work);
    return work;
  }

  /** Makes ready what is due, in order of its instant. What is woken waits on in the storage until it has run. */
  wake(now: number): void {
    for (let work = this.earliest(); work && work.dueAt <= now; work = this.earliest()) {
      this.instants.pop();
      const { reconciler, key, failures, woken } = work;
      // What failed is tried again for what it was tried for.
      this.add(failures > 0 && woken ? { reconciler, key, woken } : { reconciler, key });
    }
  }

  /** What the key's last reconcile asked for; undefined after a failure. */
  requeueAt(work: Work): number | undefined {
    const waiting = this.waiting.get(work);
    return waiting?.failures === 0 ? waiting.dueAt : undefined;
  }

  /** Whether the key's last reconcile failed. */
  hasFailed(work: Work): boolean {
    return (this.waiting.get(work)?.failures ?? 0) > 0;
  }

  /** The reconcile went well: it waits for `requeueAt`, or for nothing. */
  done({ reconciler, key }: Work, requeueAt?: number): void {
    const work = { reconciler, key };
    if (requeueAt !== undefined) this.wait({ ...work, dueAt: requeueAt, failures: 0 });
    else this.forget(work);
  }

  /** `isLasting`: nothing says that another try would go better. */
  failed(work: Work, now: number, isLasting = false): void {
    const failures = (this.waiting.get(work)?.failures ?? 0) + 1;
    this.wait({ ...work, dueAt: now + backoff(failures, isLasting ? LASTING_BASE_MS : undefined), failures });
  }

  /** The earliest instant at which waiting work is due. */
  nextDue(): number | undefined {
    return this.earliest()?.dueAt;
  }

  /** The first of what waits; what has been put off, woken or forgotten meanwhile is left out. */
  private earliest(): DueWork | undefined {
    for (let work = this.instants.first; work; work = this.instants.first) {
      if (this.waiting.get(work) === work) return work;
      this.instants.pop();
    }
    return undefined;
  }

  private wait(work: DueWork): void {
    const known = this.waiting.get(work);
    if (known?.dueAt !== work.dueAt || known.failures !== work.failures) this.storage.put(work);
    this.remember(work);
  }

  private remember(work: DueWork): void {
    this.waiting.set(work, work);
    this.instants.push(work);
    if (this.instants.size > 2 * this.waiting.size + LONG_PAST) this.instants.reset(this.waiting.values());
  }

  private forget(work: Work): void {
    if (this.waiting.delete(work)) this.storage.remove(work);
  }
}

/** Entries that are no longer of use before they are cleared away. */
const LONG_PAST = 1024;
