/** Several things that one process waits for at once: a server and those that it serves. */
import { Errno } from '../errno.ts';
import type { Connection, Listener } from '../network.ts';
import type { Run, Wait } from '../program.ts';

interface Task {
  run: Run;
  wait: Wait | undefined;
}

/** Tasks of one server at the same time; its listeners are some. A server closes connections beyond. */
export const MAX_TASKS = 256;

export class Tasks {
  #tasks: Task[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isFull(): boolean {
    return this.#tasks.length >= MAX_TASKS;
  }

  start(run: Run): void {
    this.#tasks.push({ run, wait: undefined });
  }

  /** Serves whoever comes, each by a task of its own; closes connections that there is no room for. */
  *accept(listener: Listener, serve: (connection: Connection) => Run): Run<never> {
    for (;;) {
      const connection = yield* listener.accept();
      if (this.isFull) connection.close();
      else this.start(serve(connection));
    }
  }

  /** Runs them for ever: a signal's handler that was run between two is its own business. */
  *runOn(): Run<never> {
    for (;;) {
      try {
        yield* this.run();
      } catch (error) {
        if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
      }
    }
  }

  /** Runs all of them as they are ready; ends when none is left. What one fails with ends that one only. */
  *run(): Run {
    while (this.#tasks.length > 0) {
      let hasMoved = false;
      for (const task of [...this.#tasks]) {
        if (!this.#isReady(task.wait)) continue;
        hasMoved = true;
        this.#step(task);
      }
      if (this.#tasks.length === 0) return;
      if (hasMoved && this.#tasks.some(({ wait }) => wait?.for === 'turn')) yield { for: 'turn' };
      else if (!hasMoved || !this.#tasks.some(({ wait }) => this.#isReady(wait))) yield this.#together();
    }
  }

  #step(task: Task): void {
    try {
      const { done, value } = task.run.next();
      if (!done) {
        task.wait = value;
        return;
      }
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  #isReady(wait: Wait | undefined): boolean {
    if (wait === undefined || wait.for === 'turn') return true;
    if (wait.for === 'nothing') return false;
    const isDue = wait.at !== undefined && this.#now() >= wait.at;
    return isDue || (wait.for === 'condition' && wait.ready());
  }

  #together(): Wait {
    const instants = this.#tasks.flatMap(({ wait }) =>
      wait !== undefined && 'at' in wait && wait.at !== undefined ? [wait.at] : [],
    );
    const ready = (): boolean => this.#tasks.some(({ wait }) => this.#isReady(wait));
    return instants.length > 0 ? { for: 'condition', ready, at: Math.min(...instants) } : { for: 'condition', ready };
  }
}
