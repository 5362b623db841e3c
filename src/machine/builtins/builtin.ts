/** What the builtins of the shells have in common. */
import type { Run } from '../program.ts';
import { complain, giveUp, type Words } from '../shell/messages.ts';
import type { Shell } from '../shell/shell.ts';

/** Given its words, its own name first. @returns its status */
export type BuiltinRun = (shell: Shell, words: string[]) => Run<number>;

/** Says what is wrong with how a builtin was called. */
export function* wrong(shell: Shell, words: Words | string, builtin: string, status: number): Run<number> {
  yield* complain(shell, words, builtin);
  return status;
}

/** ash and dash give up the script for it, where the builtin is a special one; bash goes on. */
export function* fatal(shell: Shell, words: Words, builtin: string, bashStatus = 1): Run<number> {
  if (shell.state.dialect !== 'bash') return yield* giveUp(shell, words, 2, builtin);
  return yield* wrong(shell, words, builtin, bashStatus);
}

/** The letters of leading options. @returns them and the rest; `bad`: one that is not known */
export function optionsOf(
  words: readonly string[],
  known: string,
): { letters: Set<string>; rest: string[]; bad: string | undefined } {
  const letters = new Set<string>();
  let i = 1;
  for (; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      i++;
      break;
    }
    if (!/^-./.test(word)) break;
    for (const letter of word.slice(1)) {
      if (!known.includes(letter)) return { letters, rest: words.slice(i), bad: letter };
      letters.add(letter);
    }
  }
  return { letters, rest: words.slice(i), bad: undefined };
}

export const illegalOption = (letter: string): Words => ({
  ash: `illegal option -${letter}`,
  dash: `Illegal option -${letter}`,
  bash: `-${letter}: invalid option`,
});
