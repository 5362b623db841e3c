/** Runs commands: what each kind of compound command does. */
import type { Run } from '../program.ts';
import type { Command, CommandOf, Redirect, Word } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { condition } from './condition.ts';
import { isEndless } from './endless.ts';
import { expandPattern, expandText, expandWords } from './expand.ts';
import { ExpansionFault } from './expansion-fault.ts';
import { complain, giveUp } from './messages.ts';
import { compilePattern, matches } from './patterns.ts';
import { runAsync, runPipeline, runSubshell } from './pipelines.ts';
import { type Hidden, RedirectFault, redirect, restore } from './redirect.ts';
import { type Shell, ShellExit } from './shell.ts';
import { runSimple } from './simple-command.ts';
import { traceText } from './trace.ts';
import { answerSignals } from './traps.ts';
import { setVariable } from './variables.ts';

/** Commands within one another, functions included. */
export const MAX_DEPTH = 800;

/** Whose failing `set -e` minds. */
const MINDED = new Set<Command['command']>(['simple', 'pipeline', 'subshell', 'test', 'arithmetic']);

/** Runs a command with its redirections, then what has been waiting for its end: traps and `set -e`. */
export function* run(shell: Shell, command: Command): Run<number> {
  const { state, process } = shell;
  process.work(1);
  if (state.options.has('n') && !state.isInteractive) return 0;
  if (command.command !== 'list') state.line = command.line;
  const isLast = shell.isLast;
  if (command.command !== 'simple' && isLast)
    shell.isLast = command.redirects === undefined && PASSES.has(command.command);
  if (++shell.depth > MAX_DEPTH) throw new RangeError('commands too deep');
  const status =
    command.redirects && command.command !== 'simple'
      ? yield* redirected(shell, command, command.redirects)
      : yield* kind(shell, command);
  shell.depth--;
  shell.isLast = false;
  state.status = status;
  if (shell.arrived.length > 0) yield* answerSignals(shell);
  if (status !== 0 && MINDED.has(command.command) && state.tested === 0 && !shell.flow)
    yield* failed(shell, command, status);
  yield* process.pause();
  return status;
}

/** Whose last command is also the last of the shell. */
const PASSES = new Set<Command['command']>(['list', 'and', 'or', 'group', 'if']);

function* failed(shell: Shell, command: Command, status: number): Run {
  if (command.command === 'pipeline' && command.isNot) return;
  const action = shell.state.traps.get('ERR');
  if (action && shell.state.dialect !== 'dash') {
    shell.state.tested++;
    yield* shell.interpreter.runText(shell, action);
    shell.state.tested--;
    shell.state.status = status;
  }
  if (shell.has('e')) throw new ShellExit(status);
}

function* redirected(shell: Shell, command: Command, redirects: readonly Redirect[]): Run<number> {
  shell.isLast = false;
  let hidden: Hidden;
  try {
    hidden = yield* redirect(shell, redirects);
  } catch (error) {
    if (!(error instanceof RedirectFault)) throw error;
    yield* complain(shell, error.words);
    return shell.state.dialect === 'dash' ? 2 : 1;
  }
  try {
    return yield* kind(shell, command);
  } finally {
    restore(shell, hidden);
  }
}

function* kind(shell: Shell, command: Command): Run<number> {
  switch (command.command) {
    case 'simple':
      return yield* runSimple(shell, command);
    case 'list':
      return yield* runList(shell, command.parts);
    case 'pipeline':
      return yield* runPipeline(shell, command);
    case 'and':
    case 'or':
      return yield* runAndOr(shell, command);
    case 'async':
      return yield* runAsync(shell, command.body);
    case 'subshell':
      return yield* runSubshell(shell, command.body);
    case 'group':
      return yield* shell.run(command.body);
    case 'if':
      return yield* runIf(shell, command);
    case 'for':
      return yield* runFor(shell, command);
    case 'loop':
      return yield* runLoop(shell, command);
    case 'while':
    case 'until':
      return yield* runWhile(shell, command);
    case 'case':
      return yield* runCase(shell, command);
    case 'function':
      shell.state.functions.set(command.name, { body: command.body, source: command.source });
      return 0;
    case 'test':
      return yield* condition(shell, command.test);
    case 'arithmetic':
      return Number((yield* arithmetic(shell, command.expression)) === '0');
    default:
      return command satisfies never;
  }
}

function* runList(shell: Shell, parts: readonly Command[]): Run<number> {
  const { isLast } = shell;
  let status = 0;
  for (const [i, part] of parts.entries()) {
    shell.isLast = isLast && i === parts.length - 1;
    status = yield* shell.run(part);
    if (shell.flow) break;
  }
  return status;
}

function* tested(shell: Shell, command: Command): Run<number> {
  shell.state.tested++;
  shell.isLast = false;
  const status = yield* shell.run(command);
  shell.state.tested--;
  return status;
}

function* runAndOr(shell: Shell, { command, left, right }: CommandOf<'and'>): Run<number> {
  const { isLast } = shell;
  const status = yield* tested(shell, left);
  if (shell.flow || (status === 0) !== (command === 'and')) return status;
  shell.isLast = isLast;
  return yield* shell.run(right);
}

function* runIf(shell: Shell, { arms, otherwise }: CommandOf<'if'>): Run<number> {
  const { isLast } = shell;
  for (const { test, body } of arms) {
    const status = yield* tested(shell, test);
    if (shell.flow) return status;
    shell.isLast = isLast;
    if (status === 0) return yield* shell.run(body);
  }
  shell.isLast = isLast;
  return otherwise ? yield* shell.run(otherwise) : 0;
}

/** Runs the body of a loop once. @returns whether the loop ends. */
function* turn(shell: Shell, body: Command): Run<{ status: number; ends: boolean }> {
  const status = yield* shell.run(body);
  const { flow } = shell;
  if (!flow) return { status, ends: false };
  if (flow.flow === 'return') return { status, ends: true };
  if (flow.levels > 1) {
    flow.levels--;
    return { status, ends: true };
  }
  shell.flow = undefined;
  return { status, ends: flow.flow === 'break' };
}

function* runFor(shell: Shell, { name, words, body }: CommandOf<'for'>): Run<number> {
  const values = words ? yield* expandWords(shell, words) : [...shell.state.positional];
  let status = 0;
  shell.state.loops++;
  for (const value of values) {
    if (shell.has('x') && shell.state.dialect === 'bash') yield* traceText(shell, [], ['for', name, 'in', ...values]);
    setVariable(shell, name, value);
    const done = yield* turn(shell, body);
    status = done.status;
    if (done.ends) break;
  }
  shell.state.loops--;
  return status;
}

function* arithmetic(shell: Shell, expression: Word): Run<string> {
  const text = yield* expandText(shell, expression);
  try {
    return arithmeticValue(shell, text);
  } catch (error) {
    if (!(error instanceof ExpansionFault)) throw error;
    const { bash } = error.words;
    yield* giveUp(shell, { ...error.words, bash: `((: ${bash}` }, 1);
    return '0';
  }
}

function* runLoop(shell: Shell, command: CommandOf<'loop'>): Run<number> {
  const { first, test, step, body } = command;
  const isEmpty = test.plain === '' || test.parts.length === 0;
  yield* arithmetic(shell, first);
  let status = 0;
  shell.state.loops++;
  if (isEmpty && isEndless(shell, body)) shell.process.endless(true);
  while (isEmpty || (yield* arithmetic(shell, test)) !== '0') {
    const done = yield* turn(shell, body);
    status = done.status;
    if (done.ends) break;
    yield* arithmetic(shell, step);
    shell.process.work(1);
    yield* shell.process.pause();
  }
  shell.process.endless(false);
  shell.state.loops--;
  return status;
}

function* runWhile(shell: Shell, loop: CommandOf<'while'>): Run<number> {
  let status = 0;
  shell.state.loops++;
  if (isEndless(shell, loop)) shell.process.endless(true);
  for (;;) {
    const state = yield* tested(shell, loop.test);
    if (shell.flow) {
      const { flow } = shell;
      if (flow.flow === 'return') break;
      if (flow.levels > 1) flow.levels--;
      else shell.flow = undefined;
      if (shell.flow || flow.flow === 'break') break;
      continue;
    }
    if ((state === 0) !== (loop.command === 'while')) break;
    const done = yield* turn(shell, loop.body);
    status = done.status;
    if (done.ends) break;
  }
  shell.process.endless(false);
  shell.state.loops--;
  return status;
}

function* runCase(shell: Shell, { word, arms }: CommandOf<'case'>): Run<number> {
  const text = yield* expandText(shell, word);
  let status = 0;
  let falls = false;
  for (const { patterns, body, end } of arms) {
    let isMatch = falls;
    for (const pattern of patterns) {
      if (isMatch) break;
      isMatch = matches(compilePattern(yield* expandPattern(shell, pattern)), text);
    }
    if (!isMatch) continue;
    status = yield* shell.run(body);
    if (end === ';;' || shell.flow) return status;
    falls = end === ';&';
  }
  return status;
}
