/**
 * The syntax of a shell script, as far as it can be told without running it how the script ends: simple commands with redirections,
 * pipes, `&&`, `||`, `!`, `if`, variables, `$(…)` and `$((…))`. Source: POSIX, Shell Command Language.
 */

/** The script has something that is not read here. */
export class UnreadScript extends Error {}

export type Part =
  | { form: 'text'; text: string; quoted: boolean }
  | { form: 'variable'; name: string; quoted: boolean }
  | { form: 'output'; of: Command; quoted: boolean }
  | { form: 'arithmetic'; of: Part[]; quoted: boolean };

export type Word = Part[];

export interface Redirect {
  /** `>`, `>>` or, for `2>&1`, `&`. */
  way: '>' | '>>' | '&';
  of: 1 | 2;
  to: Word;
}

export type Command =
  | { form: 'simple'; assignments: [name: string, value: Word][]; words: Word[]; redirects: Redirect[] }
  | { form: 'list'; parts: Command[] }
  | { form: 'both' | 'either'; left: Command; right: Command }
  | { form: 'pipe'; parts: Command[] }
  | { form: 'not'; of: Command }
  | { form: 'if'; branches: [test: Command, then: Command][]; otherwise: Command | undefined }
  /** The rest of the script: what comes before it may end it. */
  | { form: 'unread' };

/** Commands within one another. */
export const MAX_NESTING = 40;

const ENDS = new Set(['then', 'elif', 'else', 'fi']);
const OTHERS = new Set([
  'while',
  'until',
  'for',
  'case',
  'function',
  'select',
  'time',
  'do',
  'done',
  'esac',
  'in',
  '{',
  '}',
]);
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** Throws `UnreadScript`. The time it takes grows with the script. */
export function readScript(script: string): Command {
  const reader = new Reader(script);
  const list = reader.list(0, () => false);
  if (!reader.isAtEnd) throw new UnreadScript();
  return list;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  list(depth: number, isEnd: (word: string) => boolean): Command {
    if (depth > MAX_NESTING) throw new UnreadScript();
    const parts: Command[] = [];
    for (;;) {
      this.#skipBlanks(true);
      if (this.isAtEnd || this.#peek() === ')' || isEnd(this.#keyword())) return { form: 'list', parts };
      const part = depth === 0 ? this.#orRest() : this.#andOr(depth);
      parts.push(part);
      if (part.form === 'unread') return { form: 'list', parts };
      this.#skipBlanks(false);
      const c = this.#peek();
      if (c === ';' && this.#text[this.#at + 1] !== ';') this.#at++;
      else if (c !== '\n' && c !== '' && c !== ')') throw new UnreadScript();
    }
  }

  #orRest(): Command {
    try {
      return this.#andOr(0);
    } catch (error) {
      if (!(error instanceof UnreadScript)) throw error;
      this.#at = this.#text.length;
      return { form: 'unread' };
    }
  }

  #andOr(depth: number): Command {
    let left = this.#pipe(depth);
    for (;;) {
      this.#skipBlanks(false);
      const form = this.#take('&&') ? 'both' : this.#take('||') ? 'either' : undefined;
      if (!form) return left;
      this.#skipBlanks(true);
      left = { form, left, right: this.#pipe(depth) };
    }
  }

  #pipe(depth: number): Command {
    this.#skipBlanks(false);
    if (this.#keyword() === '!') {
      this.#at++;
      return { form: 'not', of: this.#pipe(depth + 1) };
    }
    const parts = [this.#command(depth)];
    for (;;) {
      this.#skipBlanks(false);
      if (this.#peek() !== '|' || this.#text[this.#at + 1] === '|') break;
      this.#at++;
      this.#skipBlanks(true);
      parts.push(this.#command(depth));
    }
    return parts.length === 1 ? parts[0]! : { form: 'pipe', parts };
  }

  #command(depth: number): Command {
    if (depth > MAX_NESTING) throw new UnreadScript();
    const keyword = this.#keyword();
    if (keyword === 'if') return this.#if(depth + 1);
    if (ENDS.has(keyword) || OTHERS.has(keyword) || this.#peek() === '(') throw new UnreadScript();
    return this.#simple(depth);
  }

  #if(depth: number): Command {
    const branches: [Command, Command][] = [];
    let otherwise: Command | undefined;
    const section = (...ends: string[]): Command => this.list(depth, (word) => ends.includes(word));
    const expect = (word: string): void => {
      if (this.#keyword() !== word) throw new UnreadScript();
      this.#at += word.length;
    };
    expect('if');
    for (;;) {
      const test = section('then');
      expect('then');
      branches.push([test, section('elif', 'else', 'fi')]);
      if (this.#keyword() !== 'elif') break;
      expect('elif');
    }
    if (this.#keyword() === 'else') {
      expect('else');
      otherwise = section('fi');
    }
    expect('fi');
    return { form: 'if', branches, otherwise };
  }

  #simple(depth: number): Command {
    const command: Command & { form: 'simple' } = { form: 'simple', assignments: [], words: [], redirects: [] };
    for (;;) {
      this.#skipBlanks(false);
      const c = this.#peek();
      if (c === '' || c === '\n' || c === ';' || c === '|' || c === ')') break;
      if (c === '&' && this.#text[this.#at + 1] === '&') break;
      if (c === '&' || c === '(') throw new UnreadScript();
      const redirect = this.#redirect(depth);
      if (redirect) command.redirects.push(redirect);
      else if (command.words.length > 0 || !this.#assignment(command, depth)) command.words.push(this.#word(depth));
    }
    if (command.words.length + command.assignments.length + command.redirects.length === 0) throw new UnreadScript();
    return command;
  }

  #redirect(depth: number): Redirect | undefined {
    const found = /([12]?)(>>|>)(&?)/y;
    found.lastIndex = this.#at;
    const match = found.exec(this.#text);
    if (!match) {
      if (this.#peek() === '<') throw new UnreadScript();
      return undefined;
    }
    this.#at = found.lastIndex;
    this.#skipBlanks(false);
    const way = match[3] ? '&' : (match[2] as '>' | '>>');
    return { way, of: match[1] === '2' ? 2 : 1, to: this.#word(depth) };
  }

  #assignment(command: Command & { form: 'simple' }, depth: number): boolean {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined || this.#text[this.#at + name.length] !== '=') return false;
    this.#at += name.length + 1;
    command.assignments.push([name, this.#word(depth)]);
    return true;
  }

  #word(depth: number): Word {
    const word: Word = [];
    let text = '';
    const flush = (quoted: boolean): void => {
      if (text !== '' || quoted) word.push({ form: 'text', text, quoted });
      text = '';
    };
    for (;;) {
      const c = this.#peek();
      if (c === '' || ' \t\n;&|()<>'.includes(c)) break;
      this.#at++;
      if (c === "'") {
        flush(false);
        const end = this.#text.indexOf("'", this.#at);
        if (end < 0) throw new UnreadScript();
        text = this.#text.slice(this.#at, end);
        this.#at = end + 1;
        flush(true);
      } else if (c === '"') {
        flush(false);
        this.#quoted(word, depth);
      } else if (c === '\\') {
        flush(false);
        const next = this.#peek();
        this.#at++;
        if (next === '\n') continue;
        text = next;
        flush(true);
      } else if (c === '$') {
        const part = this.#expansion(false, depth);
        if (part) {
          flush(false);
          word.push(part);
        } else text += c;
      } else if (c === '`' || '*?~'.includes(c)) throw new UnreadScript();
      else text += c;
    }
    flush(false);
    return word;
  }

  #quoted(word: Word, depth: number): void {
    let text = '';
    const flush = (): void => {
      word.push({ form: 'text', text, quoted: true });
      text = '';
    };
    for (;;) {
      const c = this.#peek();
      this.#at++;
      if (c === '' || c === '`') throw new UnreadScript();
      if (c === '"') break;
      if (c === '\\' && '$`"\\\n'.includes(this.#peek() || ' ')) {
        if (this.#peek() !== '\n') text += this.#peek();
        this.#at++;
      } else if (c === '$') {
        const part = this.#expansion(true, depth);
        if (part) {
          flush();
          word.push(part);
        } else text += c;
      } else text += c;
    }
    flush();
  }

  /** After a dollar sign; undefined: it is one that stands for itself. */
  #expansion(quoted: boolean, depth: number): Part | undefined {
    if (this.#take('((')) return this.#arithmetic(quoted, depth);
    if (this.#take('(')) {
      const of = this.list(depth + 1, () => false);
      if (!this.#take(')')) throw new UnreadScript();
      return { form: 'output', of, quoted };
    }
    const braced = this.#take('{');
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0] ?? (this.#peek() === '?' ? '?' : undefined);
    if (name !== undefined) this.#at += name.length;
    if (braced && (name === undefined || !this.#take('}'))) throw new UnreadScript();
    if (name !== undefined) return { form: 'variable', name, quoted };
    if (/[0-9@*#!$-]/.test(this.#peek() || ' ')) throw new UnreadScript();
    return undefined;
  }

  #arithmetic(quoted: boolean, depth: number): Part {
    const of: Part[] = [];
    for (;;) {
      if (this.#take('))')) return { form: 'arithmetic', of, quoted };
      const c = this.#peek();
      this.#at++;
      if (c === '$') {
        const part = this.#expansion(true, depth + 1);
        if (!part || depth > MAX_NESTING) throw new UnreadScript();
        of.push(part);
      } else if (c !== '' && /[0-9+\-*/% \t\n]/.test(c)) of.push({ form: 'text', text: c, quoted: true });
      else throw new UnreadScript();
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** The plain word that stands here, if it ends where a word can. */
  #keyword(): string {
    const word = /(?:[A-Za-z]{1,8}|[!{}])(?=[\s;&|()<>]|$)/y;
    word.lastIndex = this.#at;
    return word.exec(this.#text)?.[0] ?? '';
  }

  #skipBlanks(lines: boolean): void {
    for (;;) {
      const c = this.#peek();
      if (c === ' ' || c === '\t' || (lines && c === '\n')) this.#at++;
      else if (c === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
      else if (c === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else return;
    }
  }
}
