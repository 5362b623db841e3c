/**
 * JSON as Go reads it: its words for syntax errors, and notes about what JSON.parse would lose (repeated keys, how a number is written).
 * Source: encoding/json's scanner.
 */

import { setOwn } from '../../objects/own.ts';
import { membersIn, type Outline, outlineOf } from './json-outline.ts';

export class JSONSyntaxError extends Error {}

/** What was noticed about an object or array of the text. */
export interface Note {
  duplicates?: Set<string>;
  /** Numbers that are not written as plain integers, by key. */
  numbers?: Map<string, string>;
}

export type Notes = WeakMap<object, Note>;

export interface ParsedJSON {
  value: unknown;
  notes: Notes;
  /** What is to be said of repeated keys, where that is known without a look at the notes. */
  repeated?: string[];
}

/** Go allows 10,000; what is deeper than this is no Kubernetes object. */
export const MAX_DEPTH = 1_000;

/** Throws `JSONSyntaxError`. */
export function parseJSON(text: string): ParsedJSON {
  const found = parsePlain(text, outlineOf(text));
  if (found && membersIn(found.value) === found.members)
    return { value: found.value, notes: new WeakMap(), repeated: [] };
  return readJSON(text);
}

/** The same by a reader that notes what there is to be noted. Throws `JSONSyntaxError`. */
export function readJSON(text: string): ParsedJSON {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return { value, notes: reader.notes };
}

/**
 * The value of a text of which nothing is to be noted but keys that are repeated: then fewer `members` are in the value than were written.
 * undefined for other texts, and for what is no JSON.
 */
export function parsePlain(
  text: string,
  { plainNumbers, depth, members }: Outline,
): { value: unknown; members: number } | undefined {
  if (!plainNumbers || depth > MAX_DEPTH) return undefined;
  try {
    return { value: JSON.parse(text), members };
  } catch {
    return undefined;
  }
}

const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;

class Reader {
  readonly notes: Notes = new WeakMap();
  readonly #text: string;
  #at = 0;
  /** How the last number was written, when not as a plain integer that JavaScript keeps. */
  #written = '';

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
  }

  #fail(where: string): never {
    if (this.#at >= this.#text.length) throw new JSONSyntaxError('unexpected end of JSON input');
    const c = this.#text[this.#at]!;
    const shown = c === "'" ? "'\\''" : c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`;
    throw new JSONSyntaxError(`invalid character ${shown.replace(/\\u00/, '\\x')} ${where}`);
  }

  #space(): void {
    const text = this.#text;
    for (;;) {
      const c = text.charCodeAt(this.#at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.#at++;
    }
  }

  value(depth: number): unknown {
    this.#space();
    if (depth > MAX_DEPTH) throw new JSONSyntaxError('exceeded max depth');
    this.#written = '';
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('looking for beginning of object key string');
      const key = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('after object key');
      this.#at++;
      if (Object.hasOwn(object, key)) {
        const note = this.#note(object);
        note.duplicates ??= new Set();
        note.duplicates.add(key);
      }
      const value = this.value(depth + 1);
      if (this.#written) this.#noteNumber(object, key);
      setOwn(object, key, value);
      this.#space();
      const c = this.#text[this.#at];
      if (c !== ',' && c !== '}') this.#fail('after object key:value pair');
      this.#at++;
      if (c === '}') return object;
    }
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return array;
    }
    for (;;) {
      array.push(this.value(depth + 1));
      if (this.#written) this.#noteNumber(array, String(array.length - 1));
      this.#space();
      const c = this.#text[this.#at];
      if (c !== ',' && c !== ']') this.#fail('after array element');
      this.#at++;
      if (c === ']') return array;
    }
  }

  #note(of: object): Note {
    let note = this.notes.get(of);
    if (!note) {
      note = {};
      this.notes.set(of, note);
    }
    return note;
  }

  #noteNumber(of: object, key: string): void {
    const note = this.#note(of);
    note.numbers ??= new Map();
    note.numbers.set(key, this.#written);
    this.#written = '';
  }

  #string(): string {
    const text = this.#text;
    const start = ++this.#at;
    let plain = true;
    for (;;) {
      const c = text.charCodeAt(this.#at);
      if (c === 34) break;
      if (Number.isNaN(c) || c < 32) this.#fail('in string literal');
      if (c === 92) {
        plain = false;
        this.#escape();
      } else this.#at++;
    }
    const raw = text.slice(start, this.#at++);
    this.#written = '';
    return plain ? raw : (JSON.parse(`"${raw}"`) as string);
  }

  #escape(): void {
    const c = this.#text[++this.#at];
    if (c === undefined || !'"\\/bfnrtu'.includes(c)) this.#fail('in string escape code');
    this.#at++;
    if (c !== 'u') return;
    for (let i = 0; i < 4; i++, this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) this.#fail('in \\u hexadecimal character escape');
    }
  }

  #literal<T>(word: string, value: T): T {
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.#text[this.#at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`);
    }
    return value;
  }

  #digits(where: string): void {
    if (!/[0-9]/.test(this.#text[this.#at] ?? '')) this.#fail(where);
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (!(c >= 48 && c <= 57)) return;
      this.#at++;
    }
  }

  #number(): number {
    const text = this.#text;
    const start = this.#at;
    const c = text[start];
    if (c === '-') this.#at++;
    else if (c === undefined || c < '0' || c > '9') this.#fail('looking for beginning of value');
    if (text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (text[this.#at] === 'e' || text[this.#at] === 'E') {
      this.#at++;
      if (text[this.#at] === '+' || text[this.#at] === '-') this.#at++;
      this.#digits('in exponent of numeric literal');
    }
    const raw = text.slice(start, this.#at);
    const value = Number(raw);
    if (!INTEGER.test(raw) || !Number.isSafeInteger(value)) this.#written = raw;
    return value;
  }
}
