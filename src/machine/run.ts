/** Work that may wait. What is yielded is the kernel's business: use `yield*` on a process's calls only. */
export type Run<T = void> = Generator<Wait, T, void>;

/** What a process waits for; the kernel runs it again when that is there. */
export type Wait =
  | { for: 'instant'; at: number }
  /** Others have their turn first. */
  | { for: 'turn' }
  /** It has become another program, or has been ended. */
  | { for: 'nothing' }
  /** Until `ready` says so, looked at whenever something has happened in the pod; at `at` (milliseconds) at the latest. */
  | { for: 'condition'; ready(): boolean; at?: number };
