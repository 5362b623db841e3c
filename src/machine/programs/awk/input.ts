/** What awk reads: its operands, of which some are assignments, and the files and commands of getline. */
import type { Bytes } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import type { Process, Run } from '../../program.ts';
import type { Dialect } from '../applet.ts';
import { CHUNK, openInput, plainWords } from '../input.ts';
import { compileRegex } from '../regex.ts';
import { shellArgs } from '../running.ts';
import { unescapeString } from './lexer.ts';
import { Read, toNumber, toText, type Value } from './values.ts';

/** Where variables are that an operand sets. */
interface Variables {
  get(name: string): Value;
  set(name: string, value: Value): void;
  array(name: string): Map<string, Value>;
}

/** A record cut off the front of a text: '' for RS means paragraphs. Undefined: more has to be read first. */
function cut(text: Bytes, separator: string, isAtEnd: boolean): { record: string; rest: Bytes } | undefined {
  if (separator === '') {
    const start = /^\n*/.exec(text)![0].length;
    const found = /\n\n+/.exec(text.slice(start));
    if (found === null || (!isAtEnd && start + found.index + found[0].length === text.length))
      return atEnd(text.slice(start).replace(/\n+$/, ''), isAtEnd);
    return { record: text.slice(start, start + found.index), rest: text.slice(start + found.index + found[0].length) };
  }
  if (separator.length === 1) {
    const end = text.indexOf(separator);
    if (end >= 0) return { record: text.slice(0, end), rest: text.slice(end + 1) };
    return atEnd(text, isAtEnd);
  }
  const match = compileRegex(separator, { isExtended: true }).find(text);
  if (match === undefined || match.start === match.end || (!isAtEnd && match.end === text.length))
    return atEnd(text, isAtEnd);
  return { record: text.slice(0, match.start), rest: text.slice(match.end) };
}

const atEnd = (text: Bytes, isAtEnd: boolean): { record: string; rest: Bytes } | undefined =>
  isAtEnd && text !== '' ? { record: text, rest: '' } : undefined;

export class AwkInput {
  hasFailed = false;
  #rest = '';
  #isAtEnd = true;
  #descriptor: number | undefined;
  #operand = 1;
  #hasFile = false;
  /** What is left of the files and commands of getline. */
  readonly #others = new Map<string, Bytes>();
  readonly #process: Process;
  readonly #dialect: Dialect;

  constructor(process: Process, dialect: Dialect) {
    this.#process = process;
    this.#dialect = dialect;
  }

  /** Whether the next record is there already, so that nothing is waited for. */
  hasLine(separator: string): boolean {
    return separator.length === 1 && this.#rest.includes(separator);
  }

  skipFile(): void {
    this.#rest = '';
    this.#isAtEnd = true;
    if (this.#descriptor !== undefined && this.#descriptor !== 0) this.#process.close(this.#descriptor);
    this.#descriptor = undefined;
  }

  *next(separator: string, variables: Variables): Run<string | undefined> {
    for (;;) {
      const found = cut(this.#rest, separator, this.#isAtEnd);
      if (found !== undefined) {
        this.#rest = found.rest;
        return found.record;
      }
      if (this.#isAtEnd) {
        if (!(yield* this.#open(variables))) return undefined;
        continue;
      }
      const chunk = yield* this.#process.read(this.#descriptor!, CHUNK);
      this.#rest += chunk;
      if (chunk === '') {
        const rest = this.#rest;
        this.skipFile();
        this.#rest = rest;
      }
    }
  }

  /** Opens the next operand; @returns false where none is left. */
  *#open(variables: Variables): Run<boolean> {
    for (;;) {
      const count = toNumber(variables.get('ARGC'));
      let path: string | undefined;
      while (path === undefined && this.#operand < count) {
        const operand = toText(variables.array('ARGV').get(String(this.#operand++)));
        const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(operand) ?? [];
        if (name !== undefined) variables.set(name, new Read(unescapeString(text!)));
        else if (operand !== '') path = operand;
      }
      if (path === undefined && this.#hasFile) return false;
      this.#hasFile = true;
      const descriptor = yield* openInput(this.#process, path ?? '-', this.#dialect, plainWords);
      if (descriptor === undefined) {
        this.hasFailed = true;
        continue;
      }
      this.#descriptor = descriptor;
      this.#isAtEnd = false;
      variables.set('FILENAME', path ?? '');
      variables.set('FNR', 0);
      return true;
    }
  }

  #take(name: string, separator: string): string | undefined {
    const found = cut(this.#others.get(name)!, separator, true);
    if (found !== undefined) this.#others.set(name, found.rest);
    return found?.record;
  }

  /** -1: it can't be read. */
  *fromFile(name: string, separator: string): Run<string | undefined | -1> {
    if (!this.#others.has(name)) {
      try {
        const isInput = name === '-' || name === '/dev/stdin';
        this.#others.set(name, isInput ? yield* this.#process.readAll(0) : this.#process.files.read(name));
      } catch (error) {
        if (error instanceof Errno) return -1;
        throw error;
      }
    }
    return this.#take(name, separator);
  }

  *fromCommand(command: string, separator: string): Run<string | undefined> {
    if (!this.#others.has(command)) {
      const [read, write] = this.#process.pipe();
      const descriptors = new Map([
        [0, 0],
        [1, write],
        [2, 2],
      ]);
      const pid = this.#process.spawn(shellArgs(command), { descriptors });
      this.#process.close(write);
      this.#others.set(command, yield* this.#process.readAll(read));
      this.#process.close(read);
      yield* this.#process.wait(pid);
    }
    return this.#take(command, separator);
  }

  close(name: string): boolean {
    return this.#others.delete(name);
  }
}
