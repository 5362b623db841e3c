/**
 * The syntax of a shell script, as far as it can be told without running it how the script ends: simple commands with redirections,
 * pipes, `&&`, `||`, `!`, `if`, variables, `$(…)` and `$((…))`. Source: POSIX, Shell Command Language.
 */

import { type Command, MAX_NESTING, type Redirect, UnreadScript } from './script-commands.ts';
import { ScriptCursor } from './script-cursor.ts';
import { NAME, WordReader } from './script-words.ts';

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
/** Throws `UnreadScript`. The time it takes grows with the script. */
export function readScript(script: string): Command {
  const reader = new Reader(script);
  const list = reader.list(0, () => false);
  if (!reader.isAtEnd) throw new UnreadScript();
  return list;
}

class Reader {
  readonly #cursor: ScriptCursor;
  readonly #words: WordReader;

  constructor(text: string) {
    this.#cursor = new ScriptCursor(text);
    this.#words = new WordReader(this.#cursor, (depth) => this.list(depth, () => false));
  }

  get isAtEnd(): boolean {
    return this.#cursor.isAtEnd;
  }

  list(depth: number, isEnd: (word: string) => boolean): Command {
    if (depth > MAX_NESTING) throw new UnreadScript();
    const parts: Command[] = [];
    for (;;) {
      this.#cursor.skipBlanks(true);
      if (this.#cursor.isAtEnd || this.#cursor.peek() === ')' || isEnd(this.#cursor.keyword()))
        return { form: 'list', parts };
      const part = depth === 0 ? this.#orRest() : this.#andOr(depth);
      parts.push(part);
      if (part.form === 'unread') return { form: 'list', parts };
      this.#cursor.skipBlanks(false);
      const c = this.#cursor.peek();
      if (c === ';' && this.#cursor.text[this.#cursor.at + 1] !== ';') this.#cursor.at++;
      else if (c !== '\n' && c !== '' && c !== ')') throw new UnreadScript();
    }
  }

  #orRest(): Command {
    try {
      return this.#andOr(0);
    } catch (error) {
      if (!(error instanceof UnreadScript)) throw error;
      this.#cursor.at = this.#cursor.text.length;
      return { form: 'unread' };
    }
  }

  #andOr(depth: number): Command {
    let left = this.#pipe(depth);
    for (;;) {
      this.#cursor.skipBlanks(false);
      const form = this.#cursor.take('&&') ? 'both' : this.#cursor.take('||') ? 'either' : undefined;
      if (!form) return left;
      this.#cursor.skipBlanks(true);
      left = { form, left, right: this.#pipe(depth) };
    }
  }

  #pipe(depth: number): Command {
    this.#cursor.skipBlanks(false);
    if (this.#cursor.keyword() === '!') {
      this.#cursor.at++;
      return { form: 'not', of: this.#pipe(depth + 1) };
    }
    const parts = [this.#command(depth)];
    for (;;) {
      this.#cursor.skipBlanks(false);
      if (this.#cursor.peek() !== '|' || this.#cursor.text[this.#cursor.at + 1] === '|') break;
      this.#cursor.at++;
      this.#cursor.skipBlanks(true);
      parts.push(this.#command(depth));
    }
    return parts.length === 1 ? parts[0]! : { form: 'pipe', parts };
  }

  #command(depth: number): Command {
    if (depth > MAX_NESTING) throw new UnreadScript();
    const keyword = this.#cursor.keyword();
    if (keyword === 'if') return this.#if(depth + 1);
    if (ENDS.has(keyword) || OTHERS.has(keyword) || this.#cursor.peek() === '(') throw new UnreadScript();
    return this.#simple(depth);
  }

  #if(depth: number): Command {
    const branches: [Command, Command][] = [];
    let otherwise: Command | undefined;
    const section = (...ends: string[]): Command => this.list(depth, (word) => ends.includes(word));
    const expect = (word: string): void => {
      if (this.#cursor.keyword() !== word) throw new UnreadScript();
      this.#cursor.at += word.length;
    };
    expect('if');
    for (;;) {
      const test = section('then');
      expect('then');
      branches.push([test, section('elif', 'else', 'fi')]);
      if (this.#cursor.keyword() !== 'elif') break;
      expect('elif');
    }
    if (this.#cursor.keyword() === 'else') {
      expect('else');
      otherwise = section('fi');
    }
    expect('fi');
    return { form: 'if', branches, otherwise };
  }

  #simple(depth: number): Command {
    const command: Command & { form: 'simple' } = { form: 'simple', assignments: [], words: [], redirects: [] };
    for (;;) {
      this.#cursor.skipBlanks(false);
      const c = this.#cursor.peek();
      if (c === '' || c === '\n' || c === ';' || c === '|' || c === ')') break;
      if (c === '&' && this.#cursor.text[this.#cursor.at + 1] === '&') break;
      if (c === '&' || c === '(') throw new UnreadScript();
      const redirect = this.#redirect(depth);
      if (redirect) command.redirects.push(redirect);
      else if (command.words.length > 0 || !this.#assignment(command, depth))
        command.words.push(this.#words.word(depth));
    }
    if (command.words.length + command.assignments.length + command.redirects.length === 0) throw new UnreadScript();
    return command;
  }

  #redirect(depth: number): Redirect | undefined {
    const found = /([12]?)(>>|>)(&?)/y;
    found.lastIndex = this.#cursor.at;
    const match = found.exec(this.#cursor.text);
    if (!match) {
      if (this.#cursor.peek() === '<') throw new UnreadScript();
      return undefined;
    }
    this.#cursor.at = found.lastIndex;
    this.#cursor.skipBlanks(false);
    const way = match[3] ? '&' : (match[2] as '>' | '>>');
    return { way, of: match[1] === '2' ? 2 : 1, to: this.#words.word(depth) };
  }

  #assignment(command: Command & { form: 'simple' }, depth: number): boolean {
    NAME.lastIndex = this.#cursor.at;
    const name = NAME.exec(this.#cursor.text)?.[0];
    if (name === undefined || this.#cursor.text[this.#cursor.at + name.length] !== '=') return false;
    this.#cursor.at += name.length + 1;
    command.assignments.push([name, this.#words.word(depth)]);
    return true;
  }
}
