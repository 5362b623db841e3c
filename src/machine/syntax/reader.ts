/** Where a script is being read: its characters, what separates words, and the here-documents that begin on the next line. */
import { type Command, type Dialect, MAX_SYNTAX_DEPTH, type Redirect, SyntaxFault, type Word } from './syntax.ts';

/** What ends a word where it is not quoted. */
const META = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);
const OPERATORS = [';;&', '<<<', '<<-', '&>>', '&&', '||', ';;', ';&', '<<', '>>', '<&', '>&', '<>', '>|', '&>'];
const BASH_ONLY = new Set([';;&', '<<<', '&>>', '&>', ';&']);
/** Operators of bash that BusyBox has too. */
const OF_ASH = new Set(['&>', '&>>']);

export const isMeta = (character: string): boolean => META.has(character);

/** How the parts of the parser call each other. */
export interface Grammar {
  list(reader: Reader, ends: ReadonlySet<string>): Command;
  command(reader: Reader): Command;
  word(reader: Reader): Word | undefined;
  /** The word of a `${…}`, up to what ends it. */
  within(reader: Reader, quoted: boolean, isEnd: (character: string) => boolean): Word;
  hereDocument(reader: Reader, text: string, line: number): Word;
}

export class Reader {
  readonly text: string;
  readonly dialect: Dialect;
  readonly grammar: Grammar;
  at = 0;
  line: number;
  depth = 0;
  /** Whether more of the script may come. */
  isPartial = false;
  /** Here-documents of this line. */
  #waiting: { redirect: Redirect; delimiter: string; isQuoted: boolean }[] = [];

  constructor(text: string, dialect: Dialect, grammar: Grammar, line = 1) {
    this.text = text;
    this.dialect = dialect;
    this.grammar = grammar;
    this.line = line;
  }

  get isBash(): boolean {
    return this.dialect === 'bash';
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** What stands here; '' at the end. */
  peek(offset = 0): string {
    return this.text[this.at + offset] ?? '';
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** Passes over a text that stands here. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  enter(): void {
    if (++this.depth > MAX_SYNTAX_DEPTH) throw new SyntaxFault('too much nesting', { line: this.line });
  }

  leave(): void {
    this.depth--;
  }

  /** Passes over blanks, joined lines and a comment. */
  skipBlanks(): void {
    for (;;) {
      const character = this.peek();
      if (character === ' ' || character === '\t') this.at++;
      else if (character === '\\' && this.peek(1) === '\n') {
        this.at += 2;
        this.line++;
      } else if (character === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end;
      } else return;
    }
  }

  /** Passes over the end of a line, and reads the here-documents that follow it. */
  takeNewline(): boolean {
    if (this.peek() !== '\n') return false;
    this.at++;
    this.line++;
    this.readHereDocuments();
    return true;
  }

  skipNewlines(): void {
    do this.skipBlanks();
    while (this.takeNewline());
  }

  /** The operator that stands here; '' if none. */
  operator(): string {
    const character = this.peek();
    if (!';&|<>()'.includes(character) || character === '') return '';
    const isKnown = (operator: string): boolean =>
      (this.isBash || !BASH_ONLY.has(operator) || (this.dialect === 'ash' && OF_ASH.has(operator))) &&
      this.startsWith(operator);
    return OPERATORS.find(isKnown) ?? character;
  }

  /** The word without any quoting that stands here, as reserved words must. */
  bare(): string {
    BARE.lastIndex = this.at;
    return BARE.exec(this.text)?.[0] ?? '';
  }

  /** Passes over a reserved word. */
  takeReserved(word: string): boolean {
    this.skipBlanks();
    if (this.bare() !== word) return false;
    this.at += word.length;
    return true;
  }

  /** A here-document is read when its line ends. */
  await(redirect: Redirect, delimiter: string, isQuoted: boolean): void {
    this.#waiting.push({ redirect, delimiter, isQuoted });
  }

  readHereDocuments(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { redirect, delimiter, isQuoted } of waiting) {
      const line = this.line;
      const text = this.#hereText(delimiter, redirect.operator === '<<-', isQuoted);
      redirect.target = isQuoted
        ? { parts: [{ part: 'text', text, quoted: true }], plain: text }
        : this.grammar.hereDocument(this, text, line);
    }
  }

  #hereText(delimiter: string, isIndented: boolean, isQuoted: boolean): string {
    let text = '';
    for (;;) {
      if (this.isAtEnd) {
        // Who can read more does; else the end of the script ends it.
        if (this.isPartial) throw new SyntaxFault('end of file', { line: this.line, isIncomplete: true });
        return text;
      }
      const end = this.text.indexOf('\n', this.at);
      let line = this.text.slice(this.at, end < 0 ? undefined : end);
      this.at = end < 0 ? this.text.length : end + 1;
      this.line++;
      if (isIndented) line = line.replace(/^\t+/, '');
      if (line === delimiter) return text;
      // A joined line is one line, also where it would be the delimiter.
      while (!isQuoted && /(?:^|[^\\])(?:\\\\)*\\$/.test(line) && !this.isAtEnd) {
        const next = this.text.indexOf('\n', this.at);
        line = line.slice(0, -1) + this.text.slice(this.at, next < 0 ? undefined : next);
        this.at = next < 0 ? this.text.length : next + 1;
        this.line++;
      }
      text += `${line}\n`;
    }
  }

  /** What stands here cannot. */
  fault(expecting?: string): SyntaxFault {
    this.skipBlanks();
    const { line } = this;
    if (this.isAtEnd) return new SyntaxFault('end of file', { line, expecting, isIncomplete: true });
    if (this.peek() === '\n') return new SyntaxFault('newline', { line, expecting });
    const operator = this.operator();
    if (/^[<>&]*[<>]/.test(operator)) return new SyntaxFault('redirection', { line, expecting, token: operator });
    if (operator !== '') return new SyntaxFault(`"${operator}"`, { line, expecting });
    const bare = this.bare();
    // Where only a parenthesis can stand, a reserved word is a word.
    if (RESERVED.has(bare) && expecting !== ')') return new SyntaxFault(`"${bare}"`, { line, expecting });
    return new SyntaxFault('word', { line, expecting, token: this.grammar.word(this)?.source ?? bare });
  }

  /** Passes over what has to stand here. @throws SyntaxFault */
  expect(token: string): void {
    this.skipBlanks();
    const isThere =
      /^\W/.test(token) && token !== '{' && token !== '}'
        ? this.operator() === token && this.take(token)
        : this.takeReserved(token);
    if (!isThere) throw this.fault(token);
  }
}

const BARE = /[^\s;&|<>()'"\\$`]+(?=[\s;&|<>()]|$)/y;

export const RESERVED: ReadonlySet<string> = new Set([
  '!',
  '{',
  '}',
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'if',
  'in',
  'then',
  'until',
  'while',
]);
