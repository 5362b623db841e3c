/** Simple commands: assignments, redirections, then a function, a builtin or a program. */
import type { BuiltinRun } from '../builtins/builtin.ts';
import { isSpecial } from '../builtins/names.ts';
import { builtinOf } from '../builtins/table.ts';
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import type { Assignment, CommandOf, Word } from '../syntax/syntax.ts';
import { assign } from './assign.ts';
import { expandWords } from './expand.ts';
import { runProgram } from './external.ts';
import { giveUpFor } from './faults.ts';
import { complain, giveUp } from './messages.ts';
import { type Hidden, keep, RedirectFault, redirect, restore } from './redirect.ts';
import type { Shell } from './shell.ts';
import type { Variable } from './state.ts';
import { traceText } from './trace.ts';
import { declareVariable, endLocals, ReadOnlyFault } from './variables.ts';

type Simple = CommandOf<'simple'>;

export function* runSimple(shell: Shell, command: Simple): Run<number> {
  const { isLast } = shell;
  shell.isLast = false;
  shell.captured = undefined;
  const words = yield* expandWords(shell, command.words);
  try {
    if (words.length === 0) return yield* runAssignments(shell, command);
    return yield* runWords(shell, command, words, isLast);
  } catch (error) {
    if (error instanceof ReadOnlyFault) yield* giveUpFor(shell, error);
    throw error;
  } finally {
    while (shell.temporary.length > 0) shell.process.close(shell.temporary.pop()!);
  }
}

/** Assignments without a command: they stay. */
function* runAssignments(shell: Shell, command: Simple): Run<number> {
  const done: string[] = [];
  for (const assignment of command.assignments) done.push(yield* assign(shell, assignment));
  if (shell.has('x') && done.length > 0) yield* traceText(shell, done, []);
  if (command.redirects) {
    const hidden = yield* redirectOrTell(shell, command, false);
    if (!hidden) return redirectStatus(shell);
    restore(shell, hidden);
  }
  return shell.captured ?? 0;
}

const redirectStatus = (shell: Shell): number => (shell.state.dialect === 'dash' ? 2 : 1);

/** Makes the redirections; undefined: one can't be made, and it was said. */
function* redirectOrTell(shell: Shell, { redirects }: Simple, gives: boolean): Run<Hidden | undefined> {
  if (!redirects) return [];
  try {
    return yield* redirect(shell, redirects);
  } catch (error) {
    if (!(error instanceof RedirectFault)) throw error;
    if (gives) yield* giveUp(shell, error.words, redirectStatus(shell));
    yield* complain(shell, error.words);
    return undefined;
  }
}

/** Assigns for one command. @returns what has been there before */
function* assignFor(
  shell: Shell,
  assignments: readonly Assignment[],
  done: string[],
): Run<Map<string, Variable | undefined>> {
  const before = new Map<string, Variable | undefined>();
  for (const assignment of assignments) {
    if (!before.has(assignment.name)) before.set(assignment.name, shell.state.variables.get(assignment.name));
    done.push(yield* assign(shell, assignment));
    declareVariable(shell, assignment.name, { isExported: true });
  }
  return before;
}

function takeBack(shell: Shell, before: ReadonlyMap<string, Variable | undefined>): void {
  for (const [name, variable] of before) {
    if (variable) shell.state.variables.set(name, variable);
    else shell.state.variables.delete(name);
  }
  if (before.size > 0) shell.forgetEnvironment();
}

function* runWords(shell: Shell, command: Simple, words: string[], isLast: boolean): Run<number> {
  const { state } = shell;
  const name = words[0]!;
  const definition = state.functions.get(name);
  const builtin = definition ? undefined : builtinOf(state.dialect, name);
  const special = builtin !== undefined && isSpecial(name) && state.dialect !== 'bash';
  const hidden = yield* redirectOrTell(shell, command, special && !state.isInteractive);
  if (!hidden) return redirectStatus(shell);
  const done: string[] = [];
  try {
    if (special) {
      for (const assignment of command.assignments) done.push(yield* assign(shell, assignment));
      if (shell.has('x')) yield* traceText(shell, done, words);
      return yield* builtin(shell, words);
    }
    const leading = command.assignments.filter(({ isArgument }) => !isArgument);
    const before = yield* assignFor(shell, leading, done);
    try {
      if (shell.has('x')) yield* traceText(shell, done, words);
      if (definition) return yield* callFunction(shell, words);
      if (builtin) {
        const status = yield* runBuiltin(shell, builtin, words);
        for (const each of command.assignments) if (each.isArgument) yield* assign(shell, each);
        return status;
      }
      const mayReplace = isLast && state.traps.size === 0 && !shell.has('m') && shell.temporary.length === 0;
      if (mayReplace) keep(shell, hidden);
      return yield* runProgram(shell, words, mayReplace, textOf(command.words));
    } finally {
      takeBack(shell, before);
    }
  } finally {
    if (name === 'exec' && builtin && words.length === 1) keep(shell, hidden);
    else restore(shell, hidden);
  }
}

const textOf = (words: readonly Word[]): string => words.map(({ source, plain }) => source ?? plain ?? '').join(' ');

/** A builtin that can't write says so. */
function* runBuiltin(shell: Shell, run: BuiltinRun, words: string[]): Run<number> {
  try {
    return yield* run(shell, words);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'EINTR') return 130;
    const bash = `write error: ${error.message}`;
    yield* complain(
      shell,
      { ash: bash, dash: `${words[0]}: I/O error`, bash },
      shell.state.dialect === 'ash' ? undefined : words[0],
    );
    return 1;
  }
}

/** Runs a function in this shell, with parameters of its own. */
export function* callFunction(shell: Shell, words: string[]): Run<number> {
  const { state } = shell;
  const { body } = state.functions.get(words[0]!)!;
  const { positional, loops, optionPlace } = state;
  state.positional = words.slice(1);
  state.loops = 0;
  state.optionPlace = 1;
  state.calls.push(words[0]!);
  state.locals.push(new Map());
  try {
    const status = yield* shell.run(body);
    if (shell.flow?.flow !== 'return') return status;
    shell.flow = undefined;
    return state.status;
  } finally {
    endLocals(shell);
    state.calls.pop();
    state.positional = positional;
    state.loops = loops;
    state.optionPlace = optionPlace;
  }
}

/** Runs words as a command, as `command`, `exec` and traps do. */
export function* callWords(shell: Shell, words: string[], how: { skipFunctions?: boolean } = {}): Run<number> {
  const name = words[0]!;
  if (!how.skipFunctions && shell.state.functions.has(name)) return yield* callFunction(shell, words);
  const builtin = builtinOf(shell.state.dialect, name);
  if (builtin) return yield* runBuiltin(shell, builtin, words);
  return yield* runProgram(shell, words, false, words.join(' '));
}
