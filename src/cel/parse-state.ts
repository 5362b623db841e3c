/**
 * How the parser goes on after what it does not understand: one token too many is left out, one that is missing is thought in, and
 * otherwise the rule is given up and reading goes on at a token that could follow. Models ANTLR's default error strategy, with cel-go's
 * limits, so that the same errors are told in the same words.
 */
import { describeTokens, EOF, type Token } from './tokens.ts';

/** A rule is given up: what was wrong is told by the rule that catches it. */
export class RuleFailed {
  readonly message: string;
  readonly token: Token;
  constructor(message: string, token: Token) {
    this.message = message;
    this.token = token;
  }
}

/** Reading ends altogether. `message` concerns no place; without one it is told already. */
export class ParseEnded {
  readonly message: string | undefined;
  constructor(message?: string) {
    this.message = message;
  }
}

export const MAX_RECURSION = 250;
export const MAX_RECOVERIES = 30;
export const MAX_RECOVERY_TOKENS = 256;
export const MAX_SYNTAX_ERRORS = 100;

export type TokenSet = ReadonlySet<number>;

export class ParseState {
  readonly #tokens: Token[];
  readonly #source: string;
  readonly #report: (offset: number, message: string) => void;
  /** Parts of the text that are no tokens, in their order. */
  readonly leftOut: { start: number; end: number }[] = [];
  #at = 0;
  #recovering = false;
  #recoveries = 0;
  #reported = 0;
  #lastErrorAt = -1;
  readonly #lastErrorStates = new Set<string>();
  /** For each rule that is being read, what may follow it where it was called. */
  readonly #follow: TokenSet[] = [];
  readonly #depths = new Map<string, number>();

  constructor(source: string, tokens: Token[], report: (offset: number, message: string) => void) {
    this.#source = source;
    this.#tokens = tokens;
    this.#report = report;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  get type(): number {
    return this.peek().type;
  }

  /** Tells an error of syntax; after so many of them reading ends. */
  syntaxError(offset: number, message: string): void {
    if (this.#reported < MAX_SYNTAX_ERRORS) {
      this.#reported++;
      this.#report(offset, message);
      return;
    }
    this.#report(offset, `More than ${MAX_SYNTAX_ERRORS} syntax errors`);
    throw new ParseEnded();
  }

  /** Before a rule is read: what may follow it where it was called. `leave` goes with it, and `giveUp` where it fails. */
  enter(rule: string, follow: TokenSet): void {
    const depth = (this.#depths.get(rule) ?? 0) + 1;
    this.#depths.set(rule, depth);
    this.#follow.push(follow);
    if (depth > MAX_RECURSION) throw new ParseEnded(`expression recursion limit exceeded: ${MAX_RECURSION}`);
  }

  /** Whether rules may be left out that only lead to the innermost: there is no limit near. */
  get isShallow(): boolean {
    return this.#follow.length < MAX_RECURSION;
  }

  leave(rule: string): void {
    this.#follow.pop();
    this.#depths.set(rule, this.#depths.get(rule)! - 1);
  }

  /** Tells why a rule failed, and leaves out what can't follow it. Throws what is no such failure. */
  giveUp(rule: string, failure: unknown): void {
    if (!(failure instanceof RuleFailed)) throw failure;
    this.#tell(failure.token, failure.message);
    this.#recover(rule);
  }

  /** Reads a rule; undefined: it was given up. */
  rule<R>(name: string, follow: TokenSet, read: () => R): R | undefined {
    this.enter(name, follow);
    try {
      return read();
    } catch (failure) {
      this.giveUp(name, failure);
      return undefined;
    } finally {
      this.leave(name);
    }
  }

  consume(): Token {
    const token = this.peek();
    if (token.type !== EOF) this.#at++;
    return token;
  }

  /** Reads a token that a decision has seen already. */
  accept(): Token {
    this.#endError();
    return this.consume();
  }

  /** Reads a token of a type, where `next` may follow it. */
  match(type: number, next: TokenSet): Token {
    if (this.type === type) return this.accept();
    this.#countRecovery();
    const expected = new Set([type]);
    const token = this.peek();
    if (this.#leaveOut(expected)) return this.accept();
    if (next.has(token.type) || (next.has(FOLLOW) && this.#follows(token.type))) {
      this.#tell(token, `missing ${describeTokens(expected)} at ${display(token)}`);
      return { type, start: token.start, end: token.start, text: '' };
    }
    throw this.mismatch(expected);
  }

  /** Before a decision that one of `expected` must make. */
  sync(expected: TokenSet): void {
    if (this.#recovering || expected.has(this.type)) return;
    if (this.#leaveOut(expected)) return;
    throw this.mismatch(expected);
  }

  /** Between the turns of a loop: what can't be there is told once, and left out up to what can. */
  syncLoop(expected: TokenSet): void {
    if (this.#recovering || expected.has(this.type)) return;
    const token = this.peek();
    this.#tell(token, `extraneous input ${display(token)} expecting ${describeTokens(expected)}`);
    const follows = (): boolean => this.#follow.some((set) => set.has(this.type));
    while (this.type !== EOF && !expected.has(this.type) && !follows()) this.consume();
  }

  mismatch(expected: TokenSet): RuleFailed {
    const token = this.peek();
    return new RuleFailed(`mismatched input ${display(token)} expecting ${describeTokens(expected)}`, token);
  }

  /** No alternative goes on from here, `ahead` tokens after where the decision began. */
  noAlternative(ahead: number): RuleFailed {
    const first = this.peek();
    const offending = this.peek(ahead);
    const text = first.type === EOF ? '<EOF>' : this.#between(first.start, offending.end);
    const keyword = /^.(true|false|null)$/.exec(text)?.[1];
    const message = keyword
      ? `mismatched input '${keyword}' expecting IDENTIFIER`
      : `no viable alternative at input '${escapeSpace(text)}'`;
    return new RuleFailed(message, offending);
  }

  /** The text from one place to another, without what is no token. */
  #between(start: number, end: number): string {
    let text = '';
    let from = start;
    for (const part of this.leftOut) {
      if (part.start < from || part.end > end) continue;
      text += this.#source.slice(from, part.start);
      from = part.end;
    }
    return text + this.#source.slice(from, end);
  }

  /** One token too many: told, and left out, if what follows it is expected. */
  #leaveOut(expected: TokenSet): boolean {
    if (!expected.has(this.peek(1).type) || this.peek().type === EOF) return false;
    const token = this.peek();
    this.#tell(token, `extraneous input ${display(token)} expecting ${describeTokens(expected)}`);
    this.consume();
    this.#endError();
    return true;
  }

  #tell(token: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.syntaxError(token.start, message);
  }

  #endError(): void {
    if (!this.#recovering && this.#lastErrorAt < 0) return;
    this.#recovering = false;
    this.#lastErrorAt = -1;
    this.#lastErrorStates.clear();
  }

  #countRecovery(): void {
    if (this.#recoveries++ < MAX_RECOVERIES) return;
    this.syntaxError(this.peek().start, `error recovery attempt limit exceeded: ${MAX_RECOVERIES}`);
    throw new ParseEnded();
  }

  #recover(rule: string): void {
    this.#countRecovery();
    let left = MAX_RECOVERY_TOKENS;
    const skip = (): void => {
      if (left-- === 0) throw new ParseEnded(`error recovery token lookahead limit exceeded: ${MAX_RECOVERY_TOKENS}`);
      this.consume();
    };
    if (this.#lastErrorAt === this.#at && this.#lastErrorStates.has(rule)) skip();
    this.#lastErrorAt = this.#at;
    this.#lastErrorStates.add(rule);
    while (this.type !== EOF && !this.#follow.some((set) => set.has(this.type))) skip();
  }

  /** Whether a token may follow the rule that is being read, in the rules that called it. */
  #follows(type: number): boolean {
    for (let i = this.#follow.length - 1; i >= 0; i--) {
      const set = this.#follow[i]!;
      if (set.has(type)) return true;
      if (!set.has(FOLLOW)) return false;
    }
    return type === EOF;
  }
}

/** In a set of tokens: what follows the rule itself, as nothing more need come in it. */
export const FOLLOW = -2;

const escapeSpace = (text: string): string =>
  text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');

const display = (token: Token): string => (token.type === EOF ? "'<EOF>'" : `'${escapeSpace(token.text)}'`);
