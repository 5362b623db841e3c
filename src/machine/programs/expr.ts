/** expr. */
import { bytesOf } from '../bytes.ts';
import { type Applet, Failure } from './applet.ts';
import { compileRegex } from './regex.ts';

/** Operators from the weakest to the strongest. */
const LEVELS = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']];

const isNumber = (text: string): boolean => /^-?\d+$/.test(text);
const isTrue = (text: string): boolean => text !== '' && !/^-?0+$/.test(text);

class Evaluator {
  #at = 0;
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  whole(): string {
    if (this.#words.length === 0) throw new Failure('too few arguments', 2);
    const value = this.#level(0);
    if (this.#at < this.#words.length) throw new Failure('syntax error', 2);
    return value;
  }

  #level(level: number): string {
    if (level === LEVELS.length) return this.#primary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = this.#words[this.#at];
      if (operator === undefined || !LEVELS[level]!.includes(operator)) return left;
      this.#at++;
      left = apply(operator, left, this.#level(level + 1));
    }
  }

  #next(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Failure('syntax error', 2);
    return word;
  }

  #primary(): string {
    const word = this.#next();
    if (word === '(') {
      const value = this.#level(0);
      if (this.#next() !== ')') throw new Failure('syntax error', 2);
      return value;
    }
    if (word === 'length' && this.#at < this.#words.length) return String(this.#primary().length);
    if (word === 'quote') return this.#next();
    if (word === 'match') return apply(':', this.#primary(), this.#primary());
    if (word === 'index') {
      const [text, characters] = [this.#primary(), this.#primary()];
      return String([...text].findIndex((character) => characters.includes(character)) + 1);
    }
    if (word === 'substr') {
      const [text, from, length] = [this.#primary(), Number(this.#primary()), Number(this.#primary())];
      return from > 0 && length > 0 ? text.slice(from - 1, from - 1 + length) : '';
    }
    return word;
  }
}

function apply(operator: string, left: string, right: string): string {
  switch (operator) {
    case '|':
      return isTrue(left) ? left : isTrue(right) ? right : '0';
    case '&':
      return isTrue(left) && isTrue(right) ? left : '0';
    case ':': {
      const match = compileRegex(`^${right.replace(/^\^/, '')}`).find(left);
      const hasGroup = /\\\(/.test(right);
      if (match === undefined) return hasGroup ? '' : '0';
      return hasGroup ? (match.groups[1] ?? '') : String(match.end);
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return String(arithmetic(operator, left, right));
  }
  const isNumeric = isNumber(left) && isNumber(right);
  const isSame = isNumeric ? BigInt(left) === BigInt(right) : left === right;
  const isLess = isNumeric ? BigInt(left) < BigInt(right) : left < right;
  const holds = {
    '<': isLess,
    '<=': isLess || isSame,
    '=': isSame,
    '==': isSame,
    '!=': !isSame,
    '>=': !isLess,
    '>': !isLess && !isSame,
  }[operator];
  return holds ? '1' : '0';
}

function arithmetic(operator: string, left: string, right: string): bigint {
  if (!isNumber(left) || !isNumber(right)) throw new Failure('non-numeric argument', 2);
  const [a, b] = [BigInt(left), BigInt(right)];
  if ((operator === '/' || operator === '%') && b === 0n) throw new Failure('division by zero', 2);
  const value = { '+': () => a + b, '-': () => a - b, '*': () => a * b, '/': () => a / b, '%': () => a % b }[
    operator
  ]!();
  return BigInt.asIntN(64, value);
}

export const expr: Applet = function* (process) {
  const value = new Evaluator(process.args.slice(1)).whole();
  yield* process.write(1, bytesOf(`${value}\n`));
  return isTrue(value) ? 0 : 1;
};
