/** How a program is found and started. */
import { Errno, type ErrnoName } from '../errno.ts';
import { FileNode, FolderNode } from '../files/inode.ts';
import { may } from '../files/mounts.ts';
import { tryPlace } from '../files/view.ts';
import { DEFAULT_PATH } from '../image.ts';
import type { Program, Spawn } from '../program.ts';
import { fileOf } from './descriptors.ts';
import type { Kernel } from './kernel.ts';
import { MAX_ARGUMENT_BYTES } from './limits.ts';
import type { Task } from './task.ts';

/** Interpreters of interpreters. */
export const MAX_INTERPRETERS = 4;

export interface Found {
  program: Program;
  args: readonly string[];
  /** As whom it runs, if not as who starts it. */
  user?: Task['user'];
}

const SET_USER = 0o4000;
const SET_GROUP = 0o2000;

/** Whom a program's own bits make of who starts it, where the container lets programs gain anything. */
function userOf({ user, container }: Finder, { mode, uid, gid }: FileNode): Pick<Found, 'user'> {
  const isAnother = ((mode & SET_USER) !== 0 && uid !== user.uid) || ((mode & SET_GROUP) !== 0 && gid !== user.gid);
  if (!isAnother || container.noNewPrivileges) return {};
  return {
    user: { ...user, uid: mode & SET_USER ? uid : user.uid, gid: mode & SET_GROUP ? gid : user.gid },
  };
}

export type Finder = Pick<Task, 'user' | 'cwd' | 'pid' | 'container' | 'umask'>;

const walkerOf = (task: Finder, cwd: string | undefined) => ({
  pid: task.pid,
  user: task.user,
  cwd: cwd ?? task.cwd,
  umask: task.umask,
  now: () => 0,
  mountTable: task.container.mounts,
});

/** The program at a path, or why there is none: ENOENT, EACCES, ENOEXEC, ENOTDIR, ELOOP. */
function load(
  task: Finder,
  path: string,
  args: readonly string[],
  cwd: string | undefined,
  depth: number,
): Found | ErrnoName {
  const place = tryPlace(walkerOf(task, cwd), path);
  if (typeof place === 'string') return place;
  const { node } = place;
  if (!node) return 'ENOENT';
  if (node instanceof FolderNode && task.pid === 0) return 'EISDIR';
  if (!(node instanceof FileNode) || !may(node, 1, task.user)) return 'EACCES';
  if (node.program) return { program: node.program, args, ...userOf(task, node) };
  const interpreter = /^#![ \t]*(\S+)[ \t]*([^\n]*?)[ \t]*(?:\n|$)/.exec(node.content.slice(0, 256));
  if (!interpreter) return 'ENOEXEC';
  if (depth >= MAX_INTERPRETERS) return 'ELOOP';
  const option = interpreter[2] === '' ? [] : [interpreter[2]!];
  return load(task, interpreter[1]!, [interpreter[1]!, ...option, path, ...args.slice(1)], cwd, depth + 1);
}

/** Looks a program up as execvp does. @throws Errno */
export function findProgram(
  task: Finder,
  args: readonly string[],
  env: ReadonlyMap<string, string>,
  cwd: string | undefined,
): Found {
  const name = args[0] ?? '';
  let bytes = args.reduce((sum, arg) => sum + arg.length + 1, 0);
  for (const [key, value] of env) bytes += key.length + value.length + 2;
  if (bytes > MAX_ARGUMENT_BYTES) throw new Errno('E2BIG');
  if (name.includes('/')) {
    const found = load(task, name, args, cwd, 0);
    if (typeof found === 'string') throw new Errno(found);
    return found;
  }
  if (name === '') throw new Errno('ENOENT');
  let fault: ErrnoName = 'ENOENT';
  for (const folder of (env.get('PATH') ?? DEFAULT_PATH).split(':')) {
    const found = load(task, `${folder === '' ? '.' : folder}/${name}`, args, cwd, 0);
    if (typeof found !== 'string') return found;
    if (found === 'EACCES' || found === 'ENOEXEC') fault = found;
    if (found === 'ENOEXEC') break;
  }
  throw new Errno(fault);
}

/** A child that runs a program. */
export function forkTask(
  kernel: Kernel,
  parent: Task,
  program: Program,
  how: Spawn & { args?: readonly string[]; user?: Task['user'] },
): Task {
  parent.steps += 10;
  const descriptors = how.descriptors
    ? new Map([...how.descriptors].map(([number, own]) => [number, fileOf(parent, own)]))
    : parent.descriptors;
  const child = kernel.create(
    {
      container: parent.container,
      parent,
      args: how.args ?? parent.args,
      env: how.env ?? parent.env,
      cwd: how.cwd ?? parent.cwd,
      user: how.user ?? parent.user,
      umask: parent.umask,
      descriptors,
      terminal: parent.terminal,
      group: how.group,
    },
    program,
  );
  // What is ignored stays so; handlers are the parent's code.
  for (const [signal, handler] of parent.handlers) if (handler === 'ignore') child.handlers.set(signal, 'ignore');
  for (const signal of how.ignore ?? []) child.handlers.set(signal, 'ignore');
  return child;
}

/** A process becomes another program at its next turn. */
export function replaceTask(task: Task, found: Found, env: ReadonlyMap<string, string> | undefined): void {
  task.args = found.args;
  if (env) task.env = new Map(env);
  for (const [signal, handler] of task.handlers) if (handler !== 'ignore') task.handlers.delete(signal);
  task.held = 0;
  task.next = found.program;
  if (found.user) task.user = found.user;
}
