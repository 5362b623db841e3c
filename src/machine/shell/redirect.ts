/** Redirections: what they open is put on the shell's own descriptors, and taken back when the command has ended. */
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import type { Redirect } from '../syntax/syntax.ts';
import { expandText, expandWords } from './expand.ts';
import type { Words } from './messages.ts';
import type { Shell } from './shell.ts';

/** The first descriptor on which a shell puts others aside. */
const FIRST_KEPT = 10;
/** Bytes of a here-document that a pipe takes at once. */
const AT_ONCE = 60_000;

/** A redirection that can't be made. */
export class RedirectFault extends Error {
  readonly words: Words;

  constructor(words: Words) {
    super(words.ash);
    this.words = words;
  }
}

/** What a redirection has hidden: the descriptor with its copy. */
export type Hidden = { descriptor: number; copy: number | undefined }[];

const isMissing = ({ code }: Errno): boolean => code === 'ENOENT' || code === 'ENOTDIR';

function openFault(path: string, error: Errno, makes: boolean): RedirectFault {
  const { message } = error;
  const ash = makes
    ? `can't create ${path}: ${isMissing(error) ? 'nonexistent directory' : message}`
    : `can't open ${path}: ${isMissing(error) ? 'no such file' : message}`;
  const dash = makes
    ? `cannot create ${path}: ${isMissing(error) ? 'Directory nonexistent' : message}`
    : `cannot open ${path}: ${isMissing(error) ? 'No such file' : message}`;
  const bash = error.code === 'EEXIST' ? `${path}: cannot overwrite existing file` : `${path}: ${message}`;
  return new RedirectFault({ ash, dash, bash });
}

const HOW = { '<': 'r', '>': 'w', '>|': 'w', '>>': 'a', '<>': 'rw', '&>': 'w', '&>>': 'a' } as const;

function open(shell: Shell, path: string, operator: keyof typeof HOW): number {
  const { process } = shell;
  let how: 'r' | 'w' | 'a' | 'rw' | 'wx' = HOW[operator];
  if (operator === '>' && shell.has('C') && process.files.exists(path) && process.files.stat(path).kind === 'file')
    how = 'wx';
  try {
    return process.open(path, how);
  } catch (error) {
    if (error instanceof Errno) throw openFault(path, error, operator !== '<');
    throw error;
  }
}

function badDescriptor(text: string): RedirectFault {
  return new RedirectFault({
    ash: /^\d+$/.test(text) ? `${text}: Bad file descriptor` : `syntax error: bad fd number`,
    dash: /^\d+$/.test(text) ? `${text}: Bad file descriptor` : 'Syntax error: Bad fd number',
    bash: /^\d+$/.test(text) ? `${text}: Bad file descriptor` : `${text}: ambiguous redirect`,
  });
}

/** A descriptor with a text to read. */
function* textDescriptor(shell: Shell, text: string): Run<number> {
  const { process } = shell;
  const [from, to] = process.pipe();
  if (text.length <= AT_ONCE) yield* process.write(to, text);
  else {
    process.fork(
      function* (writer) {
        yield* writer.write(1, text);
        return 0;
      },
      { descriptors: new Map([[1, to]]) },
    );
  }
  process.close(to);
  return from;
}

/** Puts `from` on a descriptor; what was there is put aside. */
function put(shell: Shell, from: number, descriptor: number, hidden: Hidden): void {
  hide(shell, descriptor, hidden);
  if (from === descriptor) return;
  shell.process.duplicate(from, descriptor);
  shell.process.close(from);
}

function hide(shell: Shell, descriptor: number, hidden: Hidden): void {
  const open = new Set(shell.process.descriptors());
  if (!open.has(descriptor) || hidden.some((each) => each.descriptor === descriptor)) {
    if (!open.has(descriptor)) hidden.push({ descriptor, copy: undefined });
    return;
  }
  let copy = FIRST_KEPT;
  while (open.has(copy)) copy++;
  shell.process.duplicate(descriptor, copy);
  shell.kept.add(copy);
  hidden.push({ descriptor, copy });
}

function* one(shell: Shell, redirect: Redirect, hidden: Hidden): Run {
  const { process, state } = shell;
  const { operator, target } = redirect;
  const descriptor = redirect.descriptor ?? (operator.startsWith('<') ? 0 : 1);
  if (operator === '<<' || operator === '<<-') {
    put(shell, yield* textDescriptor(shell, yield* expandText(shell, target)), descriptor, hidden);
    return;
  }
  if (operator === '<<<') {
    put(shell, yield* textDescriptor(shell, `${yield* expandText(shell, target)}\n`), descriptor, hidden);
    return;
  }
  const path = state.dialect === 'bash' ? yield* onePath(shell, redirect) : yield* expandText(shell, target);
  if (operator === '<&' || operator === '>&') {
    if (path === '-') {
      hide(shell, descriptor, hidden);
      if (process.descriptors().includes(descriptor)) process.close(descriptor);
      return;
    }
    if (/^\d+-?$/.test(path)) {
      const from = Number(path.replace('-', ''));
      if (shell.kept.has(from) || !process.descriptors().includes(from)) throw badDescriptor(path);
      hide(shell, descriptor, hidden);
      process.duplicate(from, descriptor);
      return;
    }
    if (operator === '<&' || state.dialect === 'dash' || redirect.descriptor !== undefined) throw badDescriptor(path);
  }
  const both = operator === '&>' || operator === '&>>' || operator === '>&';
  put(shell, open(shell, path, operator === '>&' ? '>' : (operator as keyof typeof HOW)), descriptor, hidden);
  if (!both) return;
  hide(shell, 2, hidden);
  process.duplicate(1, 2);
}

/** In bash the target is looked up as a word is, and must be one. */
function* onePath(shell: Shell, { target }: Redirect): Run<string> {
  const words = yield* expandWords(shell, [target]);
  if (words.length === 1) return words[0]!;
  const text = target.source ?? '';
  throw new RedirectFault({ ash: '', dash: '', bash: `${text}: ambiguous redirect` });
}

/** @returns what is to be taken back. @throws RedirectFault, with everything taken back */
export function* redirect(shell: Shell, redirects: readonly Redirect[] | undefined): Run<Hidden> {
  const hidden: Hidden = [];
  try {
    for (const each of redirects ?? []) yield* one(shell, each, hidden);
  } catch (error) {
    restore(shell, hidden);
    throw error;
  }
  return hidden;
}

/** Takes redirections back. */
export function restore(shell: Shell, hidden: Hidden): void {
  const { process } = shell;
  for (const { descriptor, copy } of hidden.reverse()) {
    if (copy === undefined) {
      if (process.descriptors().includes(descriptor)) process.close(descriptor);
      continue;
    }
    process.duplicate(copy, descriptor);
    process.close(copy);
    shell.kept.delete(copy);
  }
  hidden.length = 0;
}

/** Makes redirections stay, as `exec` does. */
export function keep(shell: Shell, hidden: Hidden): void {
  for (const { copy } of hidden) {
    if (copy === undefined) continue;
    shell.process.close(copy);
    shell.kept.delete(copy);
  }
  hidden.length = 0;
}
