import { expect, it } from 'vitest';
import { MAX_PRINTED, MAX_STEPS, printedBy } from './one-liners.ts';

it('knows programs of as many statements as they may have, and no longer ones', () => {
  const program = (statements: number): string => new Array<string>(statements).fill('print(1)').join('\n');
  expect(printedBy(program(MAX_STEPS), 'python')).toHaveLength(MAX_STEPS);
  expect(printedBy(program(MAX_STEPS + 1), 'python')).toBeUndefined();
});

it('knows programs that print as much as they may, and none that prints more', () => {
  const line = `print("${'x'.repeat(63)}" * 1000, end="")`;
  const whole = Math.floor(MAX_PRINTED / 63_000);
  const rest = MAX_PRINTED - whole * 63_000;
  const program = (more: number): string =>
    [...new Array<string>(whole).fill(line), `print("${'x'.repeat(rest + more)}", end="")`].join('; ');
  const steps = printedBy(program(0), 'python');
  expect(steps?.reduce((sum, step) => sum + ('print' in step ? step.print.length : 0), 0)).toBe(MAX_PRINTED);
  expect(printedBy(program(1), 'python')).toBeUndefined();
});
