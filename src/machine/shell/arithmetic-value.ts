/** The value of an arithmetic expression over a shell's variables. */
import { evaluate, type Int } from './arithmetic.ts';
import { ArithmeticFault } from './arithmetic-syntax.ts';
import { ExpansionFault } from './expansion-fault.ts';
import type { Words } from './messages.ts';
import type { Shell } from './shell.ts';
import { elementOf, parameterValue, setElement, setVariable } from './variables.ts';

function wordsOf(text: string, { kind, rest }: ArithmeticFault): Words {
  const dash = {
    primary: `expecting primary: "${text}"`,
    end: `expecting EOF: "${text}"`,
    zero: `division by zero: "${text}"`,
    base: `expecting EOF: "${text}"`,
    depth: `expecting primary: "${text}"`,
  }[kind];
  const divisor = kind === 'zero' ? /[/%]\s*([^/%]*)$/.exec(text)?.[1] : undefined;
  const token = `(error token is "${divisor ?? rest}")`;
  const bash = {
    primary: `syntax error: operand expected ${token}`,
    end: `syntax error in expression ${token}`,
    zero: `division by 0 ${token}`,
    base: `value too great for base ${token}`,
    depth: `expression recursion level exceeded ${token}`,
  }[kind];
  return {
    ash: kind === 'zero' ? 'divide by zero' : 'arithmetic syntax error',
    dash: `arithmetic expression: ${dash}`,
    bash: `${text.trimStart()}: ${bash}`,
  };
}

/** @throws ExpansionFault, ReadOnlyFault */
export function arithmeticValue(shell: Shell, text: string): string {
  shell.process.work(1);
  try {
    return String(
      evaluate(text, {
        get: (name, index) => value(shell, name, index),
        set: (name, index, to) => {
          if (index === undefined) setVariable(shell, name, to);
          else setElement(shell, name, String(index), to);
        },
      }),
    );
  } catch (error) {
    if (error instanceof ArithmeticFault) throw new ExpansionFault(wordsOf(text, error), { bash: 1 }, shell);
    throw error;
  }
}

function value(shell: Shell, name: string, index: Int | undefined): string {
  const found = index === undefined ? parameterValue(shell, name) : elementOf(shell, name, String(index));
  if (found === undefined && shell.has('u')) {
    throw new ExpansionFault(
      { ash: `${name}: parameter not set`, dash: `${name}: parameter not set`, bash: `${name}: unbound variable` },
      { bash: 127 },
      shell,
    );
  }
  return found ?? '';
}
