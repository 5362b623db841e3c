/** The words of a shell script: quotes, variables, `$(…)` and `$((…))`. Source: POSIX, Shell Command Language. */

import { type Command, MAX_NESTING, type Part, UnreadScript, type Word } from './script-commands.ts';
import type { ScriptCursor } from './script-cursor.ts';

export const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

export class WordReader {
  readonly #cursor: ScriptCursor;
  /** Reads the commands within a `$(…)`. */
  readonly #list: (depth: number) => Command;

  constructor(cursor: ScriptCursor, list: (depth: number) => Command) {
    this.#cursor = cursor;
    this.#list = list;
  }

  word(depth: number): Word {
    const word: Word = [];
    let text = '';
    const flush = (quoted: boolean): void => {
      if (text !== '' || quoted) word.push({ form: 'text', text, quoted });
      text = '';
    };
    for (;;) {
      const c = this.#cursor.peek();
      if (c === '' || ' \t\n;&|()<>'.includes(c)) break;
      this.#cursor.at++;
      if (c === "'") {
        flush(false);
        const end = this.#cursor.text.indexOf("'", this.#cursor.at);
        if (end < 0) throw new UnreadScript();
        text = this.#cursor.text.slice(this.#cursor.at, end);
        this.#cursor.at = end + 1;
        flush(true);
      } else if (c === '"') {
        flush(false);
        this.#quoted(word, depth);
      } else if (c === '\\') {
        flush(false);
        const next = this.#cursor.peek();
        this.#cursor.at++;
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
      const c = this.#cursor.peek();
      this.#cursor.at++;
      if (c === '' || c === '`') throw new UnreadScript();
      if (c === '"') break;
      if (c === '\\' && '$`"\\\n'.includes(this.#cursor.peek() || ' ')) {
        if (this.#cursor.peek() !== '\n') text += this.#cursor.peek();
        this.#cursor.at++;
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
    if (this.#cursor.take('((')) return this.#arithmetic(quoted, depth);
    if (this.#cursor.take('(')) {
      const of = this.#list(depth + 1);
      if (!this.#cursor.take(')')) throw new UnreadScript();
      return { form: 'output', of, quoted };
    }
    const braced = this.#cursor.take('{');
    NAME.lastIndex = this.#cursor.at;
    const name = NAME.exec(this.#cursor.text)?.[0] ?? (this.#cursor.peek() === '?' ? '?' : undefined);
    if (name !== undefined) this.#cursor.at += name.length;
    if (braced && (name === undefined || !this.#cursor.take('}'))) throw new UnreadScript();
    if (name !== undefined) return { form: 'variable', name, quoted };
    if (/[0-9@*#!$-]/.test(this.#cursor.peek() || ' ')) throw new UnreadScript();
    return undefined;
  }

  #arithmetic(quoted: boolean, depth: number): Part {
    const of: Part[] = [];
    for (;;) {
      if (this.#cursor.take('))')) return { form: 'arithmetic', of, quoted };
      const c = this.#cursor.peek();
      this.#cursor.at++;
      if (c === '$') {
        const part = this.#expansion(true, depth + 1);
        if (!part || depth > MAX_NESTING) throw new UnreadScript();
        of.push(part);
      } else if (c !== '' && /[0-9+\-*/% \t\n]/.test(c)) of.push({ form: 'text', text: c, quoted: true });
      else throw new UnreadScript();
    }
  }
}
