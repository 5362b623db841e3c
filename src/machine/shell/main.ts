/** The shells as programs: ash of BusyBox (also as `sh`), dash, and bash. */

import { setOption } from '../builtins/options.ts';
import { Errno } from '../errno.ts';
import { DEFAULT_PATH } from '../image.ts';
import type { Process, Program, Run } from '../program.ts';
import type { Dialect } from '../syntax/syntax.ts';
import { runInteractive } from './interactive.ts';
import { INTERPRETER } from './interpreter.ts';
import { complain } from './messages.ts';
import { runText } from './run-text.ts';
import { Shell, ShellExit, ShellFault, VARIABLE_NAME } from './shell.ts';
import { newState } from './state.ts';
import { runStdin } from './stdin-script.ts';
import { endShell } from './traps.ts';
import { declareVariable, parameterValue, setVariable } from './variables.ts';

const BASH_VERSION = '5.2.15(1)-release';

/** What the environment and the shell itself set at the start. */
function prepare(shell: Shell, process: Process): void {
  const { dialect } = shell.state;
  for (const [name, value] of process.env) {
    if (VARIABLE_NAME.test(name)) declareVariable(shell, name, { value, isExported: true });
  }
  const isPlace = (path: string | undefined): boolean =>
    path?.startsWith('/') === true &&
    process.files.exists(path) &&
    process.files.real(path) === process.files.real('.');
  const place = process.env.get('PWD');
  setVariable(shell, 'PWD', isPlace(place) ? place! : process.cwd, { isExported: true });
  setVariable(shell, 'IFS', ' \t\n', { isExported: false });
  setVariable(shell, 'OPTIND', '1', { isExported: false });
  if (!parameterValue(shell, 'PATH')) setVariable(shell, 'PATH', DEFAULT_PATH);
  if (dialect !== 'dash') {
    const level = Number(process.env.get('SHLVL') ?? 0);
    setVariable(shell, 'SHLVL', String(Number.isSafeInteger(level) ? level + 1 : 1), { isExported: true });
  }
  if (dialect === 'bash') {
    setVariable(shell, 'BASH', '/bin/bash');
    setVariable(shell, 'BASH_VERSION', BASH_VERSION);
    setVariable(shell, 'HOSTNAME', process.hostname());
    setVariable(shell, 'OSTYPE', 'linux-gnu');
    setVariable(shell, 'MACHTYPE', 'x86_64-pc-linux-gnu');
    setVariable(shell, 'HOSTTYPE', 'x86_64');
  }
  const root = process.user.uid === 0;
  const prompts = { ash: '\\w \\$ ', dash: root ? '# ' : '$ ', bash: '\\u@\\h:\\w\\$ ' };
  if (parameterValue(shell, 'PS1') === undefined) setVariable(shell, 'PS1', prompts[dialect]);
  setVariable(shell, 'PS2', '> ');
  setVariable(shell, 'PS4', '+ ');
}

interface Called {
  /** The operand that is the script, or its name where `-c` has it. */
  operands: string[];
  command: string | undefined;
  readsStdin: boolean;
  isInteractive: boolean;
}

/** Reads how the shell was called. @throws ShellFault, which was told */
function* options(shell: Shell, args: readonly string[]): Run<Called> {
  const called: Called = { operands: [], command: undefined, readsStdin: false, isInteractive: false };
  let takesCommand = false;
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--' || arg === '-') {
      i++;
      break;
    }
    if (!/^[-+]./.test(arg)) break;
    if (arg.startsWith('--')) {
      if (shell.state.dialect !== 'bash' && arg !== '--login') yield* badOption(shell, arg);
      if (arg === '--rcfile' || arg === '--init-file') i++;
      continue;
    }
    for (const letter of arg.slice(1)) {
      if (letter === 'c') takesCommand = true;
      else if (letter === 's') called.readsStdin = true;
      else if (letter === 'i') called.isInteractive = true;
      else if (letter === 'l') continue;
      else if (letter === 'o') setOption(shell, args[++i] ?? '', arg.startsWith('-'));
      else if (!setOption(shell, letter, arg.startsWith('-'))) yield* badOption(shell, `${arg[0]}${letter}`);
    }
  }
  called.operands = args.slice(i);
  if (takesCommand) {
    if (called.operands.length === 0) {
      yield* complain(shell, {
        ash: '-c requires an argument',
        dash: '-c requires an argument',
        bash: '-c: option requires an argument',
      });
      throw new ShellFault(2);
    }
    called.command = called.operands.shift()!;
  }
  return called;
}

function* badOption(shell: Shell, option: string): Run<never> {
  yield* complain(shell, {
    ash: `illegal option ${option}`,
    dash: `Illegal option ${option}`,
    bash: `${option}: invalid option`,
  });
  throw new ShellFault(2);
}

/** Runs what the shell was called for. @returns its status */
function* runCalled(shell: Shell, called: Called): Run<number> {
  const { state, process } = shell;
  const { operands, command } = called;
  if (command !== undefined) {
    if (operands.length > 0) state.name = operands.shift()!;
    state.positional = operands;
    return yield* runText(shell, command, { line: 1, isLast: true });
  }
  if (operands.length > 0 && !called.readsStdin) {
    state.name = operands.shift()!;
    state.isScript = true;
    state.positional = operands;
    return yield* runFile(shell, state.name);
  }
  state.positional = operands;
  if (called.isInteractive || (process.isTerminal(0) && process.isTerminal(2))) return yield* runInteractive(shell);
  return yield* runStdin(shell);
}

function* runFile(shell: Shell, path: string): Run<number> {
  let text: string;
  try {
    text = shell.process.files.read(path);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const { name, dialect } = shell.state;
    const own = shell.process.args[0] ?? 'sh';
    const missing = error.code === 'ENOENT';
    if (dialect === 'ash') yield* shell.tell(`${own}: can't open '${path}': ${error.message}`);
    else if (dialect === 'dash')
      yield* shell.tell(`${own}: 0: cannot open ${path}: ${missing ? 'No such file' : error.message}`);
    else yield* shell.tell(`${own}: ${name}: ${error.message}`);
    return dialect === 'dash' ? 2 : missing ? (dialect === 'ash' ? 2 : 127) : 126;
  }
  return yield* runText(shell, text, { line: 1, isLast: true });
}

/** Runs a shell to its end, and its EXIT trap. */
function* runShell(shell: Shell, args: readonly string[]): Run<number> {
  let status: number;
  try {
    status = yield* runCalled(shell, yield* options(shell, args));
    if (shell.flow?.flow === 'return') status = shell.state.status;
  } catch (error) {
    if (!(error instanceof ShellExit) && !(error instanceof ShellFault)) throw error;
    status = error.status;
  }
  return yield* endShell(shell, status);
}

const shellProgram = (dialect: Dialect): Program =>
  function* (process) {
    const name = process.args[0] ?? 'sh';
    const shell = new Shell(process, newState(dialect, name, process.pid, process.now()), INTERPRETER);
    prepare(shell, process);
    return yield* runShell(shell, process.args.slice(1));
  };

export const ash: Program = shellProgram('ash');
export const dash: Program = shellProgram('dash');
export const bash: Program = shellProgram('bash');
