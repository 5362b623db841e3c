/**
 * etcd's own users, roles and permissions, and the tokens that users get. All of it is kept with the store, so that a token outlives
 * the store's leaving memory.
 */
import { AuthState, type Permission, type PermissionType } from './auth-state.ts';
import { AUTH_ERRORS } from './errors.ts';
import { endOf } from './log.ts';
import { verifyPassword } from './password.ts';
import type { Store } from './store.ts';
import type { RequestOp, TxnRequest } from './types.ts';

/** Who asks: a user's name, '' for nobody. */
export type Identity = string;

/** Milliseconds that a token lives after its last use. */
const TOKEN_TTL = 300_000;
/** A use is noted when that much has passed since the last one that was. */
const NOTE_USE_AFTER = 60_000;
const TOKENS =
  'CREATE TABLE IF NOT EXISTS etcd_token (token TEXT PRIMARY KEY, user TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID';
const ROOT = 'root';

export class Auth {
  readonly state: AuthState;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.state = new AuthState(store);
    store.sql.exec(TOKENS);
  }

  get enabled(): boolean {
    return this.state.enabled;
  }

  enable(): void {
    if (this.enabled) return;
    const root = this.state.users[ROOT];
    if (!root) throw AUTH_ERRORS.rootUserNotExist();
    if (!root.roles.includes(ROOT)) throw AUTH_ERRORS.rootRoleNotExist();
    this.state.change(() => {
      this.state.enabled = true;
    });
  }

  disable(): void {
    if (!this.enabled) return;
    this.#store.sql.exec('DELETE FROM etcd_token');
    this.state.change(() => {
      this.state.enabled = false;
    });
  }

  async authenticate(name: string, password: string, now: number, token: string): Promise<string> {
    if (!this.enabled) throw AUTH_ERRORS.notEnabled();
    const user = this.state.users[name];
    if (!user) throw AUTH_ERRORS.failed();
    if (user.password === null) throw AUTH_ERRORS.noPasswordUser();
    if (!(await verifyPassword(password, user.password))) throw AUTH_ERRORS.failed();
    const { sql } = this.#store;
    sql.exec('DELETE FROM etcd_token WHERE expires <= ?', now);
    sql.exec('INSERT INTO etcd_token VALUES (?, ?, ?)', token, name, now + TOKEN_TTL);
    return token;
  }

  forgetTokens(user: string): void {
    this.#store.sql.exec('DELETE FROM etcd_token WHERE user = ?', user);
  }

  /** The user of a request's `Authorization`; nobody, as long as authentication is off. */
  identify(authorization: string | null, now: number): Identity {
    // A bearer is the cluster's own token, which has been checked before the request came here.
    if (!this.enabled || !authorization || /^bearer /i.test(authorization)) return '';
    const { sql } = this.#store;
    const [row] = sql.exec('SELECT user, expires FROM etcd_token WHERE token = ? AND expires > ?', authorization, now);
    if (!row) throw AUTH_ERRORS.invalidToken();
    const [user, expires] = row as [string, number];
    if (expires < now + TOKEN_TTL - NOTE_USE_AFTER) {
      sql.exec('UPDATE etcd_token SET expires = ? WHERE token = ?', now + TOKEN_TTL, authorization);
    }
    return user;
  }

  requireUser(user: Identity): void {
    if (this.enabled && user === '') throw AUTH_ERRORS.userEmpty();
  }

  requireAdmin(user: Identity): void {
    if (!this.enabled) return;
    this.requireUser(user);
    const entry = this.state.users[user];
    if (!entry) throw AUTH_ERRORS.userNotFound();
    if (!entry.roles.includes(ROOT)) throw AUTH_ERRORS.permissionDenied();
  }

  isAdmin(user: Identity): boolean {
    return !this.enabled || this.state.users[user]?.roles.includes(ROOT) === true;
  }

  requireRead(user: Identity, key: string, rangeEnd: string | undefined): void {
    this.#require(user, 'READ', key, rangeEnd);
  }

  requireWrite(user: Identity, key: string, rangeEnd: string | undefined): void {
    this.#require(user, 'WRITE', key, rangeEnd);
  }

  /** A lease may be used by who may write all its keys. */
  requireLease(user: Identity, lease: string | undefined): void {
    if (!this.enabled || !lease || lease === '0') return;
    for (const key of this.#store.leaseKeys(lease)) this.requireWrite(user, key, undefined);
  }

  requireTxn(user: Identity, request: TxnRequest): void {
    if (!this.enabled) return;
    for (const compare of request.compare) this.requireRead(user, compare.key, compare.rangeEnd);
    for (const op of [...request.success, ...request.failure]) this.requireOp(user, op);
  }

  requireOp(user: Identity, op: RequestOp): void {
    if (!this.enabled) return;
    if ('range' in op) this.requireRead(user, op.range.key, op.range.rangeEnd);
    else if ('put' in op) {
      this.requireWrite(user, op.put.key, undefined);
      this.requireLease(user, op.put.lease);
      if (op.put.prevKv) this.requireRead(user, op.put.key, undefined);
    } else if ('deleteRange' in op) {
      this.requireWrite(user, op.deleteRange.key, op.deleteRange.rangeEnd);
      if (op.deleteRange.prevKv) this.requireRead(user, op.deleteRange.key, op.deleteRange.rangeEnd);
    } else this.requireTxn(user, op.txn);
  }

  #require(user: Identity, type: PermissionType, key: string, rangeEnd: string | undefined): void {
    if (!this.enabled) return;
    this.requireUser(user);
    const entry = this.state.users[user];
    if (!entry) throw AUTH_ERRORS.permissionDenied();
    if (entry.roles.includes(ROOT)) return;
    const granted = entry.roles.flatMap((role) => this.state.roles[role] ?? []);
    if (!covers(granted, type, key, endOf(rangeEnd) ?? `${key}\0`)) throw AUTH_ERRORS.permissionDenied();
  }
}

/** Whether permissions of a type, put together, cover [start, end). */
function covers(permissions: Permission[], type: PermissionType, start: string, end: string): boolean {
  const intervals = permissions
    .filter((permission) => permission.type === type || permission.type === 'READWRITE')
    .map(({ key, rangeEnd }) => [key, endOf(rangeEnd) ?? `${key}\0`] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let covered = start;
  for (const [from, to] of intervals) {
    if (from > covered) return false;
    if (to > covered) covered = to;
    if (covered >= end) return true;
  }
  return false;
}
