/** What goes wrong in the midst of a command that is not simple: a variable of a loop that is read-only, arithmetic that is wrong. */
import type { Run } from '../program.ts';
import { readOnlyWords } from './expand.ts';
import { ExpansionFault } from './expansion-fault.ts';
import { giveUp } from './messages.ts';
import type { Shell } from './shell.ts';
import { ReadOnlyFault } from './variables.ts';

/** Says it, and gives up the script. @throws ShellFault */
export function* saidFaults<T>(shell: Shell, run: Run<T>): Run<T> {
  try {
    return yield* run;
  } catch (error) {
    if (error instanceof ExpansionFault) return yield* giveUp(shell, error.words, error.status);
    if (error instanceof ReadOnlyFault)
      return yield* giveUp(shell, readOnlyWords(error), shell.state.dialect === 'bash' ? 1 : 2);
    throw error;
  }
}
