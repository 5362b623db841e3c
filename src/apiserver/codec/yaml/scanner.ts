/** YAML as tokens, in one pass. models go.yaml.in/yaml/v2/scannerc.go, whose words for what is wrong it has. */

import { readAnchor, readTag } from './properties.ts';
import { isBlankOrEnd, isBreak, Reader, SPACE, TAB } from './reader.ts';
import { readBlock, readPlain, readQuoted } from './scalars.ts';
import { MAX_YAML_DEPTH, type PossibleKey, type Token, type TokenType, tooDeep } from './tokens.ts';

/** Characters between a key's beginning and its `:`. */
export const MAX_KEY_LENGTH = 1024;

const INDICATORS = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((c) => c.charCodeAt(0)));
export class Scanner {
  readonly #reader: Reader;
  #queue: Token[] = [];
  #head = 0;
  /** Tokens taken before the head of the queue. */
  #taken = 0;
  #flow = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** One for each flow collection that is open, and one for the block around. */
  readonly #keys: (PossibleKey | undefined)[] = [undefined];
  #keyAllowed = true;
  /** Of the next token. */
  #pending: PossibleKey | undefined;

  constructor(text: string) {
    this.#reader = new Reader(text);
  }

  peek(): Token {
    for (;;) {
      const token = this.#queue[this.#head];
      // What may turn out to be a key waits until that is known.
      if (token && !(token.key && this.#isValid(token.key))) return token;
      this.#fetch();
    }
  }

  skip(): void {
    this.#head++;
    this.#taken++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
  }

  #push(type: TokenType, line: number, value = '', plain = false, suffix = ''): void {
    this.#queue.push({ type, line, value, plain, suffix, key: this.#pending });
    this.#pending = undefined;
  }

  /** Before the token with this number. */
  #insert(type: TokenType, line: number, number: number): void {
    const token: Token = { type, line, value: '', plain: false, suffix: '', key: undefined };
    this.#queue.splice(this.#head + number - this.#taken, 0, token);
  }

  #isValid(key: PossibleKey): boolean {
    if (!key.possible) return false;
    const { line, at } = this.#reader;
    if (key.line === line && key.at + MAX_KEY_LENGTH >= at) return true;
    this.#giveUp(key);
    return false;
  }

  #giveUp(key: PossibleKey): void {
    if (key.possible && key.required) throw this.#reader.failure(key.line, "could not find expected ':'");
    key.possible = false;
  }

  #forgetKey(): void {
    const key = this.#keys.at(-1);
    if (key) this.#giveUp(key);
    this.#keys[this.#keys.length - 1] = undefined;
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return;
    const { at, line, column } = this.#reader;
    this.#forgetKey();
    const number = this.#taken + this.#queue.length - this.#head;
    const required = this.#flow === 0 && this.#indent === column;
    const key: PossibleKey = { possible: true, required, number, at, line, column };
    this.#keys[this.#keys.length - 1] = key;
    this.#pending = key;
  }

  #roll(column: number, type: TokenType, line: number, number?: number): void {
    if (this.#flow > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (this.#indents.length > MAX_YAML_DEPTH) throw tooDeep(this.#reader.line + 1);
    if (number === undefined) this.#push(type, line);
    else this.#insert(type, line, number);
  }

  #unroll(column: number): void {
    if (this.#flow > 0) return;
    while (this.#indent > column) {
      this.#push('block end', this.#reader.line);
      this.#indent = this.#indents.pop()!;
    }
  }

  #fetch(): void {
    const reader = this.#reader;
    this.#toNextToken();
    this.#unroll(reader.column);
    const c = reader.peek();
    if (reader.atEnd) this.#streamEnd();
    else if (reader.column === 0 && c === 37) this.#directive();
    else if (reader.atDocumentIndicator()) this.#documentIndicator(c === 45 ? 'document start' : 'document end');
    else if (!this.#fetchSign(c) && !this.#fetchSpaced(c, isBlankOrEnd(reader.peek(1))))
      throw reader.failure(reader.line, 'found character that cannot start any token');
  }

  /** What its first character tells. */
  #fetchSign(c: number): boolean {
    if (c === 91) this.#open('[');
    else if (c === 123) this.#open('{');
    else if (c === 93) this.#close(']');
    else if (c === 125) this.#close('}');
    else if (c === 44) this.#entry();
    else if (c === 42) this.#anchor('alias');
    else if (c === 38) this.#anchor('anchor');
    else if (c === 33) this.#tag();
    else if (c === 39 || c === 34) this.#quoted(c === 39);
    else return false;
    return true;
  }

  /** What the next one tells too: a sign stands alone, and is text otherwise. */
  #fetchSpaced(c: number, spaced: boolean): boolean {
    const inFlow = this.#flow > 0;
    if (c === 45 && spaced) this.#blockEntry();
    else if (c === 63 && (inFlow || spaced)) this.#key();
    else if (c === 58 && (inFlow || spaced)) this.#value();
    else if ((c === 124 || c === 62) && !inFlow) this.#block(c === 124);
    else if (c === 45 || c === 63 || c === 58 || !(INDICATORS.has(c) || isBlankOrEnd(c))) this.#plain();
    else return false;
    return true;
  }

  #toNextToken(): void {
    const reader = this.#reader;
    for (;;) {
      for (;;) {
        const c = reader.peek();
        if (c !== SPACE && !(c === TAB && (this.#flow > 0 || !this.#keyAllowed))) break;
        reader.at++;
      }
      if (reader.peek() === 35) reader.readLine();
      if (!isBreak(reader.peek())) return;
      reader.readBreak();
      if (this.#flow === 0) this.#keyAllowed = true;
    }
  }

  #streamEnd(): void {
    this.#reader.endLine();
    this.#unroll(-1);
    this.#forgetKey();
    this.#keyAllowed = false;
    this.#push('stream end', this.#reader.line);
  }

  #directive(): void {
    this.#unroll(-1);
    this.#forgetKey();
    this.#keyAllowed = false;
    const { line } = this.#reader;
    this.#push('directive', line, this.#reader.readLine());
  }

  #documentIndicator(type: TokenType): void {
    this.#unroll(-1);
    this.#forgetKey();
    this.#keyAllowed = false;
    this.#step(type, 3);
  }

  #step(type: TokenType, characters = 1): void {
    const { line } = this.#reader;
    this.#reader.at += characters;
    this.#push(type, line);
  }

  #open(type: TokenType): void {
    this.#saveKey();
    this.#keys.push(undefined);
    if (++this.#flow > MAX_YAML_DEPTH) throw tooDeep(this.#reader.line + 1);
    this.#keyAllowed = true;
    this.#step(type);
  }

  #close(type: TokenType): void {
    this.#forgetKey();
    if (this.#flow > 0) {
      this.#flow--;
      this.#keys.pop();
    }
    this.#keyAllowed = false;
    this.#step(type);
  }

  #entry(): void {
    this.#forgetKey();
    this.#keyAllowed = true;
    this.#step(',');
  }

  #blockEntry(): void {
    const { line, column } = this.#reader;
    if (this.#flow === 0) {
      if (!this.#keyAllowed) throw this.#reader.failure(line, 'block sequence entries are not allowed in this context');
      this.#roll(column, 'block sequence', line);
    }
    this.#forgetKey();
    this.#keyAllowed = true;
    this.#step('-');
  }

  #key(): void {
    const { line, column } = this.#reader;
    if (this.#flow === 0) {
      if (!this.#keyAllowed) throw this.#reader.failure(line, 'mapping keys are not allowed in this context');
      this.#roll(column, 'block mapping', line);
    }
    this.#forgetKey();
    this.#keyAllowed = this.#flow === 0;
    this.#step('key');
  }

  #value(): void {
    const { line, column } = this.#reader;
    const key = this.#keys.at(-1);
    if (key && this.#isValid(key)) {
      this.#insert('key', key.line, key.number);
      this.#roll(key.column, 'block mapping', key.line, key.number);
      key.possible = false;
      this.#keys[this.#keys.length - 1] = undefined;
      this.#keyAllowed = false;
    } else {
      if (this.#flow === 0) {
        if (!this.#keyAllowed) throw this.#reader.failure(line, 'mapping values are not allowed in this context');
        this.#roll(column, 'block mapping', line);
      }
      this.#keyAllowed = this.#flow === 0;
    }
    this.#step('value');
  }

  #anchor(type: TokenType): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { line } = this.#reader;
    this.#push(type, line, readAnchor(this.#reader));
  }

  #tag(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { line } = this.#reader;
    const { handle, suffix } = readTag(this.#reader);
    this.#push('tag', line, handle, false, suffix);
  }

  #quoted(single: boolean): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { line } = this.#reader;
    this.#push('scalar', line, readQuoted(this.#reader, single));
  }

  #block(literal: boolean): void {
    this.#forgetKey();
    this.#keyAllowed = true;
    const { line } = this.#reader;
    this.#push('scalar', line, readBlock(this.#reader, literal, this.#indent));
  }

  #plain(): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const { line } = this.#reader;
    const { text, newLine } = readPlain(this.#reader, this.#flow > 0, this.#indent + 1);
    this.#push('scalar', line, text, true);
    if (newLine) this.#keyAllowed = true;
  }
}
