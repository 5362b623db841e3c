/** Works arithmetic out, in 64 bits with a sign, as C does. */
import { ArithmeticFault, type Expression, parseArithmetic, small, type Target } from './arithmetic-syntax.ts';

export type Int = number | bigint;

/** The variables that an expression reads and writes. */
export interface Names {
  get(name: string, index: Int | undefined): string;
  set(name: string, index: Int | undefined, value: string): void;
}

/** Variables that lead to expressions that lead to variables. */
export const MAX_LEADS = 50;

function big(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '<<':
      return left << (right & 63n);
    case '>>':
      return left >> (right & 63n);
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    default:
      return power(left, right);
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = BigInt.asUintN(64, exponent); rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

function compute(operator: string, left: Int, right: Int, rest: string): Int {
  switch (operator) {
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '<':
      return Number(left < right);
    case '>':
      return Number(left > right);
    case '<=':
      return Number(left <= right);
    case '>=':
      return Number(left >= right);
    case ',':
      return right;
  }
  if ((operator === '/' || operator === '%') && (right === 0 || right === 0n)) throw new ArithmeticFault('zero', rest);
  if (operator === '**' && right < 0) throw new ArithmeticFault('primary', rest);
  if (typeof left === 'number' && typeof right === 'number') {
    const quick =
      operator === '+'
        ? left + right
        : operator === '-'
          ? left - right
          : operator === '*'
            ? left * right
            : operator === '/'
              ? Math.trunc(left / right)
              : operator === '%'
                ? left % right
                : Number.NaN;
    if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick;
  }
  return small(big(operator, BigInt(left), BigInt(right)));
}

class Evaluation {
  readonly #names: Names;
  #leads = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  value(of: Expression): Int {
    switch (of.is) {
      case 'number':
        return of.value;
      case 'variable':
        return this.#read(of, this.#index(of));
      case 'unary':
        return this.#unary(of.operator, this.value(of.operand));
      case 'binary':
        return this.#binary(of);
      case 'choice':
        return this.value(of.test) ? this.value(of.left) : this.value(of.right);
      case 'assign': {
        const index = this.#index(of.target);
        const value = this.value(of.value);
        return this.#write(
          of.target,
          index,
          of.operator === '' ? value : compute(of.operator, this.#read(of.target, index), value, ''),
        );
      }
      case 'step': {
        const index = this.#index(of.target);
        const before = this.#read(of.target, index);
        const after = this.#write(of.target, index, compute(of.operator === '++' ? '+' : '-', before, 1, ''));
        return of.isBefore ? after : before;
      }
    }
  }

  #index({ index }: Target): Int | undefined {
    return index && this.value(index);
  }

  #binary({ operator, left, right }: Extract<Expression, { is: 'binary' }>): Int {
    if (operator === '&&') return Number(Boolean(this.value(left)) && Boolean(this.value(right)));
    if (operator === '||') return Number(Boolean(this.value(left)) || Boolean(this.value(right)));
    const first = this.value(left);
    const second = this.value(right);
    return compute(operator, first, second, String(second));
  }

  #unary(operator: string, value: Int): Int {
    if (operator === '-') return small(-BigInt(value));
    if (operator === '~') return small(~BigInt(value));
    return operator === '!' ? Number(!value) : value;
  }

  #read({ name }: Target, index: Int | undefined): Int {
    const text = this.#names.get(name, index);
    if (/^-?[1-9]\d{0,14}$/.test(text)) return Number(text);
    if (text === '' || text === '0') return 0;
    if (++this.#leads > MAX_LEADS) throw new ArithmeticFault('depth', name);
    const value = this.value(parseArithmetic(text));
    this.#leads--;
    return value;
  }

  #write({ name }: Target, index: Int | undefined, value: Int): Int {
    this.#names.set(name, index, String(value));
    return value;
  }
}

/** @throws ArithmeticFault */
export const evaluate = (text: string, names: Names): Int => new Evaluation(names).value(parseArithmetic(text));
