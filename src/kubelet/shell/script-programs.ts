/** The programs that a script may come to without its end becoming unknown. */

import { UnreadScript } from './script-commands.ts';
import { awkField, expr, isTrue } from './script-operators.ts';

/** What a program has of the shell that runs it. */
export interface Shell {
  /** By their path; a file that is not among them may be there all the same. */
  readonly files: Map<string, string>;
  /** Throws `UnreadScript` if nothing is known of the file. */
  exists(path: string): boolean;
  /** Undefined: it prints something, and it is not known what. */
  print(text: string | undefined): void;
  setVariable(name: string, value: string): void;
  stopAtFailure(stops: boolean): void;
  /** Undefined: with what the last command has ended. */
  leave(code: number | undefined): never;
}

/** Returns the exit code. */
type Program = (shell: Shell, args: string[], input: string) => number;

const condition =
  (name: string): Program =>
  (shell, args) =>
    isTrue(name, args, (path) => shell.exists(path)) ? 0 : 1;

const succeeds: Program = () => 0;

const PROGRAMS = new Map<string, Program>([
  [':', succeeds],
  ['true', succeeds],
  ['false', () => 1],
  ['test', condition('test')],
  ['[', condition('[')],
  ['[[', condition('[[')],
  ['exit', exit],
  ['set', set],
  ['export', exportVariables],
  ['echo', echo],
  ['printf', printf],
  ['expr', calculate],
  ['cat', cat],
  ['wc', countLines],
  ['awk', awk],
  ['touch', touch],
  ['rm', remove],
]);

/** They succeed at once, and print what nobody here knows. */
const OPAQUE = new Set('date hostname id whoami uname env printenv pwd uptime nproc free df ps'.split(' '));

/** Throws `UnreadScript` for one that nothing is known of. */
export function programNamed(name: string): Program {
  const program = PROGRAMS.get(name) ?? (OPAQUE.has(name) ? opaque : undefined);
  if (!program) throw new UnreadScript();
  return program;
}

function opaque(shell: Shell, args: string[]): number {
  if (args.some((arg) => !/^[+-]/.test(arg))) throw new UnreadScript();
  shell.print(undefined);
  return 0;
}

function exit(shell: Shell, args: string[]): number {
  if (args.length === 0) return shell.leave(undefined);
  if (args.length !== 1 || !/^\d{1,9}$/.test(args[0]!)) throw new UnreadScript();
  return shell.leave(Number(args[0]) & 255);
}

function set(shell: Shell, args: string[]): number {
  if (!args.every((arg) => /^[+-][eux]+$/.test(arg))) throw new UnreadScript();
  for (const arg of args) if (arg.includes('e')) shell.stopAtFailure(arg.startsWith('-'));
  return 0;
}

function exportVariables(shell: Shell, args: string[]): number {
  for (const arg of args) {
    const at = arg.indexOf('=');
    if (at > 0) shell.setVariable(arg.slice(0, at), arg.slice(at + 1));
  }
  return 0;
}

function echo(shell: Shell, args: string[]): number {
  const isBare = args[0] === '-n';
  const rest = isBare ? args.slice(1) : args;
  const text = rest.join(' ');
  if (/^-[neE]+$/.test(rest[0] ?? '') || text.includes('\\')) throw new UnreadScript();
  shell.print(isBare ? text : `${text}\n`);
  return 0;
}

function printf(shell: Shell, [format = '', ...args]: string[]): number {
  const placed = format.split('%s').length - 1;
  if (placed !== args.length || placed > 1 || /%(?!s)|\\(?!n)/.test(format)) throw new UnreadScript();
  shell.print(format.replaceAll('\\n', '\n').replace('%s', () => args[0]!));
  return 0;
}

function calculate(shell: Shell, args: string[]): number {
  const value = expr(args);
  shell.print(`${value}\n`);
  return value === 0 ? 1 : 0;
}

/** The file that is named, or what comes through the pipe; undefined: the file is not there. */
function textOf(shell: Shell, files: string[], input: string): string | undefined {
  const [file] = files;
  if (files.length > 1 || file?.startsWith('-')) throw new UnreadScript();
  if (file === undefined) return input;
  return shell.exists(file) ? shell.files.get(file)! : undefined;
}

function cat(shell: Shell, args: string[], input: string): number {
  const text = textOf(shell, args, input);
  if (text !== undefined) shell.print(text);
  return text === undefined ? 1 : 0;
}

function countLines(shell: Shell, [option, ...files]: string[], input: string): number {
  if (option !== '-l') throw new UnreadScript();
  const text = textOf(shell, files, input);
  if (text === undefined) return 1;
  shell.print(`${[text.split('\n').length - 1, ...files].join(' ')}\n`);
  return 0;
}

function awk(shell: Shell, args: string[], input: string): number {
  shell.print(awkField(args, input));
  return 0;
}

function touch(shell: Shell, paths: string[]): number {
  for (const path of paths) {
    if (path.startsWith('-')) throw new UnreadScript();
    if (!shell.exists(path)) shell.files.set(path, '');
  }
  return 0;
}

function remove(shell: Shell, args: string[]): number {
  const isForced = args.some((arg) => /^-r?f/.test(arg));
  let code = 0;
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    if (!shell.exists(path) && !isForced) code = 1;
    shell.files.delete(path);
  }
  return code;
}
