/** Arithmetic expressions of a shell as a tree. */
import { BoundedMap } from '../../simulation/bounded-map.ts';

export type Expression =
  | { is: 'number'; value: number | bigint }
  | { is: 'variable'; name: string; index?: Expression }
  | { is: 'unary'; operator: string; operand: Expression }
  | { is: 'binary'; operator: string; left: Expression; right: Expression }
  | { is: 'choice'; test: Expression; left: Expression; right: Expression }
  | { is: 'assign'; operator: string; target: Target; value: Expression }
  | { is: 'step'; operator: '++' | '--'; isBefore: boolean; target: Target };

export type Target = Extract<Expression, { is: 'variable' }>;

/** The expression is wrong: from here on. */
export class ArithmeticFault extends Error {
  readonly rest: string;
  readonly kind: 'primary' | 'end' | 'zero' | 'base' | 'depth';

  constructor(kind: ArithmeticFault['kind'], rest: string) {
    super(kind);
    this.kind = kind;
    this.rest = rest;
  }
}

const TOKEN =
  /\s*(?:(\d+#[\w@]+|0[xX][\da-fA-F]+|\d\w*)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%&|^!~<>=?:(),[\]]))/y;
/** Parentheses and signs within one another. */
export const MAX_ARITHMETIC_DEPTH = 100;

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGNING = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);

interface Token {
  kind: 'number' | 'name' | 'operator' | 'end';
  text: string;
  at: number;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new ArithmeticFault('primary', text.slice(at).trimStart());
    const kind = found[1] !== undefined ? 'number' : found[2] !== undefined ? 'name' : 'operator';
    const token = found[1] ?? found[2] ?? found[3]!;
    tokens.push({ kind, text: token, at: TOKEN.lastIndex - token.length });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: end });
  return tokens;
}

export const small = (value: bigint): number | bigint => {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= BigInt(Number.MIN_SAFE_INTEGER) && wrapped <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(wrapped)
    : wrapped;
};

/** `10`, `0x1f`, `017`, `2#101`. @throws ArithmeticFault */
export function numberOf(text: string): number | bigint {
  const based = /^(\d+)#([\w@]+)$/.exec(text);
  const [base, digits] = based
    ? [Number(based[1]), based[2]!]
    : /^0[xX]/.test(text)
      ? [16, text.slice(2)]
      : /^0./.test(text)
        ? [8, text.slice(1)]
        : [10, text];
  let value = 0n;
  for (const digit of digits) {
    const lower = Number.parseInt(digit, 36);
    const worth = base > 36 && /[A-Z]/.test(digit) ? lower + 26 : lower;
    if (!(worth < base)) throw new ArithmeticFault('base', text);
    value = value * BigInt(base) + BigInt(worth);
  }
  return small(value);
}

class ExpressionReader {
  readonly #text: string;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#comma();
    if (this.#token.kind !== 'end') throw this.#fault('end');
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #fault(kind: ArithmeticFault['kind']): ArithmeticFault {
    const before = this.#tokens[this.#at - 1];
    const from = this.#token.kind === 'end' && before ? before.at : this.#token.at;
    return new ArithmeticFault(kind, this.#text.slice(from));
  }

  #take(operator: string): boolean {
    if (this.#token.kind !== 'operator' || this.#token.text !== operator) return false;
    this.#at++;
    return true;
  }

  #comma(): Expression {
    let left = this.#assignment();
    while (this.#take(',')) left = { is: 'binary', operator: ',', left, right: this.#assignment() };
    return left;
  }

  #assignment(): Expression {
    if (++this.#depth > MAX_ARITHMETIC_DEPTH) throw this.#fault('depth');
    const left = this.#choice();
    const { kind, text } = this.#token;
    let result = left;
    if (kind === 'operator' && ASSIGNING.has(text)) {
      if (left.is !== 'variable') throw this.#fault('end');
      this.#at++;
      result = { is: 'assign', operator: text.slice(0, -1), target: left, value: this.#assignment() };
    }
    this.#depth--;
    return result;
  }

  #choice(): Expression {
    const test = this.#level(0);
    if (!this.#take('?')) return test;
    const left = this.#comma();
    if (!this.#take(':')) throw this.#fault('primary');
    return { is: 'choice', test, left, right: this.#assignment() };
  }

  #level(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#power();
    let left = this.#level(level + 1);
    while (this.#token.kind === 'operator' && operators.includes(this.#token.text)) {
      const operator = this.#token.text;
      this.#at++;
      left = { is: 'binary', operator, left, right: this.#level(level + 1) };
    }
    return left;
  }

  #power(): Expression {
    const left = this.#unary();
    if (!this.#take('**')) return left;
    return { is: 'binary', operator: '**', left, right: this.#power() };
  }

  #unary(): Expression {
    if (++this.#depth > MAX_ARITHMETIC_DEPTH) throw this.#fault('depth');
    const { text, kind } = this.#token;
    let result: Expression;
    if (kind === 'operator' && ['!', '~', '+', '-'].includes(text)) {
      this.#at++;
      result = { is: 'unary', operator: text, operand: this.#unary() };
    } else if (kind === 'operator' && (text === '++' || text === '--')) {
      this.#at++;
      const target = this.#unary();
      // Before what is no variable they are two signs, which make none.
      result =
        target.is === 'variable'
          ? { is: 'step', operator: text, isBefore: true, target }
          : { is: 'unary', operator: '+', operand: target };
    } else result = this.#postfix();
    this.#depth--;
    return result;
  }

  #postfix(): Expression {
    const { kind, text } = this.#token;
    if (kind === 'number') {
      this.#at++;
      return { is: 'number', value: numberOf(text) };
    }
    if (this.#take('(')) {
      const inner = this.#comma();
      if (!this.#take(')')) throw this.#fault('end');
      return inner;
    }
    if (kind !== 'name') throw this.#fault('primary');
    this.#at++;
    const target: Target = { is: 'variable', name: text };
    if (this.#take('[')) {
      target.index = this.#comma();
      if (!this.#take(']')) throw this.#fault('end');
    }
    if (this.#take('++')) return { is: 'step', operator: '++', isBefore: false, target };
    if (this.#take('--')) return { is: 'step', operator: '--', isBefore: false, target };
    return target;
  }
}

/** Expressions that are kept as trees, by their texts' characters. */
const KEPT = 50_000;
const known = new BoundedMap<{ text: string; expression: Expression }>(KEPT, ({ text }) => text.length + 200);
const ZERO: Expression = { is: 'number', value: 0 };

/** @throws ArithmeticFault */
export function parseArithmetic(text: string): Expression {
  if (text.trim() === '') return ZERO;
  const found = known.get(text);
  if (found) return found.expression;
  const expression = new ExpressionReader(text).whole();
  known.set(text, { text, expression });
  return expression;
}
