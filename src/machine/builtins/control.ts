/** Builtins that change what is done next: break, continue, return, exit, eval, `.`, exec, command, and those that do nothing. */
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import { tellFault } from '../shell/external.ts';
import { complain, giveUp } from '../shell/messages.ts';
import { type Shell, ShellExit, ShellFault } from '../shell/shell.ts';
import { type BuiltinRun, fatal, wrong } from './builtin.ts';
import { describe } from './type.ts';

// biome-ignore lint/correctness/useYield: it never waits, but is called as what may.
export const succeed: BuiltinRun = function* () {
  return 0;
};

// biome-ignore lint/correctness/useYield: it never waits, but is called as what may.
export const fail: BuiltinRun = function* () {
  return 1;
};

const jump = (flow: 'break' | 'continue'): BuiltinRun =>
  function* (shell, words) {
    const levels = Number(words[1] ?? 1);
    const { loops, dialect } = shell.state;
    if (!Number.isInteger(levels) || levels < 1) {
      const plain = `Illegal number: ${words[1]}`;
      return yield* fatal(
        shell,
        { ash: plain, dash: plain, bash: `${words[1]}: numeric argument required` },
        flow,
        128,
      );
    }
    if (loops === 0) {
      if (dialect === 'bash') yield* complain(shell, "only meaningful in a `for', `while', or `until' loop", flow);
      return 0;
    }
    shell.flow = { flow, levels: Math.min(levels, loops) };
    return 0;
  };

export const breakLoop = jump('break');
export const continueLoop = jump('continue');

/** The status that a word says. */
function* statusOf(shell: Shell, words: readonly string[]): Run<number> {
  const word = words[1];
  if (word === undefined) return shell.state.status;
  if (/^-?\d+$/.test(word)) return Number(word) & 255;
  const plain = `Illegal number: ${word}`;
  yield* complain(shell, { ash: plain, dash: plain, bash: `${word}: numeric argument required` }, words[0]);
  throw words[0] === 'exit' ? new ShellExit(2) : new ShellFault(2);
}

export const exit: BuiltinRun = function* (shell, words) {
  throw new ShellExit(yield* statusOf(shell, words));
};

export const returnFrom: BuiltinRun = function* (shell, words) {
  const { calls, sourced, dialect } = shell.state;
  if (calls.length === 0 && sourced === 0 && dialect === 'bash') {
    return yield* wrong(shell, "can only `return' from a function or sourced script", 'return', 2);
  }
  const status = yield* statusOf(shell, words);
  shell.flow = { flow: 'return' };
  return status;
};

export const evaluate: BuiltinRun = function* (shell, words) {
  const text = words.slice(1).join(' ');
  if (shell.state.dialect !== 'bash') return yield* shell.interpreter.runText(shell, text, { command: 'eval' });
  try {
    return yield* shell.interpreter.runText(shell, text, { command: 'eval' });
  } catch (error) {
    // Of bash a script goes on behind an `eval` that is wrong.
    if (error instanceof ShellFault && error.status === 2) return 2;
    throw error;
  }
};

export const source: BuiltinRun = function* (shell, words) {
  const { process, state } = shell;
  const name = words[1];
  if (name === undefined) {
    return yield* fatal(
      shell,
      { ash: 'missing argument', dash: 'filename argument required', bash: 'filename argument required' },
      words[0]!,
      2,
    );
  }
  const folders = name.includes('/')
    ? ['']
    : [
        ...(shell.environment.get('PATH') ?? '').split(':').map((each) => `${each}/`),
        ...(state.dialect === 'bash' ? ['./'] : []),
      ];
  const path = folders.map((folder) => folder + name).find((each) => process.files.access(each, 4)) ?? name;
  let text: string;
  try {
    if (path === name && !name.includes('/')) throw new Errno('ENOENT');
    const descriptor = process.open(path, 'r');
    text = yield* process.readAll(descriptor);
    process.close(descriptor);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (state.dialect === 'bash') {
      yield* complain(shell, `${name}: ${error.message}`, name.includes('/') ? undefined : words[0]);
      return 1;
    }
    const ash = name.includes('/') ? `can't open '${name}': ${error.message}` : `${name}: not found`;
    const dash = name.includes('/')
      ? `cannot open ${name}: ${error.code === 'ENOENT' ? 'No such file' : error.message}`
      : `${name}: not found`;
    return yield* giveUp(shell, { ash, dash, bash: '' }, 2, words[0]);
  }
  return yield* runSourced(shell, text, words.slice(2));
};

function* runSourced(shell: Shell, text: string, args: string[]): Run<number> {
  const { state } = shell;
  const { positional, loops } = state;
  if (args.length > 0) state.positional = args;
  state.sourced++;
  state.loops = 0;
  try {
    const status = yield* shell.interpreter.runText(shell, text, { line: 1 });
    if (shell.flow?.flow === 'return') shell.flow = undefined;
    return status;
  } finally {
    state.sourced--;
    state.loops = loops;
    if (args.length > 0) state.positional = positional;
  }
}

export const exec: BuiltinRun = function* (shell, words) {
  let args = words.slice(1);
  if (args[0] === '--') args = args.slice(1);
  if (args[0] === '-a' && shell.state.dialect !== 'dash') args = args.slice(2);
  if (args.length === 0) return 0;
  const { process } = shell;
  for (const kept of shell.kept) process.close(kept);
  shell.kept.clear();
  try {
    return yield* process.exec(args, shell.environment);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new ShellExit(yield* tellFault(shell, args[0]!, error, 'exec'));
  }
};

export const command: BuiltinRun = function* (shell, words) {
  let i = 1;
  let shows: 'v' | 'V' | undefined;
  for (; i < words.length && /^-[pvV]+$/.test(words[i]!); i++) {
    if (words[i]!.includes('V')) shows = 'V';
    else if (words[i]!.includes('v')) shows = 'v';
  }
  if (words[i] === '--') i++;
  const rest = words.slice(i);
  if (rest.length === 0) return 0;
  if (shows === undefined) return yield* shell.interpreter.call(shell, rest, { skipFunctions: true });
  let status = 0;
  for (const name of rest) {
    const found = describe(shell, name);
    if (!found) {
      if (shows === 'V') yield* notFound(shell, name, 'command');
      status = shell.state.dialect === 'bash' ? 1 : 127;
    } else yield* shell.print(`${shows === 'v' ? found.short : found.long}\n`);
  }
  return status;
};

/** ash and dash say it on the standard output. */
function* notFound(shell: Shell, name: string, builtin: string): Run {
  if (shell.state.dialect === 'bash') yield* complain(shell, `${name}: not found`, builtin);
  else yield* shell.print(`${name}: not found\n`);
}

export const type: BuiltinRun = function* (shell, words) {
  let status = 0;
  const isShort = words[1] === '-t' && shell.state.dialect === 'bash';
  for (const name of words.slice(isShort || words[1] === '-p' || words[1] === '-a' ? 2 : 1)) {
    const found = describe(shell, name);
    if (found) yield* shell.print(`${isShort ? found.kind : found.long}\n`);
    else {
      if (!isShort) yield* notFound(shell, name, 'type');
      status = shell.state.dialect === 'bash' ? 1 : 127;
    }
  }
  return status;
};
