/** What was committed, on its way to those who want to hear of it: of each commit once, in order, and after SQLite has it. */
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

  /** A listener may write: its commits are delivered after the one it hears of. */
  deliver(): void {
    if (this.#delivering || this.#waiting.length === 0) return;
    this.#delivering = true;
    try {
      for (let commits = this.#take(); commits.length > 0; commits = this.#take()) {
        for (const commit of commits) {
          for (const listener of this.#listeners) listener(commit);
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  #take(): Commit[] {
    const commits = this.#waiting;
    this.#waiting = [];
    return commits;
  }
}
