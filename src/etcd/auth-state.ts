/** Users, roles and permissions as they are kept: one small JSON value, read when the store starts. */
import { AUTH_ERRORS } from './errors.ts';
import { endOf } from './log.ts';
import type { Store } from './store.ts';

export type PermissionType = 'READ' | 'WRITE' | 'READWRITE';

export interface Permission {
  type: PermissionType;
  key: string;
  rangeEnd: string;
}

export interface User {
  /** Null: this user has no password, and can't authenticate by one. */
  password: string | null;
  roles: string[];
}

const META = 'auth';
const ROOT = 'root';

export class AuthState {
  enabled = false;
  /** Counts the changes; etcd starts at 1. */
  revision = 1;
  users: Record<string, User> = {};
  roles: Record<string, Permission[]> = {};
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    const saved = store.meta(META);
    if (typeof saved === 'string') {
      const { enabled, revision, users, roles } = JSON.parse(saved) as AuthState;
      Object.assign(this, { enabled, revision, users, roles });
    }
  }

  change(work: () => void): void {
    work();
    this.revision++;
    const { enabled, revision, users, roles } = this;
    this.#store.setMeta(META, JSON.stringify({ enabled, revision, users, roles }));
  }

  user(name: string): User {
    if (!Object.hasOwn(this.users, name)) throw AUTH_ERRORS.userNotFound();
    return this.users[name]!;
  }

  role(name: string): Permission[] {
    if (!Object.hasOwn(this.roles, name)) throw AUTH_ERRORS.roleNotFound();
    return this.roles[name]!;
  }

  addUser(name: string, password: string | null): void {
    if (name === '') throw AUTH_ERRORS.userEmpty();
    if (Object.hasOwn(this.users, name)) throw AUTH_ERRORS.userExists();
    this.change(() => {
      this.users[name] = { password, roles: [] };
    });
  }

  deleteUser(name: string): void {
    if (this.enabled && name === ROOT) throw AUTH_ERRORS.invalidManagement();
    this.user(name);
    this.change(() => {
      delete this.users[name];
    });
  }

  /** A user that was made without a password stays so. */
  changePassword(name: string, password: string | null): void {
    const user = this.user(name);
    this.change(() => {
      if (user.password !== null) user.password = password;
    });
  }

  grantRole(name: string, role: string): void {
    const user = this.user(name);
    if (role !== ROOT) this.role(role);
    if (user.roles.includes(role)) return;
    this.change(() => {
      user.roles = [...user.roles, role].sort();
    });
  }

  revokeRole(name: string, role: string): void {
    if (this.enabled && name === ROOT && role === ROOT) throw AUTH_ERRORS.invalidManagement();
    const user = this.user(name);
    if (!user.roles.includes(role)) throw AUTH_ERRORS.roleNotGranted();
    this.change(() => {
      user.roles = user.roles.filter((granted) => granted !== role);
    });
  }

  addRole(name: string): void {
    if (name === '') throw AUTH_ERRORS.roleEmpty();
    if (Object.hasOwn(this.roles, name)) throw AUTH_ERRORS.roleExists();
    this.change(() => {
      this.roles[name] = [];
    });
  }

  /** Users lose the role with it; their names are the answer. */
  deleteRole(name: string): string[] {
    if (this.enabled && name === ROOT) throw AUTH_ERRORS.invalidManagement();
    this.role(name);
    const holders = Object.keys(this.users).filter((user) => this.users[user]!.roles.includes(name));
    this.change(() => {
      delete this.roles[name];
      for (const user of holders) this.users[user]!.roles = this.users[user]!.roles.filter((role) => role !== name);
    });
    return holders;
  }

  grantPermission(name: string, permission: Permission): void {
    const { key, rangeEnd } = permission;
    const end = endOf(rangeEnd);
    if (key === '' || (end !== undefined && key >= end)) throw AUTH_ERRORS.invalidManagement();
    const others = this.role(name).filter((other) => other.key !== key || other.rangeEnd !== rangeEnd);
    this.change(() => {
      this.roles[name] = [...others, permission].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    });
  }

  revokePermission(name: string, key: string, rangeEnd: string): void {
    const role = this.role(name);
    const others = role.filter((other) => other.key !== key || other.rangeEnd !== rangeEnd);
    if (others.length === role.length) throw AUTH_ERRORS.permissionNotGranted();
    this.change(() => {
      this.roles[name] = others;
    });
  }
}
