/** The small languages within a shell's: conditions of `test`, `expr`, arithmetic, and one field of a line. */
import { UnreadScript } from './script-commands.ts';

const INTEGER = /^-?\d{1,9}$/;

const integer = (text: string | undefined): number => {
  if (text === undefined || !INTEGER.test(text)) throw new UnreadScript();
  return Number(text);
};

const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

/** A condition as `test`, `[` and `[[` take it; `exists` tells of a file. Throws `UnreadScript`. */
export function isTrue(program: string, words: string[], exists: (path: string) => boolean): boolean {
  const end = program === '[' ? ']' : program === '[[' ? ']]' : undefined;
  if (end !== undefined && words.at(-1) !== end) throw new UnreadScript();
  const args = end === undefined ? words : words.slice(0, -1);
  if (args[0] === '!') return !isTrue('test', args.slice(1), exists);
  const [a = '', operator = '', b = ''] = args;
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return a !== '';
    case 2:
      if (a === '-n') return operator !== '';
      if (a === '-z') return operator === '';
      // Of what is there it is known that it is a file that was written here.
      if (['-e', '-f', '-r', '-w'].includes(a)) return exists(operator);
      throw new UnreadScript();
    case 3:
      if (operator === '=' || operator === '==') return equal(program, a, b);
      if (operator === '!=') return !equal(program, a, b);
      if (Object.hasOwn(COMPARISONS, operator)) return COMPARISONS[operator]!(integer(a), integer(b));
      throw new UnreadScript();
    default:
      throw new UnreadScript();
  }
}

function equal(program: string, a: string, b: string): boolean {
  // To a double bracket it may be a pattern.
  if (program === '[[' && /[*?[\\]/.test(b)) throw new UnreadScript();
  return a === b;
}

const OPERATIONS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
};

function operate(operator: string, a: number, b: number): number {
  if (!Object.hasOwn(OPERATIONS, operator) || (b === 0 && (operator === '/' || operator === '%')))
    throw new UnreadScript();
  const result = OPERATIONS[operator]!(a, b);
  if (!Number.isSafeInteger(result)) throw new UnreadScript();
  return result;
}

/** `expr A OPERATOR B`. */
export function expr(args: string[]): number {
  if (args.length !== 3) throw new UnreadScript();
  return operate(args[1]!, integer(args[0]), integer(args[2])) + 0;
}

/** What stands between `$((` and `))`: numbers and the operators on them, products before sums. */
export function evaluate(text: string): number {
  const tokens = text.match(/\d+|[-+*/%]|\S/g) ?? [];
  const sums: number[] = [];
  let sign = 1;
  for (let at = 0; at < tokens.length; ) {
    let value = integer(tokens[at++]);
    for (; ['*', '/', '%'].includes(tokens[at] ?? ''); at += 2)
      value = operate(tokens[at]!, value, integer(tokens[at + 1]));
    sums.push(sign * value);
    const operator = tokens[at++];
    if (operator !== undefined && operator !== '+' && operator !== '-') throw new UnreadScript();
    if (operator !== undefined && at === tokens.length) throw new UnreadScript();
    sign = operator === '-' ? -1 : 1;
  }
  return sums.reduce((total, each) => operate('+', total, each), 0);
}

/** `awk '{print $1}'`: one field of each line. */
export function awkField(args: string[], input: string): string {
  const field = args.length === 1 ? /^\{\s*print\s+\$(\d)\s*\}$/.exec(args[0]!)?.[1] : undefined;
  if (field === undefined) throw new UnreadScript();
  const lines = input.split('\n').slice(0, -1);
  const fieldOf = (line: string): string =>
    field === '0' ? line : (line.trim().split(/\s+/)[Number(field) - 1] ?? '');
  return lines.map((line) => `${fieldOf(line)}\n`).join('');
}
