/** What a run prints, by level: with `none` nothing is, not even by the run itself. */
import type { Note } from '../../src/etcd/raft/journal.ts';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'NONE'];

export class Output {
  #text = '';
  level = 0;

  get quiet(): boolean {
    return this.level === LEVELS.length - 1;
  }

  write(text: string): void {
    if (!this.quiet) this.#text += text;
  }

  setLevel(name: string): string | undefined {
    const level = LEVELS.indexOf(name.toUpperCase());
    if (level < 0) return `log levels must be either of [${LEVELS.join(' ')}]`;
    this.level = level;
    return undefined;
  }

  /** Takes what a node has noted. */
  drain(notes: Note[]): void {
    for (const { level, text } of notes.splice(0))
      if (LEVELS.indexOf(level) >= this.level) this.write(`${level} ${text}\n`);
  }

  /** What `print` writes, two spaces further in. */
  indented(print: () => string | undefined): string | undefined {
    const before = this.#text;
    this.#text = '';
    const error = print();
    const lines = this.#text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#text = before + lines.map((line) => `  ${line}\n`).join('');
    return error;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
