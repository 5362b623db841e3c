/** What is to be reconciled. */
export interface Work {
  reconciler: string;
  key: string;
}

export interface DueWork extends Work {
  /** The cluster's time in milliseconds. */
  dueAt: number;
  /** Failures in a row, for the backoff. */
  failures: number;
}
