/** Commands that run other commands. */
import { Errno } from '../errno.ts';
import type { Process, Run, Spawn } from '../program.ts';
import { complain } from './applet.ts';

/** The exit code that a command has that could not be started. */
export const statusOf = (error: Errno): number => (error.code === 'ENOENT' ? 127 : 126);

/** How one that can't be started is complained of. */
export type StartWords = (name: string, words: string) => string;

export const plainStart: StartWords = (name, words) => `${name}: ${words}`;
export const cannotExecute: StartWords = (name, words) => `can't execute '${name}': ${words}`;

/** Starts a command and waits for its end. @returns its exit code; 126 or 127 where it could not be started, which is said */
export function* runAndWait(
  process: Process,
  args: readonly string[],
  how: Spawn = {},
  words: StartWords = plainStart,
): Run<number> {
  let pid: number;
  try {
    pid = process.spawn(args, how);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* complain(process, words(args[0]!, error.message));
    return statusOf(error);
  }
  return (yield* process.wait(pid))?.status ?? 0;
}

/** Becomes another command; @returns an exit code where that could not be */
export function* become(
  process: Process,
  args: readonly string[],
  env?: ReadonlyMap<string, string>,
  words: StartWords = cannotExecute,
): Run<number> {
  try {
    return yield* process.exec(args, env);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* complain(process, words(args[0]!, error.message));
    return statusOf(error);
  }
}

/** The shell of a process. */
export const shellArgs = (command: string): string[] => ['sh', '-c', command];
