/** Puts the fields of words together: what is not quoted is cut at the separators, and may be a pattern of file names. */
import { escapePattern } from './patterns.ts';

export interface Field {
  text: string;
  /** As a pattern, in which what was quoted stands for itself. */
  pattern: string;
  isPattern: boolean;
}

const GLOB = /[*?[]/;
/** Of a pattern as a whole: a bracket alone is a character. */
const LIVE = /[*?]|\[.*\]/s;

export class Fields {
  readonly list: Field[] = [];
  readonly #separators: string;
  #text = '';
  #pattern = '';
  #isPattern = false;
  /** Something stands in the field, if only quotes. */
  #isBegun = false;
  /** The field before was ended by a blank: a separator that follows belongs to it. */
  #isAfterBlank = false;
  /** `"$@"` without parameters stood in it: it is no field unless something else does. */
  #isNothing = false;

  constructor(separators: string) {
    this.#separators = separators;
  }

  quoted(text: string): void {
    this.#isBegun = true;
    this.#isAfterBlank = false;
    if (text === '') return;
    this.#text += text;
    this.#pattern += escapePattern(text);
  }

  /** Text of the script itself: it is not cut. */
  literal(text: string): void {
    if (text === '') return;
    this.#isBegun = true;
    this.#isAfterBlank = false;
    this.#text += text;
    this.#pattern += text;
    this.#isPattern ||= GLOB.test(text);
  }

  /** What came of an expansion: it is cut. */
  expanded(text: string): void {
    if (text === '') return;
    const separators = this.#separators;
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      if (!separators.includes(character)) continue;
      if (i > from) this.literal(text.slice(from, i));
      from = i + 1;
      this.#separate(character);
    }
    if (from < text.length) this.literal(from === 0 ? text : text.slice(from));
  }

  #separate(character: string): void {
    const isBlank = character === ' ' || character === '\t' || character === '\n';
    if (this.#isBegun) {
      this.end();
      this.#isAfterBlank = isBlank;
    } else if (!isBlank) {
      if (!this.#isAfterBlank) {
        this.#isBegun = true;
        this.end();
      }
      this.#isAfterBlank = false;
    }
  }

  /** `"$@"` without parameters. */
  nothing(): void {
    this.#isNothing = true;
  }

  /** The field ends here. */
  end(): void {
    if (this.#isBegun && !(this.#isNothing && this.#text === '')) {
      this.list.push({
        text: this.#text,
        pattern: this.#pattern,
        isPattern: this.#isPattern && LIVE.test(this.#pattern),
      });
    }
    this.#text = '';
    this.#pattern = '';
    this.#isPattern = false;
    this.#isBegun = false;
    this.#isNothing = false;
  }
}
