import type { Woken } from './cause.ts';

/** What is to be reconciled. */
export interface Work {
  reconciler: string;
  key: string;
  /** The change that has put it on the queue: the first, where there were more; absent where an instant has come. */
  woken?: Woken;
}

export interface DueWork extends Work {
  /** The cluster's time in milliseconds. */
  dueAt: number;
  /** Failures in a row, for the backoff. */
  failures: number;
}
