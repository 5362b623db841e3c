/**
 * Leases on the cluster's clock. Nothing polls: the next expiry is a query, for whoever sets the alarm, and what is due is expired
 * when that one calls. Times are milliseconds since 1970, TTLs seconds.
 */
import { ETCD_ERRORS } from './errors.ts';
import type { Sql } from './sql.ts';
import type { LeaseBook } from './txn.ts';

const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS etcd_lease (id TEXT PRIMARY KEY, ttl INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS etcd_lease_key (lease TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (lease, key)) WITHOUT ROWID',
];

/** etcd's: 9,000,000,000 seconds. */
export const MAX_LEASE_TTL = 9_000_000_000;
/** etcd raises shorter TTLs to what two election rounds take. */
export const MIN_LEASE_TTL = 2;

/** What a lease counts against the quota. Source: etcd's server/storage/quota.go, leaseOverhead. */
export const LEASE_BYTES = 64;

export interface Lease {
  id: string;
  /** Granted, in seconds. */
  ttl: number;
  expires: number;
}

export class Leases implements LeaseBook {
  readonly #sql: Sql;
  /** Asked for after every commit. `null`: it is to be read. */
  #next: number | undefined | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
    for (const statement of SCHEMA) sql.exec(statement);
  }

  get(id: string): Lease | undefined {
    const row = this.#sql.exec('SELECT id, ttl, expires FROM etcd_lease WHERE id = ?', id)[0];
    return row && { id, ttl: row[1] as number, expires: row[2] as number };
  }

  exists(id: string): boolean {
    return this.get(id) !== undefined;
  }

  grant(id: string, ttl: number, now: number): Lease {
    if (ttl > MAX_LEASE_TTL) throw ETCD_ERRORS.leaseTTLTooLarge();
    if (this.exists(id)) throw ETCD_ERRORS.leaseExists();
    const granted = Math.max(ttl, MIN_LEASE_TTL);
    const lease = { id, ttl: granted, expires: now + granted * 1000 };
    this.forgetReads();
    this.#sql.exec('INSERT INTO etcd_lease VALUES (?, ?, ?)', id, granted, lease.expires);
    return lease;
  }

  keepAlive(id: string, now: number): Lease | undefined {
    const lease = this.get(id);
    if (!lease || lease.expires <= now) return undefined;
    const expires = now + lease.ttl * 1000;
    this.forgetReads();
    this.#sql.exec('UPDATE etcd_lease SET expires = ? WHERE id = ?', expires, id);
    return { ...lease, expires };
  }

  /** Whoever forgets a lease deletes its keys with it. */
  forget(id: string): void {
    this.forgetReads();
    this.#sql.exec('DELETE FROM etcd_lease WHERE id = ?', id);
    this.#sql.exec('DELETE FROM etcd_lease_key WHERE lease = ?', id);
  }

  keys(id: string): string[] {
    return this.#sql
      .exec('SELECT key FROM etcd_lease_key WHERE lease = ? ORDER BY key', id)
      .map((row) => row[0] as string);
  }

  list(): string[] {
    return this.#sql.exec('SELECT id FROM etcd_lease ORDER BY expires, id').map((row) => row[0] as string);
  }

  /** So many at the most of those that are over at `now`, in the order of their ends. */
  due(now: number, limit: number): string[] {
    const next = this.nextExpiry();
    if (next === undefined || next > now) return [];
    return this.#sql
      .exec('SELECT id FROM etcd_lease WHERE expires <= ? ORDER BY expires, id LIMIT ?', now, limit)
      .map((row) => row[0] as string);
  }

  nextExpiry(): number | undefined {
    if (this.#next === null) {
      const next = this.#sql.exec('SELECT min(expires) FROM etcd_lease')[0]?.[0];
      this.#next = typeof next === 'number' ? next : undefined;
    }
    return this.#next;
  }

  /** Something was done or undone that this was not told. */
  forgetReads(): void {
    this.#next = null;
  }

  /** What all of them take, about. */
  bytes(): number {
    return LEASE_BYTES * Number(this.#sql.exec('SELECT count(*) FROM etcd_lease')[0]?.[0] ?? 0);
  }

  attach(lease: string, key: string): void {
    this.#sql.exec('INSERT OR REPLACE INTO etcd_lease_key VALUES (?, ?)', lease, key);
  }

  detach(lease: string, key: string): void {
    this.#sql.exec('DELETE FROM etcd_lease_key WHERE lease = ? AND key = ?', lease, key);
  }
}
