/** `[[ … ]]`. */
import type { Run } from '../program.ts';
import type { Test } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { expandPattern, expandText } from './expand.ts';
import { complain } from './messages.ts';
import { compilePattern, matches } from './patterns.ts';
import type { Shell } from './shell.ts';
import { binaryTest, unaryTest } from './test-operators.ts';
import { declareVariable } from './variables.ts';

/** Bytes of a text that is held against a regular expression. */
const MAX_REGEX_TEXT = 4_096;

/** @returns 0 where it holds, 1 where it does not, 2 where it is wrong. */
export function* condition(shell: Shell, test: Test): Run<number> {
  switch (test.test) {
    case 'not': {
      const status = yield* condition(shell, test.operand);
      return status > 1 ? status : 1 - status;
    }
    case 'and':
    case 'or': {
      const status = yield* condition(shell, test.left);
      if ((status === 0) !== (test.test === 'and')) return status;
      return yield* condition(shell, test.right);
    }
    case 'unary':
      return Number(!unaryTest(shell, test.operator, yield* expandText(shell, test.operand)));
    case 'binary':
      return yield* binary(shell, test);
  }
}

function* binary(shell: Shell, { operator, left, right }: Extract<Test, { test: 'binary' }>): Run<number> {
  const text = yield* expandText(shell, left);
  switch (operator) {
    case '=':
    case '==':
      return Number(!matches(compilePattern(yield* expandPattern(shell, right)), text));
    case '!=':
      return Number(matches(compilePattern(yield* expandPattern(shell, right)), text));
    case '<':
    case '>': {
      const other = yield* expandText(shell, right);
      return Number(operator === '<' ? text >= other : text <= other);
    }
    case '=~':
      return yield* regular(shell, text, yield* expandText(shell, right));
  }
  const other = yield* expandText(shell, right);
  if (/^-(?:eq|ne|lt|le|gt|ge)$/.test(operator)) {
    const numbers = [arithmeticValue(shell, text), arithmeticValue(shell, other)] as const;
    return Number(!binaryTest(shell, operator, ...numbers));
  }
  return Number(!binaryTest(shell, operator, text, other));
}

function* regular(shell: Shell, text: string, source: string): Run<number> {
  if (text.length > MAX_REGEX_TEXT) return 1;
  let found: RegExpExecArray | null;
  try {
    found = new RegExp(source.replace(/\[\[:(\w+):\]\]/g, (_, name: string) => CLASSES[name] ?? '[]')).exec(text);
  } catch {
    yield* complain(shell, 'syntax error in regular expression');
    return 2;
  }
  const elements = new Map((found ?? []).map((group, i) => [String(i), group ?? '']));
  declareVariable(shell, 'BASH_REMATCH', { elements });
  return Number(!found);
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]',
  digit: '[0-9]',
  alnum: '[A-Za-z0-9]',
  upper: '[A-Z]',
  lower: '[a-z]',
  space: '\\s',
  punct: '[!-/:-@\\[-`{-~]',
  xdigit: '[0-9A-Fa-f]',
};
