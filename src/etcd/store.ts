/**
 * etcd's store, synchronous, over SQLite: what the Durable Object hosts, and what the pump and the tests hold directly.
 *
 * Promises: revisions rise by one per writing transaction and never split; subscribers hear of a commit once, in order, after SQLite
 * has it; a transaction that throws leaves nothing behind.
 */
import type { TurnBudget } from '../simulation/turn-budget.ts';
import { type BaseLayer, EMPTY_BASE } from './base.ts';
import { beginningOf, markBeginning, returnToBeginning } from './beginning.ts';
import { CauseLog } from './cause-log.ts';
import { type CommitListener, Commits } from './commits.ts';
import { Compaction } from './compaction.ts';
import type { Consensus } from './consensus.ts';
import { ETCD_ERRORS } from './errors.ts';
import { separateForeignTexts } from './foreign-texts.ts';
import { type HashResult, hashKV } from './hash.ts';
import { type BatchLimits, history } from './history.ts';
import { LEASE_BYTES, type Lease, Leases } from './lease.ts';
import { Log } from './log.ts';
import { type Limits, putBytes, Quota, txnBytes } from './quota.ts';
import { bytesIn, range, versionOf } from './range.ts';
import { checkSent } from './request-check.ts';
import { Restore } from './restore.ts';
import type { Sql, SqlValue } from './sql.ts';
import { WriteTxn } from './txn.ts';
import type {
  DeleteRangeRequest,
  DeleteRangeResponse,
  KeyValue,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchBatch,
  WatchRequest,
} from './types.ts';

export interface StoreOptions extends Limits {
  base?: BaseLayer;
  /** Whether it is kept what each revision was written for. */
  causes?: boolean;
}

/** Leases that are over and are looked for at once: as many as a turn revokes. */
const DUE_AT_ONCE = 256;

export class Store {
  readonly sql: Sql;
  readonly quotaBytes: number;
  /** Whoever must agree before anything is written; absent: nobody else. */
  consensus: Consensus | undefined;
  /** The one that is under way, if there is one, for whoever hosts the store to go on with. */
  readonly compaction: Compaction;
  /** What was written for what; undefined where nobody keeps it. */
  readonly causes: CauseLog | undefined;
  readonly #log: Log;
  readonly #leases: Leases;
  readonly #quota: Quota;
  readonly #commits = new Commits();
  #depth = 0;

  constructor(sql: Sql, options: StoreOptions = {}) {
    this.sql = sql;
    this.quotaBytes = options.quotaBytes ?? 0;
    this.#log = new Log(sql, options.base ?? EMPTY_BASE);
    this.compaction = new Compaction(this.#log, (work) => this.atomically(work));
    separateForeignTexts(this.#log);
    this.causes = options.causes ? new CauseLog(sql) : undefined;
    this.#leases = new Leases(sql);
    this.#quota = new Quota(options, sql, this.#log, this.#leases);
  }

  get revision(): number {
    return this.#log.revision;
  }

  /** Whether the database, or what is live, has grown beyond what there may be. */
  get full(): boolean {
    return this.#quota.isFull;
  }

  /** -1: never compacted. */
  get compactRevision(): number {
    return this.#log.compactRevision;
  }

  range(request: RangeRequest): RangeResponse {
    return range(this.#log, request, this.#log.revision);
  }

  /** What a key held from a revision on that put it; undefined once there is another at it and that one is compacted. */
  version(key: string, modRevision: number): KeyValue | undefined {
    return versionOf(this.#log, key, modRevision);
  }

  /** About how many bytes a range would answer, told without reading more than are enough to know. */
  bytesIn(request: RangeRequest, enough: number): number {
    return bytesIn(this.#log, request, enough);
  }

  put(request: PutRequest): PutResponse {
    this.#quota.check(putBytes(request));
    return this.#quota.raised(() => this.#write((txn) => txn.put(request)));
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    return this.#write((txn) => txn.deleteRange(request));
  }

  txn(request: TxnRequest): TxnResponse {
    const bytes = txnBytes(request);
    if (bytes > 0) this.#quota.check(bytes);
    return this.#quota.raised(() => this.#write((txn) => txn.run(request)));
  }

  /** A transaction of the API server or of a component, who are etcd's clients but don't come through its gateway. */
  send(request: Pick<TxnRequest, 'compare' | 'success'>): TxnResponse {
    checkSent(request);
    return this.txn({ ...request, failure: [] });
  }

  /** The same of one put alone; answers its revision. */
  sendPut(request: PutRequest): number {
    checkSent({ compare: [], success: [{ put: request }] });
    return this.put(request).revision;
  }

  /**
   * Several transactions as one of SQLite's: each keeps its own revision, all become durable together or not at all, and
   * subscribers hear of them afterwards.
   */
  atomically<T>(work: () => T): T {
    const { revision, compactRevision } = this.#log;
    const { waiting } = this.#commits;
    this.#depth++;
    let result: T;
    try {
      result = this.sql.transaction(work);
    } catch (error) {
      this.#log.revision = revision;
      this.#log.compactRevision = compactRevision;
      this.#forgetReads();
      this.causes?.undone(revision);
      this.compaction.reread();
      this.#quota.recount();
      this.#commits.takeBack(waiting);
      throw error;
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) {
      this.causes?.keepFull(compactRevision);
      this.#commits.deliver();
    }
    return result;
  }

  #forgetReads(): void {
    this.#log.forgetReads();
    this.#leases.forgetReads();
  }

  #write<T>(work: (txn: WriteTxn) => T): T {
    return this.atomically(() => {
      const txn = new WriteTxn(this.#log, this.#leases);
      const result = work(txn);
      if (txn.events.length > 0) {
        this.#quota.checkLive(txn.events);
        this.consensus?.agree();
        this.#log.revision++;
        this.consensus?.written(this.#log.revision);
        this.causes?.written(this.#log.revision);
        this.#commits.add({ revision: this.#log.revision, events: txn.events });
      }
      return result;
    });
  }

  subscribe(listener: CommitListener): () => void {
    return this.#commits.subscribe(listener);
  }

  /** Events from the request's start revision on; see history.ts for how a long one is continued. */
  history(request: WatchRequest, limits?: Partial<BatchLimits>): WatchBatch {
    return history(this.#log, request, limits);
  }

  /** What is made of all of it. */
  snapshot<T>(make: (log: Log) => T): T {
    this.compaction.finish();
    return make(this.#log);
  }

  reading<T>(read: (log: Log) => T): T {
    return read(this.#log);
  }

  /** Begins to fill this store, which must be empty, with another one's state; see restore.ts. */
  restore(): Restore {
    return new Restore(this.#log, {
      changed: (event) => this.#quota.changed(event),
      atomically: (work) => this.atomically(work),
    });
  }

  /** What `returnToBeginning` brings back is as everything is now. */
  markBeginning(): void {
    this.atomically(() => markBeginning(this.#log));
  }

  get hasBeginning(): boolean {
    return beginningOf(this.#log) !== undefined;
  }

  /** Nobody hears of it: what was read of the store before, this object among it, is to be dropped. */
  returnToBeginning(): void {
    this.atomically(() => returnToBeginning(this.#log));
    this.causes?.dropAfter(this.#log.revision);
    this.#leases.forgetReads();
  }

  /** What is before `revision` is no more, though the most of it may have still to go. */
  compact(revision: number): void {
    this.compaction.begin(revision);
  }

  /** @throws EtcdError NOSPACE, as puts do. */
  grantLease(id: string, ttl: number, now: number): Lease {
    this.#quota.check(LEASE_BYTES);
    this.consensus?.agree();
    return this.#leases.grant(id, ttl, now);
  }

  lease(id: string): Lease | undefined {
    return this.#leases.get(id);
  }

  /** Undefined: no such lease, or it is over. */
  keepLeaseAlive(id: string, now: number): Lease | undefined {
    return this.#leases.keepAlive(id, now);
  }

  leaseKeys(id: string): string[] {
    return this.#leases.keys(id);
  }

  /** In the order of their ends. */
  leases(): string[] {
    return this.#leases.list();
  }

  /** Deletes the lease and, in one revision, its keys. */
  revokeLease(id: string): void {
    if (!this.#leases.exists(id)) throw ETCD_ERRORS.leaseNotFound();
    this.#write((txn) => {
      for (const key of this.#leases.keys(id)) txn.deleteRange({ key });
      this.#leases.forget(id);
    });
  }

  /** When the alarm must ring for leases; undefined: never. */
  nextLeaseExpiry(): number | undefined {
    return this.#leases.nextExpiry();
  }

  /** Revokes what is over at `now`, as far as the budget goes. */
  expireLeases(now: number, budget?: TurnBudget): void {
    for (;;) {
      const due = this.#leases.due(now, DUE_AT_ONCE);
      if (due.length === 0) return;
      for (const id of due) {
        if (budget?.isSpent) return;
        this.revokeLease(id);
        budget?.spend();
      }
    }
  }

  /** etcd's NOSPACE alarm: while it is raised, puts are refused. */
  get noSpace(): boolean {
    return this.#quota.isExceeded;
  }

  setNoSpace(raised: boolean): void {
    this.#quota.setExceeded(raised);
  }

  /** CRC-32C over all keys and their changes up to `revision` (0: now). */
  hash(revision: number): HashResult {
    this.compaction.finish();
    return hashKV(this.#log, revision);
  }

  /** Small values that go with the store: users, alarms, the members' topology. */
  meta(name: string): SqlValue | undefined {
    return this.#log.meta(name);
  }

  setMeta(name: string, value: SqlValue): void {
    this.#log.setMeta(name, value);
  }
}
