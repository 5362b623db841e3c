/** The lines that sed edits. */
import type { Process, Run } from '../program.ts';
import type { Dialect } from './applet.ts';
import { CHUNK, type OpenWords, openInput } from './input.ts';

const cannotRead: OpenWords = (path, words, dialect) =>
  dialect === 'gnu' ? `can't read ${path}: ${words}` : `${path}: ${words}`;

/** Lines of the inputs, one behind the other; knows one line ahead which is the last. */
export class LineSource {
  #rest = '';
  #isAtEnd = false;
  #ahead: string | undefined;
  hasStarted = false;
  failures = 0;
  readonly #process: Process;
  readonly #dialect: Dialect;
  readonly #paths: string[];
  #descriptor: number | undefined;
  /** Whether the line that was read last has its `\n`. */
  isWhole = true;
  #isAheadWhole = true;

  constructor(process: Process, dialect: Dialect, paths: readonly string[]) {
    this.#process = process;
    this.#dialect = dialect;
    this.#paths = [...paths];
  }

  *#read(): Run<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        this.#isAheadWhole = true;
        return line;
      }
      if (this.#isAtEnd || this.#descriptor === undefined) {
        if (this.#rest !== '') {
          const line = this.#rest;
          this.#rest = '';
          this.#isAheadWhole = false;
          return line;
        }
        const path = this.#paths.shift();
        if (path === undefined) return undefined;
        this.#descriptor = yield* openInput(this.#process, path, this.#dialect, cannotRead);
        if (this.#descriptor === undefined) this.failures++;
        this.#isAtEnd = false;
        continue;
      }
      const chunk = yield* this.#process.read(this.#descriptor, CHUNK);
      this.#rest += chunk;
      if (chunk === '') {
        this.#isAtEnd = true;
        if (this.#descriptor !== 0) this.#process.close(this.#descriptor);
      }
    }
  }

  *next(): Run<string | undefined> {
    if (!this.hasStarted) this.#ahead = yield* this.#read();
    this.hasStarted = true;
    const line = this.#ahead;
    this.isWhole = this.#isAheadWhole;
    if (line !== undefined) this.#ahead = yield* this.#read();
    return line;
  }

  get isLast(): boolean {
    return this.#ahead === undefined;
  }
}
