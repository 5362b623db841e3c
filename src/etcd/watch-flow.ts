/**
 * How much has been sent to watches and not yet been taken by their readers: bounded for each, for all of a cluster, and for all
 * clusters of a process. One that has nothing before it may always be sent a message, so that none waits for another.
 * Nothing else is kept of what a reader has not taken: it is read from the log when there is room for it.
 */
import type { Holding } from '../simulation/held-bytes.ts';
import { WINDOW } from './watch-wire.ts';

/** Characters of messages that all watches of a cluster may have before them, whatever their readers do. */
export const CLUSTER_WINDOW = 16 * 1024 * 1024;
/** Characters of events that may pass a reader that takes nothing, before it is ended. */
export const MAX_BACKLOG = 8 * 1024 * 1024;
/** For how long a reader may take nothing while others wait for the room that it has, milliseconds. */
export const STALL_MS = 5000;

interface Account {
  /** Characters that were sent and not taken. */
  untaken: number;
  /** Of the events that it has missed since it took something. */
  backlog: number;
  /** When it last took something, or had nothing to take. */
  since: number;
}

export class WatchFlow<Socket> {
  readonly #accounts = new Map<Socket, Account>();
  readonly #now: () => number;
  readonly #held: Holding | undefined;
  #waiting: (() => void)[] = [];
  #total = 0;

  /** `now` is real time, milliseconds. `held`: the cluster's part of what the process has. */
  constructor(now: () => number, held?: Holding) {
    this.#now = now;
    this.#held = held;
  }

  /** A message that is larger than the window goes to a reader that has taken everything. */
  maySend(socket: Socket, size: number): boolean {
    const untaken = this.untaken(socket);
    return (untaken === 0 || untaken + size <= WINDOW) && (this.#total === 0 || this.#hasRoom(size));
  }

  get isFull(): boolean {
    return this.#total > 0 && !this.#hasRoom(1);
  }

  #hasRoom(size: number): boolean {
    return this.#total + size <= CLUSTER_WINDOW && (this.#held?.fits(size) ?? true);
  }

  untaken(socket: Socket): number {
    return this.#accounts.get(socket)?.untaken ?? 0;
  }

  sent(socket: Socket, size: number): void {
    const account = this.#account(socket);
    if (account.untaken === 0) account.since = this.#now();
    account.untaken += size;
    this.#total += size;
    this.#held?.hold(size);
  }

  took(socket: Socket, size: number): void {
    const account = this.#accounts.get(socket);
    if (!account) return;
    const taken = Math.min(size, account.untaken);
    account.untaken -= taken;
    account.backlog = 0;
    account.since = this.#now();
    this.#subtract(taken);
    this.#wake();
  }

  #subtract(size: number): void {
    this.#total -= size;
    this.#held?.give(size);
  }

  /** Fulfilled when something was taken or forgotten. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  tookAll(socket: Socket): void {
    this.took(socket, this.untaken(socket));
  }

  /** So much went past it; whether that is too much. */
  missed(socket: Socket, size: number): boolean {
    const account = this.#account(socket);
    account.backlog += size;
    return account.backlog > MAX_BACKLOG;
  }

  /** Those that have taken nothing for too long. */
  stalled(): Socket[] {
    const before = this.#now() - STALL_MS;
    return [...this.#accounts]
      .filter(([, { untaken, since }]) => untaken > 0 && since <= before)
      .map(([socket]) => socket);
  }

  forget(socket: Socket): void {
    this.#subtract(this.untaken(socket));
    this.#accounts.delete(socket);
    this.#wake();
  }

  #account(socket: Socket): Account {
    let account = this.#accounts.get(socket);
    if (!account) {
      account = { untaken: 0, backlog: 0, since: this.#now() };
      this.#accounts.set(socket, account);
    }
    return account;
  }
}
