/** `[[ … ]]`. */
import { isOptionOn } from '../builtins/options.ts';
import type { Run } from '../program.ts';
import { Failure } from '../programs/applet.ts';
import { testHolds } from '../programs/expr-test.ts';
import { compileRegex } from '../programs/regex.ts';
import type { Test } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { expandPattern, expandText } from './expand.ts';
import { compilePattern, matches } from './patterns.ts';
import type { Shell } from './shell.ts';
import { declareVariable, parameterValue } from './variables.ts';

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
      return yield* unary(shell, test.operator, yield* expandText(shell, test.operand));
    case 'binary':
      return yield* binary(shell, test);
  }
}

/** `-v` asks for a variable, `-o` for an option; the rest is as `test` has it. */
// biome-ignore lint/correctness/useYield: it is called as what may wait.
function* unary(shell: Shell, operator: string, operand: string): Run<number> {
  if (operator === '-v') return Number(parameterValue(shell, operand) === undefined);
  if (operator === '-o') return Number(!isOptionOn(shell, operand));
  return Number(!testHolds([operator, operand], shell.process));
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
    return Number(!testHolds([numbers[0], operator, numbers[1]], shell.process));
  }
  return Number(!testHolds([text, operator, other], shell.process));
}

function* regular(shell: Shell, text: string, source: string): Run<number> {
  try {
    const found = compileRegex(source, { isExtended: true }).find(text);
    const elements = new Map((found?.groups ?? []).map((group, i) => [String(i), group ?? '']));
    declareVariable(shell, 'BASH_REMATCH', { elements });
    return Number(!found);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return 2;
  }
}
