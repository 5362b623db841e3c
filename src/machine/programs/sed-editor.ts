/** Runs the commands of sed on one line after the other. */
import type { Bytes } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { UsageError } from './applet.ts';
import type { Regex } from './regex.ts';
import type { LineSource } from './sed-lines.ts';
import { replace, visible } from './sed-replace.ts';
import type { Address, Command, End, Substitution } from './sed-script.ts';

/** What follows the commands of one line. */
type Next = 'next' | 'again' | { quit: number };

export class Editor {
  out = '';
  #pattern = '';
  #hold = '';
  #number = 0;
  #hasReplaced = false;
  /** The last line that was printed lacks its `\n`, as its input did; whatever follows has it first. */
  #owesEnd = false;
  #lastRegex: Regex | undefined;
  readonly #appended: string[] = [];
  /** Of a range that is under way: the line at which it ends, or undefined where a pattern ends it. */
  readonly #ranges = new Map<Command, number | undefined>();
  readonly #written = new Map<string, Bytes>();
  readonly #commands: readonly Command[];
  readonly #source: LineSource;
  readonly #process: Process;
  readonly #isQuiet: boolean;

  constructor(process: Process, commands: readonly Command[], source: LineSource, isQuiet: boolean) {
    this.#process = process;
    this.#commands = commands;
    this.#source = source;
    this.#isQuiet = isQuiet;
  }

  *run(flush: (out: Bytes) => Run): Run<number> {
    let isAgain = false;
    for (;;) {
      if (!isAgain) {
        const line = yield* this.#source.next();
        if (line === undefined) return 0;
        this.#pattern = line;
        this.#number++;
      }
      this.#hasReplaced = false;
      this.#process.work(this.#commands.length + 1);
      const next = yield* this.#cycle();
      yield* flush(this.out);
      this.out = '';
      if (typeof next === 'object') return next.quit;
      isAgain = next === 'again';
    }
  }

  finish(): void {
    for (const [path, text] of this.#written) this.#process.files.write(path, text);
  }

  #emit(text: Bytes): void {
    this.out += (this.#owesEnd ? '\n' : '') + text;
    this.#owesEnd = false;
  }

  #line(text: string): void {
    const isCut = !this.#source.isWhole && this.#source.isLast;
    this.#emit(isCut ? text : `${text}\n`);
    this.#owesEnd = isCut;
  }

  #endCycle(): void {
    if (!this.#isQuiet) this.#line(this.#pattern);
    this.#append();
  }

  #append(): void {
    for (const text of this.#appended.splice(0)) this.#emit(text);
  }

  *#cycle(): Run<Next> {
    for (let i = 0; i < this.#commands.length; i++) {
      const command = this.#commands[i]!;
      if (this.#selects(command) === command.isNegated) {
        if (command.name === '{') i = command.target;
        continue;
      }
      const { name } = command;
      if (name === 'n' || name === 'N') {
        if (this.#source.isLast) {
          // POSIX would drop the line at N; both of ours print it.
          if (name === 'n' || !this.#isQuiet) this.#endCycle();
          return { quit: 0 };
        }
        if (name === 'n' && !this.#isQuiet) this.#line(this.#pattern);
        this.#append();
        const line = (yield* this.#source.next())!;
        this.#pattern = name === 'n' ? line : `${this.#pattern}\n${line}`;
        this.#number++;
      } else if (name === 'b' || (name === 't' && this.#hasReplaced) || (name === 'T' && !this.#hasReplaced)) {
        this.#hasReplaced = name === 'b' ? this.#hasReplaced : false;
        this.#process.work(1);
        i = command.target - 1;
      } else if (name === 'T') this.#hasReplaced = false;
      else if (name === 'd') {
        this.#append();
        return 'next';
      } else if (name === 'D') {
        const end = this.#pattern.indexOf('\n');
        this.#append();
        if (end < 0) return 'next';
        this.#pattern = this.#pattern.slice(end + 1);
        return 'again';
      } else if (name === 'c') {
        if (command.to === undefined || command.isNegated || !this.#ranges.has(command)) this.#emit(command.text);
        return 'next';
      } else if (name === 'q') {
        this.#endCycle();
        return { quit: command.status };
      } else if (name === 'Q') return { quit: command.status };
      else this.#edit(command);
    }
    this.#endCycle();
    return 'next';
  }

  /** The commands that only change what is held or print something. */
  #edit(command: Command): void {
    switch (command.name) {
      case 's':
        this.#substitute(command.substitution!);
        break;
      case 'y':
        this.#pattern = [...this.#pattern].map((character) => command.map!.get(character) ?? character).join('');
        break;
      case 'p':
        this.#line(this.#pattern);
        break;
      case 'P':
        this.#emit(`${this.#pattern.split('\n', 1)[0]}\n`);
        break;
      case 'g':
        this.#pattern = this.#hold;
        break;
      case 'G':
        this.#pattern += `\n${this.#hold}`;
        break;
      case 'h':
        this.#hold = this.#pattern;
        break;
      case 'H':
        this.#hold += `\n${this.#pattern}`;
        break;
      case 'x':
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        break;
      case 'z':
        this.#pattern = '';
        break;
      case '=':
        this.#emit(`${this.#number}\n`);
        break;
      case 'a':
        this.#appended.push(command.text);
        break;
      case 'i':
        this.#emit(command.text);
        break;
      case 'l':
        this.#emit(`${visible(this.#pattern)}$\n`);
        break;
      case 'r':
        if (this.#process.files.exists(command.text)) this.#appended.push(this.#process.files.read(command.text));
        break;
      case 'w':
        this.#writeTo(command.text, `${this.#pattern}\n`);
        break;
    }
  }

  #writeTo(path: string, text: Bytes): void {
    if (path === '/dev/stdout') this.#emit(text);
    else this.#written.set(path, (this.#written.get(path) ?? '') + text);
  }

  #regex(regex: Regex | undefined): Regex {
    const used = regex ?? this.#lastRegex;
    if (used === undefined) throw new UsageError('no previous regexp');
    this.#lastRegex = used;
    return used;
  }

  #isAt(address: Address): boolean {
    if (address.kind === 'line') return address.line === this.#number;
    if (address.kind === 'last') return this.#source.isLast;
    if (address.kind === 'regex') return this.#regex(address.regex).test(this.#pattern);
    const { first, step } = address;
    return step === 0 ? this.#number === first : this.#number >= first && (this.#number - first) % step === 0;
  }

  #selects(command: Command): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return this.#isAt(from);
    if (this.#ranges.has(command)) {
      const end = this.#ranges.get(command);
      const isOver = end === undefined ? this.#isAt(to as Address) : this.#number >= end;
      if (isOver) this.#ranges.delete(command);
      return end === undefined || this.#number <= end;
    }
    const isStart = from.kind === 'line' && from.line === 0 ? this.#number === 1 : this.#isAt(from);
    if (!isStart) return false;
    const end = this.#rangeEnd(to);
    if (from.kind === 'line' && from.line === 0 && this.#isAt(to as Address)) return true;
    if (end === undefined || end > this.#number) this.#ranges.set(command, end);
    return true;
  }

  #rangeEnd(to: End): number | undefined {
    if (to.kind === 'line') return to.line;
    if (to.kind === 'plus') return this.#number + to.lines;
    if (to.kind === 'multiple') return to.of === 0 ? this.#number : Math.ceil(this.#number / to.of) * to.of;
    return to.kind === 'last' && this.#source.isLast ? this.#number : undefined;
  }

  #substitute({ regex, replacement, isGlobal, nth, prints, file }: Substitution): void {
    const used = this.#regex(regex);
    const text = this.#pattern;
    let out = '';
    let at = 0;
    let from = 0;
    let count = 0;
    let hasChanged = false;
    while (from <= text.length) {
      const match = used.find(text, from);
      if (match === undefined) break;
      const isEmpty = match.end === match.start;
      // Nothing right behind a match is no match.
      if (!(isEmpty && match.start === at && count > 0 && from === at)) {
        count++;
        if (count >= nth) {
          out += text.slice(at, match.start) + replace(replacement, match.groups);
          at = match.end;
          hasChanged = true;
          if (!isGlobal) break;
        } else {
          out += text.slice(at, match.end);
          at = match.end;
        }
      }
      from = isEmpty ? match.end + 1 : match.end;
    }
    if (!hasChanged) return;
    this.#pattern = out + text.slice(at);
    this.#process.work(1 + this.#pattern.length / 1024);
    this.#hasReplaced = true;
    if (prints) this.#line(this.#pattern);
    if (file !== undefined) this.#writeTo(file, `${this.#pattern}\n`);
  }
}
