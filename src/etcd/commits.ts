/**
 * What was committed, on its way to those who want to hear of it: of each commit once, in order, and after the store's own
 * transaction has ended (which the pump may have begun within a larger one).
 */
import type { WatchEvent } from './types.ts';

/** One revision's changes, each with what it replaced. */
export interface Commit {
  revision: number;
  events: WatchEvent[];
}

export type CommitListener = (commit: Commit) => void;

export class Commits {
  readonly #listeners = new Set<CommitListener>();
  #waiting: Commit[] = [];
  #delivering = false;

  /** How many are waiting: where a transaction that is taken back has begun. */
  get waiting(): number {
    return this.#waiting.length;
  }

  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(commit: Commit): void {
    this.#waiting.push(commit);
  }

  /** Nobody hears of those after the first so many. */
  takeBack(waiting: number): void {
    this.#waiting.length = waiting;
  }

  /**
   * A listener may write: its commits are delivered after the one it hears of. What one throws keeps nobody else from hearing, and is thrown
   * in the end.
   */
  deliver(): void {
    if (this.#delivering || this.#waiting.length === 0) return;
    this.#delivering = true;
    const errors: unknown[] = [];
    for (let commits = this.#take(); commits.length > 0; commits = this.#take())
      for (const commit of commits)
        for (const listener of this.#listeners)
          try {
            listener(commit);
          } catch (error) {
            errors.push(error);
          }
    this.#delivering = false;
    if (errors.length > 0) throw errors[0];
  }

  #take(): Commit[] {
    const commits = this.#waiting;
    this.#waiting = [];
    return commits;
  }
}
