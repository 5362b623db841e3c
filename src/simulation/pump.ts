/**
 * The pump runs what commits and the passing of time call for. It holds nothing that it could not work out again: the index and
 * the ready keys follow from the store, and waiting work and the watermark are in SQLite. A turn has a budget, so that requests
 * get in between.
 */
import { type Change, ObjectIndex } from './object-index.ts';
import { createRandom } from './random.ts';
import type { Reader, ReconcileResult, Reconciler, Write } from './reconciler.ts';
import { TurnBudget } from './turn-budget.ts';
import { Watches } from './watches.ts';
import { type DueStorage, type Work, WorkQueue } from './work-queue.ts';

/** Reconciles of one key without a pause between: two parties that undo each other's work would go on for ever. */
export const RUNS_WITHOUT_REST = 1000;
/** How long such a key is left alone, in the cluster's milliseconds. */
const REST_MS = 10_000;
/**
 * To be raised when a reconciler that was there before comes to do more with what is there already: at their next start all clusters look
 * at everything once. A reconciler that is new by its name needs no such thing.
 */
const RECONCILERS_VERSION = 1;

/** Who writes and when: what the API server's write path needs to know of a reconcile. */
export interface Writer {
  /** The reconciler's name. */
  name: string;
  manager: string;
  now: number;
  random: ReturnType<typeof createRandom>;
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
  /** Every object as it is now; nobody writes while they are taken. */
  load(): { revision: number; changes: Iterable<Change<Object>> };
  /** The store's revision. */
  revision(): number;
  /**
   * Commits one write; it comes back through `committed` before this returns. Answers the object as it is stored, undefined when
   * nothing was made. Throws when it is refused.
   */
  apply(write: Write<Object>, writer: Writer): Object | undefined;
  /** The uids of an object's owners. */
  ownersOf?(object: Object): string[];
  /** Told of each object before all reconcilers share it. */
  share?(object: Object): void;
  /** Runs `body` in one transaction of the database. */
  transaction(body: () => void): void;
  /** Whether a write that was refused so would be refused again. */
  isLasting?(error: unknown): boolean;
  /** Told of a write that was refused or a reconciler that threw; the key is retried. */
  failed?(work: Work, error: unknown): void;
}

/** A reconcile's writes on their way. */
interface Writing<Object> {
  work: Work;
  writer: Writer;
  result: ReconcileResult<Object>;
  done: number;
}

export class Pump<Object> {
  private readonly ports: PumpPorts<Object>;
  private readonly queue: WorkQueue;
  private readonly reconcilers: Map<string, Reconciler<Object>>;
  private readonly watches: Watches<Object>;
  private index: ObjectIndex<Object> | undefined;
  private watermark: number;
  /** Which reconcilers there are, as a number. */
  private readonly version: number;
  /** Which of them had the store's objects up to the watermark. */
  private actedFor: number;
  /** The reconcile whose writes did not fit into a turn. If it is lost, all that is not acted on is looked at again. */
  private writing: Writing<Object> | undefined;
  /** Something can be read again that held reconcilers still: what they missed meanwhile nobody knows. */
  private looksAgain = false;
  /** Runs of each key since there was last nothing to do. */
  private readonly runs = new Map<string, number>();

  constructor(ports: PumpPorts<Object>) {
    this.ports = ports;
    this.queue = new WorkQueue(ports.storage);
    this.watermark = ports.storage.watermark();
    this.version = versionOf(ports.reconcilers.map(({ name }) => name));
    this.actedFor = ports.storage.reconcilers();
    this.reconcilers = new Map(ports.reconcilers.map((r) => [r.name, r]));
    this.watches = new Watches(ports.reconcilers, (work, error) => ports.failed?.(work, error));
  }

  /** Takes in one change that the store has just committed. Before the first turn it is enough that the store has it. */
  committed(change: Change<Object>): void {
    if (!this.index) return;
    const old = this.index.get(change.resource, change.namespace, change.name);
    if (this.takeIn(change, this.index)) this.looksAgain = true;
    if (change.unreadable) return;
    this.enqueue(old ? { ...change, old } : change, this.index);
  }

  /** Runs a key again in the next turn: what it waited for is there. */
  wake(work: Work): void {
    this.queue.add(work);
  }

  /** The cluster's objects at this instant. */
  reader(): Reader<Object> {
    return this.ready();
  }

  /** Reconciles at the cluster's time `now` until the budget is spent or nothing is left; a turn does one piece at least. */
  turn(now: number, budget = new TurnBudget()): void {
    if (!this.index && this.idle(now)) return;
    const index = this.ready();
    if (this.looksAgain) this.lookAt(index.all(), index);
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
    if (this.isBusy || this.looksAgain) return false;
    if (!this.index && this.hasMissed(this.ports.revision())) return false;
    const due = this.queue.nextDue();
    return due === undefined || due > now;
  }

  /** The cluster's time at which a turn is next needed; undefined when only a commit can bring work. */
  nextDue(now: number): number | undefined {
    if (this.isBusy || this.looksAgain || (!this.index && this.hasMissed(this.ports.revision()))) return now;
    return this.queue.nextDue();
  }

  private ready(): ObjectIndex<Object> {
    if (this.index) return this.index;
    const index = new ObjectIndex<Object>(this.ports.ownersOf);
    const { revision, changes } = this.ports.load();
    for (const change of changes) this.takeIn(change, index);
    index.revision = revision;
    this.index = index;
    if (this.hasMissed(revision)) this.lookAt(index.all(), index);
    return index;
  }

  private takeIn(change: Change<Object>, index: ObjectIndex<Object>): boolean {
    if (change.new) this.ports.share?.(change.new);
    return index.apply(change);
  }

  /** Whether there are changes that were not acted on, by all or by the reconcilers that an earlier version did not have. */
  private hasMissed(revision: number): boolean {
    return this.watermark < revision || this.actedFor !== this.version;
  }

  /** Reconcilers go by levels, not by edges: looking at every object once makes up for any change that was not acted on. */
  private lookAt(all: Iterable<Change<Object>>, index: ObjectIndex<Object>): void {
    this.looksAgain = false;
    for (const change of all) this.enqueue(change, index);
  }

  private enqueue(change: Change<Object>, index: ObjectIndex<Object>): void {
    for (const work of this.watches.concernedBy(change, index)) this.queue.add(work);
  }

  private get isBusy(): boolean {
    return this.queue.size > 0 || this.writing !== undefined;
  }

  private run(work: Work, index: ObjectIndex<Object>, now: number, budget: TurnBudget): void {
    const reconciler = this.reconcilers.get(work.reconciler);
    if (!reconciler) {
      this.queue.done(work);
      return;
    }
    const random = createRandom(this.ports.seed, `${work.reconciler}/${work.key}/${index.revision}`);
    try {
      const requeueAt = this.queue.requeueAt(work);
      const context = requeueAt === undefined ? { now, random } : { now, random, requeueAt };
      const reader = reconciler.ignoresUnreadable ? index : index.strict();
      const result = reconciler.reconcile(reader, work.key, context);
      const writer: Writer = { name: reconciler.name, manager: reconciler.manager, now, random };
      const ordered = this.queue.hasFailed(work) ? { ...result, writes: decisiveFirst(result.writes) } : result;
      this.write({ work, writer, result: ordered, done: 0 }, now, budget);
    } catch (error) {
      this.failed(work, error, now);
    }
  }

  /** Writes what a reconcile has decided, or a part of it: as with a real controller others may write in between. */
  private write(writing: Writing<Object>, now: number, budget: TurnBudget): void {
    this.writing = undefined;
    const { work, writer, result } = writing;
    const { writes } = result;
    let refused: unknown;
    try {
      if (writing.done < writes.length)
        this.ports.transaction(() => {
          try {
            do {
              this.apply(writes[writing.done++]!, writer);
              budget.spend();
            } while (writing.done < writes.length && !budget.isSpent);
          } catch (error) {
            // What was written before the refusal stays, as it does for a real controller.
            refused = error;
          }
        });
      if (refused !== undefined) throw refused;
      if (writing.done < writes.length) this.writing = writing;
      else if (result.error !== undefined) throw new Error(result.error);
      else this.queue.done(work, result.requeueAt);
    } catch (error) {
      this.failed(work, error, now);
    }
  }

  private failed(work: Work, error: unknown, now: number): void {
    this.ports.failed?.(work, error);
    this.queue.failed(work, now, this.ports.isLasting?.(error));
  }

  private needsRest({ reconciler, key }: Work): boolean {
    const id = `${reconciler} ${key}`;
    const runs = (this.runs.get(id) ?? 0) + 1;
    this.runs.set(id, runs);
    return runs > RUNS_WITHOUT_REST;
  }

  private apply(write: Write<Object>, writer: Writer): void {
    let made: Object | undefined;
    try {
      made = this.ports.apply(write, writer);
    } catch (error) {
      if (write.refused && error instanceof Error) {
        for (const consequence of write.refused(error.message)) this.apply(consequence, writer);
      }
      if (write.bestEffort) return;
      throw error;
    }
    if (write.verb === 'create' && write.created && made) {
      for (const consequence of write.created(made)) this.ports.apply(consequence, writer);
    }
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

/**
 * What is told before something is done, such as events, was told by the try that failed. It is told again only if this try gets further:
 * a thousand events for a status that is always refused would be much work for nothing.
 */
function decisiveFirst<Object>(writes: Write<Object>[]): Write<Object>[] {
  const first = writes.findIndex((write) => !write.bestEffort);
  return first <= 0 ? writes : [writes[first]!, ...writes.slice(0, first), ...writes.slice(first + 1)];
}

/** A number that differs when the set of reconcilers does (FNV-1a); never 0. */
function versionOf(names: string[]): number {
  let hash = 0x811c9dc5;
  for (const character of `${RECONCILERS_VERSION} ${names.toSorted().join(' ')}`)
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0 || 1;
}
