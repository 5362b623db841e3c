/** Reads the expressions of an awk program, by falling precedence. */
import { Failure } from '../applet.ts';
import { compileRegex } from '../regex.ts';
import type { Expression } from './syntax.ts';
import { TokenStream } from './token-stream.ts';

/** Brackets and operators within one another. */
export const MAX_DEPTH = 200;

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '^='];
const COMPARISONS = ['<', '<=', '==', '!=', '>', '>='];

const isPlace = (expression: Expression): boolean => ['variable', 'field', 'element'].includes(expression.kind);

export class ExpressionParser extends TokenStream {
  #depth = 0;
  /** Within the arguments of print `>` redirects. */
  #greaterRedirects = false;

  /** Expressions up to a closing bracket. */
  list(close: string): Expression[] {
    const found: Expression[] = [];
    const outer = this.#greaterRedirects;
    this.#greaterRedirects = false;
    this.skipNewlines();
    while (!this.take(close)) {
      found.push(this.expression());
      this.skipNewlines();
      if (!this.is(close)) this.expect(',');
      this.skipNewlines();
    }
    this.#greaterRedirects = outer;
    return found;
  }

  /** `print a, b` and `print(a, b)`. */
  printArguments(): Expression[] {
    const before = this.mark();
    if (this.take('(')) {
      const found = this.list(')');
      const { token } = this;
      const isWhole =
        token.kind !== 'operator'
          ? token.kind === 'newline' || token.kind === 'end'
          : [';', '}', '>', '>>', '|'].includes(token.text);
      if (isWhole) return found;
      this.back(before);
    }
    this.#greaterRedirects = true;
    const found = [this.expression()];
    while (this.take(',')) {
      this.skipNewlines();
      found.push(this.expression());
    }
    this.#greaterRedirects = false;
    return found;
  }

  expression(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new Failure('expression too deep', 2);
    const condition = this.#or();
    let found = condition;
    if (this.take('?')) {
      this.skipNewlines();
      const yes = this.expression();
      this.skipNewlines();
      this.expect(':');
      this.skipNewlines();
      found = { kind: 'conditional', condition, yes, no: this.expression() };
    } else {
      const operator = ASSIGNMENTS.find((candidate) => this.is(candidate));
      if (operator !== undefined && isPlace(condition)) {
        this.advance();
        this.skipNewlines();
        found = { kind: 'assign', to: condition, operator, value: this.expression() };
      }
    }
    this.#depth--;
    return found;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.take('||')) {
      this.skipNewlines();
      left = { kind: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.take('&&')) {
      this.skipNewlines();
      left = { kind: 'and', left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#match();
    while (this.takeKeyword('in')) left = { kind: 'in', array: this.name(), keys: [left] };
    return left;
  }

  #match(): Expression {
    let left = this.#comparison();
    while (this.is('~') || this.is('!~')) {
      const isNegated = this.is('!~');
      this.advance();
      left = { kind: 'match', isNegated, left, right: this.#comparison() };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#piped();
    const operator = COMPARISONS.find((candidate) => this.is(candidate));
    if (operator === undefined || (operator === '>' && this.#greaterRedirects)) return left;
    this.advance();
    return { kind: 'binary', operator, left, right: this.#piped() };
  }

  /** `command | getline`. */
  #piped(): Expression {
    let left = this.concatenation();
    while (this.is('|')) {
      const next = this.ahead();
      if (next?.kind !== 'keyword' || next.text !== 'getline') break;
      this.advance();
      this.advance();
      left = { kind: 'getline', to: this.#place(), source: left, from: 'command' };
    }
    return left;
  }

  concatenation(): Expression {
    let left = this.#sum();
    while (this.#startsOperand()) left = { kind: 'binary', operator: ' ', left, right: this.#sum() };
    return left;
  }

  #startsOperand(): boolean {
    const { token } = this;
    if (token.kind === 'operator') return ['$', '!', '(', '-', '+', '++', '--'].includes(token.text);
    return ['number', 'string', 'regex', 'name', 'function-name', 'builtin'].includes(token.kind);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.is('+') || this.is('-')) {
      const operator = this.is('+') ? '+' : '-';
      this.advance();
      left = { kind: 'binary', operator, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = ['*', '/', '%'].find((candidate) => this.is(candidate));
      if (operator === undefined) return left;
      this.advance();
      left = { kind: 'binary', operator, left, right: this.#unary() };
    }
  }

  #unary(): Expression {
    for (const operator of ['!', '-', '+'] as const) {
      if (!this.take(operator)) continue;
      if (++this.#depth > MAX_DEPTH) throw new Failure('expression too deep', 2);
      const operand = this.#unary();
      this.#depth--;
      return { kind: 'unary', operator, operand };
    }
    return this.#power();
  }

  #power(): Expression {
    const left = this.#postfix();
    if (!this.take('^')) return left;
    return { kind: 'binary', operator: '^', left, right: this.#unary() };
  }

  #postfix(): Expression {
    for (const [operator, by] of [
      ['++', 1],
      ['--', -1],
    ] as const) {
      if (this.take(operator)) return { kind: 'step', to: this.#primary(), by, isPrefix: true };
    }
    const to = this.#primary();
    if (isPlace(to)) {
      if (this.take('++')) return { kind: 'step', to, by: 1, isPrefix: false };
      if (this.take('--')) return { kind: 'step', to, by: -1, isPrefix: false };
    }
    return to;
  }

  /** What getline reads into, if it is named. */
  #place(): Expression | undefined {
    return this.token.kind === 'name' || this.is('$') ? this.#primary() : undefined;
  }

  #primary(): Expression {
    const { token } = this;
    this.advance();
    if (token.kind === 'number') return { kind: 'number', value: token.value };
    if (token.kind === 'string') return { kind: 'string', value: token.text };
    if (token.kind === 'regex') return { kind: 'regex', regex: compileRegex(token.text, { isExtended: true }) };
    if (token.kind === 'name') {
      return this.take('[')
        ? { kind: 'element', array: token.text, keys: this.list(']') }
        : { kind: 'variable', name: token.text };
    }
    if (token.kind === 'function-name') {
      this.expect('(');
      return { kind: 'call', name: token.text, args: this.list(')'), isBuiltin: false };
    }
    if (token.kind === 'builtin') {
      const args = this.take('(') ? this.list(')') : [];
      return { kind: 'call', name: token.text, args, isBuiltin: true };
    }
    if (token.kind === 'keyword' && token.text === 'getline') return this.#getline();
    if (token.kind === 'operator' && token.text === '$') return { kind: 'field', index: this.#fieldIndex() };
    if (token.kind === 'operator' && token.text === '(') return this.#group();
    this.back(this.mark() - 1);
    throw this.unexpected();
  }

  #fieldIndex(): Expression {
    for (const operator of ['-', '+', '!'] as const)
      if (this.take(operator)) return { kind: 'unary', operator, operand: this.#primary() };
    if (this.is('++') || this.is('--')) return this.#postfix();
    return this.#primary();
  }

  #getline(): Expression {
    const to = this.#place();
    if (!this.take('<')) return { kind: 'getline', to, source: undefined, from: 'input' };
    return { kind: 'getline', to, source: this.#primary(), from: 'file' };
  }

  #group(): Expression {
    const items = this.list(')');
    if (items.length === 1) return { kind: 'group', inner: items[0]! };
    if (items.length === 0 || !this.takeKeyword('in')) throw this.unexpected();
    return { kind: 'in', array: this.name(), keys: items };
  }
}
