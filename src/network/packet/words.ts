/** The words of a rule, taken one after the other. */
import { RuleTextError } from './rule-text-error.ts';

export class Words {
  readonly line: number;
  readonly text: string;
  readonly #words: string[];
  #next = 0;

  constructor(words: string[], text: string, line: number) {
    this.text = text;
    this.line = line;
    this.#words = words;
  }

  get left(): number {
    return this.#words.length - this.#next;
  }

  peek(): string | undefined {
    return this.#words[this.#next];
  }

  take(what: string): string {
    const word = this.#words[this.#next];
    if (word === undefined) throw this.error(`${what} is missing`);
    this.#next++;
    return word;
  }

  /** Takes the word if it is the next. */
  skip(word: string): boolean {
    const found = this.#words[this.#next] === word;
    if (found) this.#next++;
    return found;
  }

  /** The value as `read` understands it. */
  value<T>(what: string, read: (word: string) => T | undefined): T {
    const word = this.take(what);
    const value = read(word);
    if (value === undefined) throw this.error(`"${word}" is not ${what}`);
    return value;
  }

  error(problem: string): RuleTextError {
    return new RuleTextError(this.line, problem, this.text);
  }
}

export const wholeNumber = (word: string): number | undefined =>
  /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(word) && Number(word) <= 0xffff_ffff ? Number(word) : undefined;
