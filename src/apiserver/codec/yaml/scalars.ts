/** The texts of scalars: plain, quoted, and in blocks, with their lines folded. models go.yaml.in/yaml/v2/scannerc.go */
import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, type Reader, SPACE, TAB } from './reader.ts';

/** How lines that follow one another become text: a break alone is a space, more are as many less one. */
class Folding {
  #first = '';
  #rest = '';
  /** Whether a line has been left. */
  started = false;

  add(lineBreak: string): void {
    if (this.started) this.#rest += lineBreak;
    else this.#first = lineBreak;
    this.started = true;
  }

  take(): string {
    const folded = this.#first === '\n' ? this.#rest || ' ' : this.#first + this.#rest;
    this.#first = '';
    this.#rest = '';
    this.started = false;
    return folded;
  }
}

const isFlowIndicator = (c: number): boolean => c === 44 || c === 63 || c === 91 || c === 93 || c === 123 || c === 125;

/** @param indent the column that lines which belong to it reach. `newLine` says that it ended before a line's first key. */
export function readPlain(reader: Reader, inFlow: boolean, indent: number): { text: string; newLine: boolean } {
  const begun = reader.line;
  const folding = new Folding();
  let text = '';
  let blanks = '';
  for (;;) {
    if (reader.atDocumentIndicator() || reader.peek() === 35) break;
    const start = reader.at;
    for (;;) {
      const c = reader.peek();
      if (isBlankOrEnd(c)) break;
      if ((c === 58 && isBlankOrEnd(reader.peek(1))) || (inFlow && isFlowIndicator(c))) break;
      reader.at++;
    }
    if (reader.at > start) {
      text += (folding.started ? folding.take() : blanks) + reader.text.slice(start, reader.at);
      blanks = '';
    }
    const c = reader.peek();
    if (!isBlank(c) && !isBreak(c)) break;
    blanks = readBlanks(reader, folding, (tab) => {
      if (tab && reader.column < indent) throw reader.failure(begun, 'found a tab character that violates indentation');
    });
    if (!inFlow && reader.column < indent) break;
  }
  return { text, newLine: folding.started };
}

/** Spaces, tabs and breaks. Gives the blanks where there was no break; the breaks go to the folding. */
function readBlanks(reader: Reader, folding: Folding, check?: (tab: boolean) => void): string {
  const start = reader.at;
  for (;;) {
    const c = reader.peek();
    if (isBreak(c)) folding.add(reader.readBreak());
    else if (isBlank(c)) {
      if (folding.started) check?.(c === TAB);
      reader.at++;
    } else break;
  }
  return folding.started ? '' : reader.text.slice(start, reader.at);
}

/** After the opening quote, up to and with the closing one. */
export function readQuoted(reader: Reader, single: boolean): string {
  const begun = reader.line;
  const quote = single ? 39 : 34;
  const folding = new Folding();
  const parts: string[] = [];
  reader.at++;
  for (;;) {
    if (reader.atDocumentIndicator()) throw reader.failure(begun, 'found unexpected document indicator');
    if (reader.atEnd) throw reader.failure(begun, 'found unexpected end of stream');
    let start = reader.at;
    let escaped = false;
    for (;;) {
      const c = reader.peek();
      if (isBlankOrEnd(c)) break;
      if (c === quote) {
        if (!single || reader.peek(1) !== 39) break;
        reader.at += 2;
        parts.push(reader.text.slice(start, reader.at - 1));
        start = reader.at;
      } else if (!single && c === 92) {
        parts.push(reader.text.slice(start, reader.at));
        if (isBreak(reader.peek(1))) {
          reader.at++;
          reader.readBreak();
          escaped = true;
          start = reader.at;
          break;
        }
        parts.push(readEscape(reader, begun));
        start = reader.at;
      } else reader.at++;
    }
    parts.push(reader.text.slice(start, reader.at));
    if (reader.peek() === quote) break;
    if (escaped) {
      const rest = new Folding();
      rest.add('');
      readBlanks(reader, rest);
      parts.push(rest.take());
    } else {
      const blanks = readBlanks(reader, folding);
      parts.push(folding.started ? folding.take() : blanks);
    }
  }
  reader.at++;
  return parts.join('');
}

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const CODE_LENGTHS: Record<string, number> = { x: 2, u: 4, U: 8 };

function readEscape(reader: Reader, begun: number): string {
  const letter = String.fromCharCode(reader.peek(1));
  if (Object.hasOwn(ESCAPES, letter)) {
    reader.at += 2;
    return ESCAPES[letter]!;
  }
  if (!Object.hasOwn(CODE_LENGTHS, letter)) throw reader.failure(begun, 'found unknown escape character');
  reader.at += 2;
  const digits = reader.text.slice(reader.at, reader.at + CODE_LENGTHS[letter]!);
  if (digits.length < CODE_LENGTHS[letter]! || !/^[0-9a-fA-F]+$/.test(digits))
    throw reader.failure(begun, 'did not find expected hexdecimal number');
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw reader.failure(begun, 'found invalid Unicode character escape code');
  reader.at += digits.length;
  return String.fromCodePoint(code);
}

/** A text after `|` or `>`, whose lines are indented more than `parent`. */
export function readBlock(reader: Reader, literal: boolean, parent: number): string {
  const begun = reader.line;
  reader.at++;
  const { chomping, increment } = readHeader(reader, begun);
  const block = new BlockIndent(reader, begun, parent, increment > 0 ? Math.max(parent, 0) + increment : 0);
  const parts: string[] = [];
  let last = '';
  let breaks = block.breaks();
  let wasBlank = false;
  while (reader.column === block.indent && !reader.atEnd) {
    const blank = isBlank(reader.peek());
    // A break between two lines that begin with text is a space.
    if (!literal && !wasBlank && !blank && last === '\n') parts.push(breaks === '' ? ' ' : '');
    else parts.push(last);
    parts.push(breaks, reader.readLine());
    wasBlank = blank;
    last = reader.atEnd ? '' : reader.readBreak();
    breaks = block.breaks();
  }
  if (chomping !== '-') parts.push(last);
  if (chomping === '+') parts.push(breaks);
  return parts.join('');
}

function readHeader(reader: Reader, begun: number): { chomping: string; increment: number } {
  let chomping = '';
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const c = reader.peek();
    if (chomping === '' && (c === 43 || c === 45)) chomping = c === 43 ? '+' : '-';
    else if (increment === 0 && isDigit(c)) {
      if (c === 48) throw reader.failure(begun, 'found an indentation indicator equal to 0');
      increment = c - 48;
    } else break;
    reader.at++;
  }
  reader.readWhile(isBlank);
  if (reader.peek() === 35) reader.readLine();
  if (!isBreakOrEnd(reader.peek())) throw reader.failure(begun, 'did not find expected comment or line break');
  if (!reader.atEnd) reader.readBreak();
  return { chomping, increment };
}

/** How far a block's lines are indented: as its header says, else as its first line with text. */
class BlockIndent {
  indent: number;
  readonly #reader: Reader;
  readonly #begun: number;
  readonly #parent: number;

  constructor(reader: Reader, begun: number, parent: number, indent: number) {
    this.#reader = reader;
    this.#begun = begun;
    this.#parent = parent;
    this.indent = indent;
  }

  /** Empty lines, and the indentation of the line after them. */
  breaks(): string {
    const reader = this.#reader;
    const found: string[] = [];
    let deepest = 0;
    const within = (): boolean => this.indent === 0 || reader.column < this.indent;
    for (;;) {
      while (within() && reader.peek() === SPACE) reader.at++;
      deepest = Math.max(deepest, reader.column);
      if (within() && reader.peek() === TAB)
        throw reader.failure(this.#begun, 'found a tab character where an indentation space is expected');
      if (!isBreak(reader.peek())) break;
      found.push(reader.readBreak());
    }
    if (this.indent === 0) this.indent = Math.max(deepest, this.#parent + 1, 1);
    return found.join('');
  }
}
