/** Commands that do one thing to each of their operands. */
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { complain, type Dialect, UsageError } from './applet.ts';

/** Does something with each operand; an error is said in the words of the dialect. @returns the exit code */
export function* eachOperand(
  process: Process,
  operands: readonly string[],
  take: (path: string) => void,
  words: (path: string, why: string) => string,
): Run<number> {
  let status = 0;
  for (const path of operands) {
    try {
      process.work(1);
      take(path);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = 1;
      yield* complain(process, words(path, error.message));
    }
  }
  return status;
}

/** @throws UsageError where operands are missing */
export const needOperand = (operands: readonly string[], dialect: Dialect, count = 1): void => {
  if (operands.length >= count) return;
  if (dialect === 'busybox') throw new UsageError('');
  throw new UsageError(operands.length === 0 ? 'missing operand' : `missing operand after '${operands[0]}'`);
};
