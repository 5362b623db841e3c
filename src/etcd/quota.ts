/** How many bytes of database a store may have, and etcd's NOSPACE alarm, which is raised when there are more. */
import { ETCD_ERRORS } from './errors.ts';
import type { Leases } from './lease.ts';
import type { Log } from './log.ts';
import type { Sql } from './sql.ts';
import type { PutRequest, TxnRequest } from './types.ts';

/** Bytes that a change takes beside its key and value, about. */
const CHANGE_BYTES = 100;

export class Quota {
  readonly #bytes: number;
  readonly #sql: Sql;
  readonly #log: Log;
  readonly #leases: Leases;
  /** Bytes that may be put before the database's size is looked at again. */
  #headroom = 0;
  #exceeded: boolean;

  /** `bytes` 0: no limit. */
  constructor(bytes: number, sql: Sql, log: Log, leases: Leases) {
    this.#bytes = bytes;
    this.#sql = sql;
    this.#log = log;
    this.#leases = leases;
    this.#exceeded = log.meta('noSpace') === 1;
  }

  /** Whether the database has grown beyond it. */
  get isFull(): boolean {
    return this.#bytes > 0 && this.#sql.size() > this.#bytes;
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
