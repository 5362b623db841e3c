/**
 * The pump runs what commits and the passing of time call for. It holds nothing that it could not work out again: the index and
 * the ready keys follow from the store, and waiting work and the watermark are in SQLite. A turn has a budget, so that requests
 * get in between.
 */
import { ByWork } from './by-work.ts';
import { decisiveFirst } from './decisive-first.ts';
import { DeclaredReader } from './declared-reader.ts';
import { IndexLoad } from './index-load.ts';
import type { Change, ObjectIndex } from './object-index.ts';
import { type PumpPorts, type Writer, WriteWaits } from './pump-ports.ts';
import { createRandom } from './random.ts';
import type { Reader, Reconciler } from './reconciler.ts';
import { versionOf } from './reconcilers-version.ts';
import { TurnBudget } from './turn-budget.ts';
import { Watches } from './watches.ts';
import type { Work } from './work.ts';
import { WorkQueue } from './work-queue.ts';
import { Writing } from './writing.ts';

/** Reconciles of one key without a pause between: two parties that undo each other's work would go on for ever. */
export const RUNS_WITHOUT_REST = 1000;
/** How long such a key is left alone, in the cluster's milliseconds. */
const REST_MS = 10_000;
/** A key whose write waits is run again after so long, the cluster's milliseconds, if nobody has woken it. */
const WAIT_MS = 60_000;
/** Objects that are looked at in one turn: a few milliseconds' work. */
export const LOOKS_A_TURN = 1000;

export class Pump<Object> {
  private readonly ports: PumpPorts<Object>;
  private readonly queue: WorkQueue;
  private readonly reconcilers: Map<string, Reconciler<Object>>;
  private readonly watches: Watches<Object>;
  private index: ObjectIndex<Object> | undefined;
  /** Until there is an index. */
  private load: IndexLoad<Object> | undefined;
  private watermark: number;
  /** The revision up to which commits have been heard of. */
  private heard: number;
  /** Which reconcilers there are, as a number. */
  private readonly version: number;
  /** Which of them had the store's objects up to the watermark. */
  private actedFor: number;
  /** The reconcile whose writes did not fit into a turn. If it is lost, all that is not acted on is looked at again. */
  private writing: Writing<Object> | undefined;
  /** Reconciles whose next write waits. */
  private readonly suspended = new ByWork<Writing<Object>>();
  /** Something was committed before this pump that has not been acted on. */
  private isBehind: boolean;
  /** Nobody knows what has not been acted on: by all, or by the reconcilers that an earlier version did not have. */
  private looksAgain: boolean;
  /** What is being looked at, some of it a turn. */
  private looking: Iterator<Change<Object>> | undefined;
  /** Runs of each key since there was last nothing to do. */
  private readonly runs = new ByWork<number>();

  constructor(ports: PumpPorts<Object>) {
    this.ports = ports;
    this.queue = new WorkQueue(ports.storage);
    this.watermark = ports.storage.watermark();
    this.version = versionOf(ports.reconcilers.map(({ name }) => name));
    this.actedFor = ports.storage.reconcilers();
    this.reconcilers = new Map(ports.reconcilers.map((r) => [r.name, r]));
    this.watches = new Watches(ports.reconcilers, {
      failed: (work, error) => ports.failed?.(work, error),
      undeclared: ports.undeclared,
    });
    this.load = new IndexLoad(ports);
    this.heard = ports.revision();
    this.isBehind = this.watermark < this.heard;
    this.looksAgain = this.actedFor !== this.version;
  }

  /** Takes in one change that the store has just committed. */
  committed({ before, ...change }: Change<Object>): void {
    this.heard = Math.max(this.heard, change.revision);
    if (this.load) {
      if (this.load.committed(before ? { ...change, before } : change)) this.looksAgain = true;
      return;
    }
    const index = this.ready();
    const old = index.get(change.resource, change.namespace, change.name);
    if (change.new) this.ports.share?.(change.new);
    if (index.apply(change)) this.looksAgain = true;
    if (change.unreadable) return;
    this.enqueue(old ? { ...change, old } : change, index);
  }

  /** Runs a key again in the next turn: what it waited for is there. */
  wake(work: Work): void {
    this.queue.add(work);
  }

  /** Every object is looked at once more: some reconcilers have rested. */
  lookAgain(): void {
    this.looksAgain = true;
  }

  /** The cluster's objects at this instant. */
  reader(): Reader<Object> {
    return this.ready();
  }

  /**
   * Reconciles at the cluster's time `now` until the budget is spent or nothing is left; a turn does one piece at least. Before the first
   * reconcile the objects are read.
   */
  turn(now: number, budget = new TurnBudget()): void {
    if (this.load && (this.idle(now) || !this.load.readOn(budget))) return;
    const index = this.ready();
    if (this.looksAgain) this.lookAt(index.all());
    if (!this.lookOn(index)) return;
    this.queue.wake(now);
    do {
      if (this.writing) {
        this.write(this.writing, now, budget);
        continue;
      }
      const work = this.queue.take();
      if (!work) break;
      budget.spend();
      if (this.needsRest(work)) this.queue.done(work, now + REST_MS);
      else this.run(work, index, now, budget);
    } while (!budget.isSpent);
    if (!this.isBusy) {
      this.saveWatermark();
      this.runs.clear();
    }
  }

  /** Whether nothing is to be done at `now`. */
  idle(now: number): boolean {
    const due = this.nextDue(now);
    return due === undefined || due > now;
  }

  /** The cluster's time at which a turn is next needed; undefined when only a commit can bring work. */
  nextDue(now: number): number | undefined {
    const { load } = this;
    const hasMissed = load !== undefined && (load.hasBegun || load.missed?.length !== 0);
    return this.isBusy || this.isBehind || this.looksAgain || hasMissed ? now : this.queue.nextDue();
  }

  private ready(): ObjectIndex<Object> {
    const { load } = this;
    if (!load) return this.index!;
    while (!load.readOn(new TurnBudget()));
    const { index, missed } = load;
    this.load = undefined;
    this.index = index;
    index.revision = this.ports.revision();
    const since = this.isBehind && !this.looksAgain ? this.ports.since?.(this.watermark) : [];
    // Too much was missed, or it was put past this pump.
    if (!since || !missed || this.heard < index.revision) this.looksAgain = true;
    this.isBehind = false;
    // What is gone is not among what is there.
    if (this.looksAgain) this.lookAt(index.all(), missed);
    else {
      for (const change of since ?? []) this.enqueue(asNow(change, index), index);
      for (const change of missed ?? []) this.enqueue(change, index);
    }
    return index;
  }

  /** Reconcilers go by levels, not by edges: looking at every object once makes up for any change that was not acted on. */
  private lookAt(...all: (Iterable<Change<Object>> | undefined)[]): void {
    this.looksAgain = false;
    this.looking = (function* () {
      for (const some of all) if (some) yield* some;
    })();
  }

  /** Looks at a turn's objects; answers whether that were the last. */
  private lookOn(index: ObjectIndex<Object>): boolean {
    for (let looked = 0; this.looking && looked < LOOKS_A_TURN; looked++) {
      const next = this.looking.next();
      if (next.done) this.looking = undefined;
      else this.enqueue(next.value, index);
    }
    return !this.looking;
  }

  private enqueue(change: Change<Object>, index: ObjectIndex<Object>): void {
    for (const work of this.watches.concernedBy(change, index)) this.queue.add(work);
  }

  private get isBusy(): boolean {
    return this.queue.size > 0 || this.writing !== undefined || this.looking !== undefined;
  }

  private run(work: Work, index: ObjectIndex<Object>, now: number, budget: TurnBudget): void {
    const reconciler = this.reconcilers.get(work.reconciler);
    if (!reconciler) {
      this.queue.done(work);
      return;
    }
    // What it leaves undone it finds again when all is looked at anew.
    if (this.ports.rests?.(work.reconciler)) {
      this.suspended.delete(work);
      this.queue.done(work);
      return;
    }
    const suspended = this.suspended.get(work);
    if (suspended) {
      this.resume(suspended, now, budget);
      return;
    }
    const random = createRandom(this.ports.seed, `${work.reconciler}/${work.key}/${index.revision}`);
    try {
      const requeueAt = this.queue.requeueAt(work);
      const context = requeueAt === undefined ? { now, random } : { now, random, requeueAt };
      const reader = this.readerFor(reconciler, reconciler.ignoresUnreadable ? index : index.strict());
      const result = reconciler.reconcile(reader, work.key, context);
      const { name, manager } = reconciler;
      const writer: Writer = {
        name,
        manager,
        key: work.key,
        ...(work.woken ? { woken: work.woken } : {}),
        now,
        random,
      };
      const ordered = this.queue.hasFailed(work) ? { ...result, writes: decisiveFirst(result.writes) } : result;
      this.write(new Writing(work, writer, ordered), now, budget);
    } catch (error) {
      this.failed(work, error, now);
    }
  }

  private readerFor({ reads }: Reconciler<Object>, reader: Reader<Object>): Reader<Object> {
    const { undeclared } = this.ports;
    return undeclared ? new DeclaredReader(reader, reads, undeclared) : reader;
  }

  /** Writes what a reconcile has decided, or a part of it: as with a real controller others may write in between. */
  private write(writing: Writing<Object>, now: number, budget: TurnBudget): void {
    this.writing = undefined;
    const { work, result } = writing;
    let refused: unknown;
    try {
      if (!writing.isDone)
        this.ports.transaction(() => {
          try {
            do {
              writing.next(this.ports.apply);
              budget.spend();
            } while (!writing.isDone && !budget.isSpent);
          } catch (error) {
            // What was written before the refusal stays, as it does for a real controller.
            refused = error;
          }
        });
      if (refused !== undefined) throw refused;
      if (!writing.isDone) this.writing = writing;
      else if (result.error !== undefined) throw new Error(result.error);
      else this.queue.done(work, result.requeueAt);
    } catch (error) {
      if (error instanceof WriteWaits) {
        this.suspended.set(work, writing);
        this.queue.done(work, now + WAIT_MS);
      } else this.failed(work, error, now);
    }
  }

  /** Goes on with writes that have waited. What else has called for the key meanwhile is looked at after them. */
  private resume(writing: Writing<Object>, now: number, budget: TurnBudget): void {
    const { work } = writing;
    this.suspended.delete(work);
    this.write(writing, now, budget);
    if (!this.suspended.get(work) && !this.queue.hasFailed(work)) this.queue.add(work);
  }

  private failed(work: Work, error: unknown, now: number): void {
    this.ports.failed?.(work, error);
    this.queue.failed(work, now, this.ports.isLasting?.(error));
  }

  private needsRest(work: Work): boolean {
    const runs = (this.runs.get(work) ?? 0) + 1;
    this.runs.set(work, runs);
    return runs > RUNS_WITHOUT_REST;
  }

  private saveWatermark(): void {
    if (this.index && this.actedFor !== this.version) {
      this.actedFor = this.version;
      this.ports.storage.setReconcilers(this.version);
    }
    const revision = this.index?.revision ?? 0;
    if (revision === this.watermark) return;
    this.watermark = revision;
    this.ports.storage.setWatermark(revision);
  }
}

/** A change of the past, up to what there is today. */
function asNow<Object>(change: Change<Object>, index: ObjectIndex<Object>): Change<Object> {
  const object = index.get(change.resource, change.namespace, change.name);
  return object ? { ...change, new: object } : change;
}
