/** A YAML text and a place in it, with the classes of characters that the scanner asks for. */
import { failure, type YAMLSyntaxError } from './tokens.ts';

export const TAB = 9;
export const SPACE = 32;

/** Line feed, carriage return, next line, line and paragraph separator. */
export const isBreak = (c: number): boolean => c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029;
export const isBlank = (c: number): boolean => c === SPACE || c === TAB;
/** The end of the text reads as 0, which no text holds. */
export const isBreakOrEnd = (c: number): boolean => c === 0 || isBreak(c);
export const isBlankOrEnd = (c: number): boolean => c === SPACE || c === TAB || isBreakOrEnd(c);
/** What names of anchors and handles of tags are made of. */
export const isWord = (c: number): boolean =>
  (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 45;
export const isDigit = (c: number): boolean => c >= 48 && c <= 57;

const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}\ufeff]/u;

export class Reader {
  readonly text: string;
  at = 0;
  /** From 0. */
  line = 0;
  #lineStart = 0;

  constructor(text: string) {
    if (FORBIDDEN.test(text)) throw failure(0, 'control characters are not allowed');
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  get column(): number {
    return this.at - this.#lineStart;
  }

  /** The character `ahead` of the place; 0 after the end. */
  peek(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.text.length ? this.text.charCodeAt(at) : 0;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Steps over one line break, and gives it as text holds it. */
  readBreak(): string {
    const c = this.peek();
    this.at += c === 13 && this.peek(1) === 10 ? 2 : 1;
    this.line++;
    this.#lineStart = this.at;
    return c === 0x2028 || c === 0x2029 ? String.fromCharCode(c) : '\n';
  }

  /** The end of the text counts as a line of its own. */
  endLine(): void {
    if (this.column === 0) return;
    this.line++;
    this.#lineStart = this.at;
  }

  /** All up to a break. */
  readLine(): string {
    const start = this.at;
    while (!isBreakOrEnd(this.peek())) this.at++;
    return this.text.slice(start, this.at);
  }

  readWhile(test: (c: number) => boolean): string {
    const start = this.at;
    while (!this.atEnd && test(this.peek())) this.at++;
    return this.text.slice(start, this.at);
  }

  /** Whether `---` or `...` stands here, at the beginning of a line. */
  atDocumentIndicator(): boolean {
    const c = this.peek();
    return (
      this.column === 0 &&
      (c === 45 || c === 46) &&
      this.peek(1) === c &&
      this.peek(2) === c &&
      isBlankOrEnd(this.peek(3))
    );
  }

  /** @param context the line in which began what is wrong. */
  failure(context: number, problem: string): YAMLSyntaxError {
    return failure(this.line > 0 ? this.line + 1 : context, problem);
  }
}
