/** The words of an awk program as a parser takes them. */
import { Failure } from '../applet.ts';
import { type Token, tokensOf } from './lexer.ts';

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = tokensOf(source);
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  mark(): number {
    return this.#at;
  }

  back(to: number): void {
    this.#at = to;
  }

  ahead(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  advance(): void {
    this.#at++;
  }

  unexpected(): Failure {
    const { token } = this;
    const shown =
      token.kind === 'number'
        ? String(token.value)
        : 'text' in token
          ? token.text
          : token.kind === 'newline'
            ? 'newline'
            : 'end of program';
    return new Failure(
      `cmd. line:${this.#line()}: Unexpected token${shown === 'newline' ? '' : ` '${shown}'`}`.replace(/ '.*'$/, ''),
      1,
    );
  }

  #line(): number {
    return 1 + this.#tokens.slice(0, this.#at).filter(({ kind }) => kind === 'newline').length;
  }

  is(operator: string): boolean {
    const { token } = this;
    return token.kind === 'operator' && token.text === operator;
  }

  take(operator: string): boolean {
    if (!this.is(operator)) return false;
    this.#at++;
    return true;
  }

  takeKeyword(keyword: string): boolean {
    const { token } = this;
    if (token.kind !== 'keyword' || token.text !== keyword) return false;
    this.#at++;
    return true;
  }

  expect(operator: string): void {
    if (!this.take(operator)) throw this.unexpected();
  }

  skipNewlines(): void {
    while (this.token.kind === 'newline') this.#at++;
  }

  skipEnds(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.#at++;
  }

  name(): string {
    const { token } = this;
    if (token.kind !== 'name') throw this.unexpected();
    this.#at++;
    return token.text;
  }
}
