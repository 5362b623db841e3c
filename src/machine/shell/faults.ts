/** What goes wrong in the midst of a command: a variable that is read-only, an expansion that can't be made, arithmetic that is wrong. */
import type { Run } from '../program.ts';
import { ExpansionFault } from './expansion-fault.ts';
import { giveUp, type Words } from './messages.ts';
import type { Shell } from './shell.ts';
import { ReadOnlyFault } from './variables.ts';

export const readOnlyWords = ({ variable }: ReadOnlyFault): Words => ({
  ash: `${variable}: is read only`,
  dash: `${variable}: is read only`,
  bash: `${variable}: readonly variable`,
});

/** Says such a fault, and gives up the script; anything else is thrown on. @throws ShellFault */
export function* giveUpFor(shell: Shell, error: unknown): Run<never> {
  if (error instanceof ExpansionFault) return yield* giveUp(shell, error.words, error.status);
  if (error instanceof ReadOnlyFault)
    return yield* giveUp(shell, readOnlyWords(error), shell.state.dialect === 'bash' ? 1 : 2);
  throw error;
}

/** Runs what may have such a fault. @throws ShellFault */
export function* saidFaults<T>(shell: Shell, run: Run<T>): Run<T> {
  try {
    return yield* run;
  } catch (error) {
    return yield* giveUpFor(shell, error);
  }
}
