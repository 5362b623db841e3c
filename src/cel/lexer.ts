/**
 * Text to tokens. What is no token is told as ANTLR tells it: from where a token could have begun up to and with the character at which
 * none can go on; after it reading goes on. Source: the grammar CEL.g4 of cel-go.
 */
import { EOF, FIXED_TOKENS, T, type Token } from './tokens.ts';

export interface LexicalError {
  offset: number;
  text: string;
}

const SPACE = /[\t \r\n\f]+/y;
const COMMENT = /\/\/[^\n]*/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED_IDENTIFIER = /`[A-Za-z0-9_.\-/ ]+`/y;
const ESCAPED_START = /`[A-Za-z0-9_.\-/ ]*/y;
const FLOAT = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const UINT = /(?:0x[0-9a-fA-F]+|\d+)[uU]/y;
const INT = /(?:0x[0-9a-fA-F]+|\d+)/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[[\]{}().,\-!?:+*/%<>]/y;
const DIGIT = /\d/;
const STRING_START = /[bB]?[rR]?["']/y;
const ESCAPE = /\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;

export class Lexer {
  readonly #text: string;
  readonly #fail: (error: LexicalError) => void;
  #at = 0;

  constructor(text: string, fail: (error: LexicalError) => void) {
    this.#text = text;
    this.#fail = fail;
  }

  /** All tokens, the last of which is the end. Throws what `fail` throws. */
  tokens(): Token[] {
    const tokens: Token[] = [];
    while (this.#at < this.#text.length) {
      if (this.#match(SPACE) || this.#match(COMMENT)) continue;
      const token = this.#next();
      if (token) tokens.push(token);
    }
    tokens.push({ type: EOF, start: this.#text.length, end: this.#text.length, text: '<EOF>' });
    return tokens;
  }

  #match(pattern: RegExp): string | undefined {
    const matched = this.#peek(pattern);
    if (matched !== undefined) this.#at += matched.length;
    return matched;
  }

  #peek(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #token(type: number, text: string): Token {
    const start = this.#at - text.length;
    return { type, start, end: this.#at, text };
  }

  #next(): Token | undefined {
    const start = this.#at;
    const first = this.#text[start]!;
    if (DIGIT.test(first) || (first === '.' && DIGIT.test(this.#text[start + 1] ?? ''))) return this.#number();
    if (this.#peek(STRING_START) !== undefined) return this.#string();
    if (first === '`') return this.#escapedIdentifier();
    const word = this.#match(IDENTIFIER);
    if (word !== undefined) return this.#token(FIXED_TOKENS.get(word) ?? T.identifier, word);
    const operator = this.#match(OPERATOR);
    if (operator !== undefined) return this.#token(FIXED_TOKENS.get(operator)!, operator);
    return this.#unrecognized(start, first === '=' || first === '&' || first === '|' ? start + 1 : start);
  }

  #number(): Token {
    const int = this.#peek(INT) ?? '';
    const after = this.#text[this.#at + int.length];
    if (after === 'u' || after === 'U') {
      const uint = this.#match(UINT);
      if (uint !== undefined) return this.#token(T.uint, uint);
    }
    const float = after === '.' || after === 'e' || after === 'E' ? this.#match(FLOAT) : undefined;
    if (float !== undefined) return this.#token(T.float, float);
    this.#at += int.length;
    return this.#token(T.int, int);
  }

  #escapedIdentifier(): Token | undefined {
    const text = this.#match(ESCAPED_IDENTIFIER);
    if (text !== undefined) return this.#token(T.escapedIdentifier, text);
    return this.#unrecognized(this.#at, this.#at + this.#peek(ESCAPED_START)!.length);
  }

  /** The longest reading counts: `"""` opens a long text if that is closed, and is an empty text otherwise. */
  #string(): Token | undefined {
    const start = this.#at;
    const prefix = this.#peek(STRING_START)!;
    const quote = prefix.at(-1)!;
    const raw = /r/i.test(prefix);
    const body = start + prefix.length;
    const type = /^b/i.test(prefix) ? T.bytes : T.string;
    const long = this.#text.startsWith(quote + quote, body) ? this.#longEnd(body + 2, quote.repeat(3), raw) : undefined;
    const short = this.#shortEnd(body, quote, raw);
    const end = long?.closed ? long.end : short.closed ? short.end : undefined;
    if (end !== undefined) {
      this.#at = end;
      return this.#token(type, this.#text.slice(start, end));
    }
    // A prefix alone is a name.
    if (prefix.length > 1) {
      const name = this.#match(IDENTIFIER)!;
      return this.#token(T.identifier, name);
    }
    return this.#unrecognized(start, Math.max(short.end, long?.end ?? 0));
  }

  /** Where a text on one line ends, or the character at which it can't go on. */
  #shortEnd(from: number, quote: string, raw: boolean): { closed: boolean; end: number } {
    let at = from;
    for (; at < this.#text.length; at++) {
      const c = this.#text[at]!;
      if (c === quote) return { closed: true, end: at + 1 };
      if (c === '\n' || c === '\r') return { closed: false, end: at };
      if (c !== '\\' || raw) continue;
      const length = this.#escapeLength(at);
      if (length.error !== undefined) return { closed: false, end: length.error };
      at += length.size - 1;
    }
    return { closed: false, end: at };
  }

  #longEnd(from: number, quotes: string, raw: boolean): { closed: boolean; end: number } {
    let at = from;
    for (; at < this.#text.length; at++) {
      if (this.#text.startsWith(quotes, at)) return { closed: true, end: at + 3 };
      if (this.#text[at] !== '\\' || raw) continue;
      const length = this.#escapeLength(at);
      if (length.error !== undefined) return { closed: false, end: length.error };
      at += length.size - 1;
    }
    return { closed: false, end: at };
  }

  #escapeLength(at: number): { size: number; error?: number } {
    ESCAPE.lastIndex = at;
    const matched = ESCAPE.exec(this.#text);
    if (matched) return { size: matched[0].length };
    const started = /\\(?:[0-3][0-7]?|[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7})?/y;
    started.lastIndex = at;
    return { size: 0, error: at + started.exec(this.#text)![0].length };
  }

  /** `at` is the character that fits nothing; it is left out with what is before it. */
  #unrecognized(start: number, at: number): undefined {
    const width = at < this.#text.length && this.#text.codePointAt(at)! > 0xffff ? 2 : 1;
    this.#at = Math.min(at + width, this.#text.length);
    this.#fail({ offset: start, text: this.#text.slice(start, this.#at) });
    return undefined;
  }
}
