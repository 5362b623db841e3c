/** Programs: started as children, or in the shell's place. */
import { pathOf } from '../builtins/type.ts';
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import { forkShell, groupOf, inForeground, tellOfSignal } from './children.ts';
import { complain, type Words } from './messages.ts';
import type { Shell } from './shell.ts';

/** Why a program can't be run, and the status of that. */
function faultOf(shell: Shell, name: string, error: Errno, isOfExec: boolean): { words: Words; status: number } {
  const { message, code } = error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const bash = name.includes('/')
      ? `${name}: ${message}`
      : `${name}: ${isOfExec ? 'not found' : 'command not found'}`;
    return { words: { ash: `${name}: not found`, dash: `${name}: not found`, bash }, status: 127 };
  }
  const isFolder =
    name.includes('/') && shell.process.files.exists(name) && shell.process.files.stat(name).kind === 'directory';
  const words = {
    ash: `${name}: ${message}`,
    dash: `${name}: ${message}`,
    bash: `${name}: ${isFolder ? 'Is a directory' : message}`,
  };
  return { words, status: 126 };
}

export function* tellFault(shell: Shell, name: string, error: Errno, builtin?: string): Run<number> {
  const { words, status } = faultOf(shell, name, error, builtin === 'exec');
  yield* complain(shell, words, builtin);
  return status;
}

/** The text of a file that is no program but a script of this shell. */
function scriptOf(shell: Shell, name: string): { path: string; text: string } | undefined {
  const path = pathOf(shell, name);
  if (path === undefined) return undefined;
  try {
    return { path, text: shell.process.files.read(path) };
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}

/** @returns its status. With `mayReplace` it takes the shell's place, and this never returns unless it can't be started. */
export function* runProgram(shell: Shell, words: string[], mayReplace: boolean, text: string): Run<number> {
  const { process } = shell;
  try {
    if (mayReplace) yield* process.exec(words, shell.environment);
    const group = groupOf(shell);
    const pid = process.spawn(words, {
      env: shell.environment,
      descriptors: shell.descriptors,
      ...(group === undefined ? {} : { group }),
    });
    return yield* finish(shell, pid, text);
  } catch (error) {
    if (!(error instanceof Errno) || error.code === 'EINTR') throw error;
    if (error.code !== 'ENOEXEC') return yield* tellFault(shell, words[0]!, error);
    const script = scriptOf(shell, words[0]!);
    if (!script) return yield* tellFault(shell, words[0]!, error);
    const pid = forkShell(shell, (copy) => {
      copy.state.name = script.path;
      copy.state.isScript = true;
      copy.state.positional = words.slice(1);
      return copy.interpreter.runText(copy, script.text, { line: 1 });
    });
    return yield* finish(shell, pid, text);
  }
}

function* finish(shell: Shell, pid: number, text: string): Run<number> {
  const [ended] = yield* inForeground(shell, [pid]);
  yield* tellOfSignal(shell, ended!, text);
  return ended!.status;
}
