/**
 * How many bytes of database a store may have, how many keys, and how many bytes they may hold; and etcd's NOSPACE alarm, which is raised
 * when it would be more. etcd itself bounds the database alone: what is live must fit into its memory, too.
 */
import { ETCD_ERRORS } from './errors.ts';
import type { Leases } from './lease.ts';
import { LiveUsage, type Usage } from './live-usage.ts';
import type { Log } from './log.ts';
import type { Sql } from './sql.ts';
import type { PutRequest, TxnRequest, WatchEvent } from './types.ts';

/** Bytes that a change takes beside its key and value, about. */
const CHANGE_BYTES = 100;

export interface Limits {
  /** Bytes of database from which on puts are refused; 0 or absent: no limit. */
  quotaBytes?: number;
  /** What may be live; absent: no limit. */
  live?: Usage;
}

export class Quota {
  readonly #bytes: number;
  readonly #live: Usage | undefined;
  readonly #usage: LiveUsage;
  readonly #sql: Sql;
  readonly #log: Log;
  readonly #leases: Leases;
  /** Bytes that may be put before the database's size is looked at again. */
  #headroom = 0;
  #exceeded: boolean;

  constructor({ quotaBytes = 0, live }: Limits, sql: Sql, log: Log, leases: Leases) {
    this.#bytes = quotaBytes;
    this.#live = live;
    this.#usage = new LiveUsage(log);
    this.#sql = sql;
    this.#log = log;
    this.#leases = leases;
    this.#exceeded = log.meta('noSpace') === 1;
  }

  /** Whether the database, or what is live, has grown beyond it. */
  get isFull(): boolean {
    if (this.#bytes > 0 && this.#sql.size() > this.#bytes) return true;
    return this.#live !== undefined && isBeyond(this.#usage.current, this.#live);
  }

  /** Before these changes of a transaction are committed. @throws LiveExceeded */
  checkLive(events: readonly WatchEvent[]): void {
    const before = this.#live && this.#usage.known;
    if (!before || !this.#live) return;
    const { keys, bytes } = before;
    this.#usage.changed(events);
    const now = this.#usage.current;
    // What makes it less is let through.
    if (isBeyond(now, { keys: Math.max(this.#live.keys, keys), bytes: Math.max(this.#live.bytes, bytes) }))
      throw new LiveExceeded();
  }

  /** Something was changed that nothing stands against. */
  changed(event: WatchEvent): void {
    this.#usage.changed([event]);
  }

  /** What was changed is not, or something else was. */
  recount(): void {
    this.#usage.forget();
  }

  /** Raises the alarm for a transaction that was taken back for what would have been live after it. */
  raised<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (!(error instanceof LiveExceeded)) throw error;
      this.setExceeded(true);
      throw ETCD_ERRORS.noSpace();
    }
  }

  /** The alarm: while it is raised, puts are refused. */
  get isExceeded(): boolean {
    return this.#exceeded;
  }

  setExceeded(raised: boolean): void {
    this.#exceeded = raised;
    this.#headroom = 0;
    this.#log.setMeta('noSpace', raised ? 1 : 0);
  }

  /** Before so many bytes are put. @throws EtcdError NOSPACE */
  check(bytes: number): void {
    if (this.#exceeded) throw ETCD_ERRORS.noSpace();
    // What is live is counted before it changes.
    if (this.#live) this.#usage.know();
    if (this.#bytes === 0) return;
    this.#headroom -= bytes;
    if (this.#headroom >= 0) return;
    // A database does not shrink: when its file is at the quota, what it holds is counted.
    const size = this.#sql.size();
    const used = size < this.#bytes ? size : this.#log.bytes(CHANGE_BYTES) + this.#leases.bytes();
    if (used >= this.#bytes) {
      this.setExceeded(true);
      throw ETCD_ERRORS.noSpace();
    }
    this.#headroom = Math.max((this.#bytes - used) / 4, this.#bytes / 1000);
  }
}

/** There would be more than may be live: whoever sees it takes the transaction back. */
class LiveExceeded extends Error {}

const isBeyond = (usage: Readonly<Usage>, limit: Usage): boolean =>
  usage.keys > limit.keys || usage.bytes > limit.bytes;

export function putBytes(request: PutRequest): number {
  return request.key.length + request.value.length + CHANGE_BYTES;
}

/** What a transaction may put; 0 if it puts nothing. */
export function txnBytes(request: TxnRequest): number {
  let bytes = 0;
  for (const ops of [request.success, request.failure]) {
    for (const op of ops) {
      if ('put' in op) bytes += putBytes(op.put);
      else if ('txn' in op) bytes += txnBytes(op.txn);
    }
  }
  return bytes;
}
