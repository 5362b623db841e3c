/** The script of sed, read into commands. */
import { Failure } from './applet.ts';
import { compileRegex, type Regex } from './regex.ts';

export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'step'; first: number; step: number }
  /** Undefined: the one that was used last. */
  | { kind: 'regex'; regex: Regex | undefined };

export type End = Address | { kind: 'plus'; lines: number } | { kind: 'multiple'; of: number };

export interface Command {
  from?: Address;
  to?: End;
  isNegated: boolean;
  name: string;
  /** Text of a, i, c; label of b, t, T; file of r, w. */
  text: string;
  /** Of `{`: where its `}` is; of `}`: nothing. Of a jump: where to. */
  target: number;
  /** Of q and Q: the exit code. */
  status: number;
  substitution?: Substitution;
  /** Of y. */
  map?: ReadonlyMap<string, string>;
}

export interface Substitution {
  regex: Regex | undefined;
  replacement: readonly Part[];
  isGlobal: boolean;
  nth: number;
  prints: boolean;
  file: string | undefined;
}

/** Of a replacement: text, a group, or a change of case from here on. */
export type Part = { text: string } | { group: number } | { case: 'U' | 'L' | 'u' | 'l' | 'E' };

/** Commands of one script. */
export const MAX_COMMANDS = 2000;

export function parseScript(source: string, isExtended: boolean): Command[] {
  const parser = new Parser(source, isExtended);
  const commands: Command[] = [];
  const open: number[] = [];
  for (let command = parser.next(); command !== undefined; command = parser.next()) {
    if (commands.length >= MAX_COMMANDS) throw new Failure('script too long');
    if (command.name === '{') open.push(commands.length);
    if (command.name === '}') {
      const start = open.pop();
      if (start === undefined) throw new Failure('unexpected }');
      commands[start]!.target = commands.length;
    }
    commands.push(command);
  }
  if (open.length > 0) throw new Failure('unmatched {');
  const labels = new Map(
    commands.flatMap(({ name, text }, i): [string, number][] => (name === ':' ? [[text, i]] : [])),
  );
  for (const command of commands) {
    if (!'btT'.includes(command.name)) continue;
    const target = command.text === '' ? commands.length : labels.get(command.text);
    if (target === undefined) throw new Failure(`can't find label for jump to '${command.text}'`);
    command.target = target;
  }
  return commands;
}

class Parser {
  readonly #source: string;
  readonly #isExtended: boolean;
  #at = 0;

  constructor(source: string, isExtended: boolean) {
    this.#source = source;
    this.#isExtended = isExtended;
  }

  next(): Command | undefined {
    this.#skip(/[\s;]*/y);
    while (this.#source[this.#at] === '#') {
      this.#skip(/[^\n]*/y);
      this.#skip(/[\s;]*/y);
    }
    if (this.#at >= this.#source.length) return undefined;
    const command: Command = { isNegated: false, name: '', text: '', target: 0, status: 0 };
    const from = this.#address();
    if (from !== undefined) {
      command.from = from;
      this.#skip(/[ \t]*/y);
      if (this.#source[this.#at] === ',') {
        this.#at++;
        this.#skip(/[ \t]*/y);
        const to = this.#end();
        if (to === undefined) throw new Failure('no address after comma');
        command.to = to;
      }
    }
    this.#skip(/[ \t]*/y);
    if (this.#source[this.#at] === '!') {
      command.isNegated = true;
      this.#at++;
      this.#skip(/[ \t!]*/y);
    }
    command.name = this.#source[this.#at++] ?? '';
    if (command.name === '') throw new Failure('missing command');
    this.#arguments(command);
    return command;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #address(): Address | undefined {
    const at = this.#source[this.#at];
    if (at === '$') {
      this.#at++;
      return { kind: 'last' };
    }
    if (at !== undefined && /\d/.test(at)) {
      const line = Number(this.#skip(/\d+/y));
      if (this.#source[this.#at] !== '~') return { kind: 'line', line };
      this.#at++;
      return { kind: 'step', first: line, step: Number(this.#skip(/\d*/y)) };
    }
    if (at !== '/' && at !== '\\') return undefined;
    if (at === '\\') this.#at++;
    const pattern = this.#until(this.#source[this.#at++]!, true);
    const flags = this.#skip(/[IM]*/y);
    return { kind: 'regex', regex: this.#regex(pattern, flags.includes('I'), flags.includes('M')) };
  }

  #end(): End | undefined {
    const [, sign, count] = /^([+~])(\d+)/.exec(this.#source.slice(this.#at)) ?? [];
    if (sign === undefined) return this.#address();
    this.#at += 1 + count!.length;
    return sign === '+' ? { kind: 'plus', lines: Number(count) } : { kind: 'multiple', of: Number(count) };
  }

  #regex(pattern: string, ignoresCase: boolean, isMultiline: boolean): Regex | undefined {
    return pattern === ''
      ? undefined
      : compileRegex(pattern, { isExtended: this.#isExtended, ignoresCase, isMultiline });
  }

  /** Up to a delimiter, which a backslash makes part of the text. */
  #until(delimiter: string, isPattern: boolean): string {
    let out = '';
    let inBrackets = false;
    for (;;) {
      const at = this.#source[this.#at++];
      if (at === undefined || (at === '\n' && isPattern)) throw new Failure(`unmatched '${delimiter}'`);
      if (at === '\\') {
        const next = this.#source[this.#at++] ?? '';
        if (next === delimiter) out += isPattern && /[.*[\]^$+?(){}|]/.test(delimiter) ? `\\${next}` : next;
        else out += isPattern && next === '\n' ? '\\n' : `\\${next}`;
      } else if (at === delimiter && !inBrackets) return out;
      else {
        if (isPattern && at === '[' && !inBrackets) {
          // A `]` right behind the start is one of the members.
          const start = /^\^?\]?/.exec(this.#source.slice(this.#at))![0];
          const close = this.#source.indexOf(']', this.#at + start.length);
          if (close > 0 && !this.#source.slice(this.#at, close).includes('\n')) {
            out += at + start;
            this.#at += start.length;
            inBrackets = true;
            continue;
          }
        }
        if (at === ']') inBrackets = false;
        out += at;
      }
    }
  }

  #arguments(command: Command): void {
    const { name } = command;
    if (name === '}' || '=dDgGhHlnNpPxzF'.includes(name)) this.#endOfCommand();
    else if (name === '{') return;
    else if ('aic'.includes(name)) command.text = this.#text();
    else if (name === ':') command.text = this.#skip(/[^\n;]*/y).trim();
    else if ('btT'.includes(name)) command.text = this.#skip(/[^\n;}]*/y).trim();
    else if ('rwW'.includes(name)) {
      command.text = this.#skip(/[^\n]*/y).trim();
      if (command.text === '') throw new Failure('missing filename in r/R/w/W commands');
    } else if ('qQ'.includes(name)) {
      command.status = Number(this.#skip(/[ \t]*\d*/y)) || 0;
      this.#endOfCommand();
    } else if (name === 's') command.substitution = this.#substitution();
    else if (name === 'y') command.map = this.#map();
    else throw new Failure(`unsupported command ${name}`);
  }

  #endOfCommand(): void {
    this.#skip(/[ \t]*/y);
    const at = this.#source[this.#at];
    if (at !== undefined && !/[\n;}#]/.test(at)) throw new Failure('extra characters after command');
  }

  /** Of a, i and c: in the same line, or in those behind a backslash. */
  #text(): string {
    this.#skip(/[ \t]*/y);
    if (this.#source[this.#at] === '\\') {
      this.#at++;
      // Blanks before a text in the same line are part of it.
      this.#skip(/[ \t]*\n/y);
    }
    let out = '';
    for (;;) {
      const at = this.#source[this.#at++];
      if (at === undefined || at === '\n') return `${out}\n`;
      if (at === '\\') {
        const next = this.#source[this.#at++] ?? '';
        out += next === 't' ? '\t' : next;
      } else out += at;
    }
  }

  #map(): ReadonlyMap<string, string> {
    const delimiter = this.#source[this.#at++] ?? '';
    const characters = (text: string): string[] =>
      (text.match(/\\.|[^\\]/gs) ?? []).map((part) =>
        part === '\\n' ? '\n' : part === '\\t' ? '\t' : part.replace(/^\\/, ''),
      );
    const [from, to] = [characters(this.#until(delimiter, false)), characters(this.#until(delimiter, false))];
    if (from.length !== to.length) throw new Failure('y command strings have different lengths');
    this.#endOfCommand();
    return new Map(from.map((character, i) => [character, to[i]!]));
  }

  #substitution(): Substitution {
    const delimiter = this.#source[this.#at++];
    if (delimiter === undefined || delimiter === '\n') throw new Failure('bad format in substitution expression');
    const pattern = this.#until(delimiter, true);
    const replacement = parseReplacement(this.#until(delimiter, false));
    const flags = this.#skip(/[gpiIMme0-9]*/y);
    const nth = /\d+/.exec(flags)?.[0];
    let file: string | undefined;
    if (this.#source[this.#at] === 'w') {
      this.#at++;
      file = this.#skip(/[^\n]*/y).trim();
    } else {
      const at = this.#skip(/[ \t]*/y) && this.#source[this.#at];
      const next = at === '' || at === undefined ? this.#source[this.#at] : at;
      if (next !== undefined && !/[\n;}#]/.test(next)) throw new Failure('bad option in substitution expression');
    }
    const regex = this.#regex(pattern, /i/i.test(flags), /m/i.test(flags));
    const most = replacement.reduce((sum, part) => Math.max(sum, 'group' in part ? part.group : 0), 0);
    if (regex !== undefined && most > regex.groups) throw new Failure(`invalid reference \\${most} on s command's RHS`);
    return {
      regex,
      replacement,
      isGlobal: flags.includes('g'),
      nth: nth === undefined ? 1 : Number(nth),
      prints: flags.includes('p'),
      file,
    };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' };

function parseReplacement(source: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  const push = (part: Part): void => {
    if (text !== '') parts.push({ text });
    text = '';
    parts.push(part);
  };
  for (let i = 0; i < source.length; i++) {
    const at = source[i]!;
    if (at === '&') push({ group: 0 });
    else if (at === '\\') {
      const next = source[++i] ?? '\\';
      if (/\d/.test(next)) push({ group: Number(next) });
      else if (/[ULulE]/.test(next)) push({ case: next as 'U' });
      else text += ESCAPES[next] ?? next;
    } else text += at;
  }
  if (text !== '') parts.push({ text });
  return parts;
}
