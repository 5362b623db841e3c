/** The record that is looked at: its text and its fields, each made of the other when asked for. */

import { Failure } from '../applet.ts';
import { compileRegex, type Regex } from '../regex.ts';
import { joinTexts, Read, type Value } from './values.ts';

/** Fields of a record that a program may make by assigning. */
export const MAX_FIELDS = 100_000;

/** Text cut at a separator, as split() and fields have it: a blank means runs of blanks. */
export function splitText(text: string, separator: string | Regex, isRecord = false): string[] {
  if (text === '') return [];
  if (separator === ' ') return text.split(/[\t\n ]+/).filter((part) => part !== '');
  if (separator === '') return [...text];
  if (typeof separator === 'string' && separator.length === 1 && separator !== '\\') return text.split(separator);
  const regex = typeof separator === 'string' ? compileRegex(separator, { isExtended: true }) : separator;
  const parts: string[] = [];
  let at = 0;
  for (let from = 0; from <= text.length; ) {
    const match = regex.find(text, from);
    if (match === undefined) break;
    if (match.end === match.start) {
      from = match.end + 1;
      continue;
    }
    parts.push(text.slice(at, match.start));
    at = match.end;
    from = match.end;
  }
  parts.push(text.slice(at));
  return isRecord && parts.length === 1 && parts[0] === '' ? [] : parts;
}

export class AwkRecord {
  #text = '';
  /** Undefined: not cut yet. */
  #fields: Value[] | undefined = [];
  #isTextStale = false;
  readonly #separator: () => string;
  readonly #outputSeparator: () => string;

  constructor(separator: () => string, outputSeparator: () => string) {
    this.#separator = separator;
    this.#outputSeparator = outputSeparator;
  }

  set(text: string): void {
    this.#text = text;
    this.#fields = undefined;
    this.#isTextStale = false;
  }

  #cut(): Value[] {
    this.#fields ??= splitText(this.#text, this.#separator(), true).map((part) => new Read(part));
    return this.#fields;
  }

  /** The fields are cut by the separator as it is now, before it changes. */
  settle(): void {
    this.#cut();
  }

  get count(): number {
    return this.#cut().length;
  }

  set count(given: number) {
    const count = Math.trunc(given);
    if (!(count >= 0 && count <= MAX_FIELDS)) throw new Failure('too many fields', 2);
    const fields = this.#cut();
    while (fields.length < count) fields.push('');
    fields.length = count;
    this.#isTextStale = true;
  }

  get text(): string {
    if (this.#isTextStale) {
      this.#text = joinTexts(this.#cut().map(fieldText), this.#outputSeparator());
      this.#isTextStale = false;
    }
    return this.#text;
  }

  get(index: number): Value {
    if (index < 0 || Number.isNaN(index)) throw new Failure('cmd. line:1: Access to negative field');
    return index === 0 ? new Read(this.text) : this.#cut()[Math.trunc(index) - 1];
  }

  put(index: number, value: string): void {
    if (index < 0 || Number.isNaN(index)) throw new Failure('cmd. line:1: Access to negative field');
    if (index === 0) {
      this.set(value);
      return;
    }
    if (index > this.count) this.count = index;
    this.#cut()[Math.trunc(index) - 1] = new Read(value);
    this.#isTextStale = true;
  }
}

const fieldText = (value: Value): string => (value instanceof Read ? value.text : String(value ?? ''));
