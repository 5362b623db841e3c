/** The descriptors of a process: numbers for what it has open. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { DeviceNode, FileNode, FolderNode, MadeFileNode } from '../files/inode.ts';
import { may } from '../files/mounts.ts';
import { OpenNode, OpenText } from '../files/open-node.ts';
import { type FileUser, placeOf } from '../files/view.ts';
import { makeFile } from '../files/writes.ts';
import { Exit, type Run } from '../program.ts';
import type { Kernel } from './kernel.ts';
import { MAX_DESCRIPTORS, STEPS_A_TURN } from './limits.ts';
import type { OpenFile } from './open-file.ts';
import type { Task } from './task.ts';

type How = 'r' | 'r+' | 'rw' | 'w' | 'a' | 'wx';

/** @throws Errno EBADF */
export function fileOf(task: Task, descriptor: number): OpenFile {
  const file = task.descriptors.get(descriptor);
  if (!file) throw new Errno('EBADF');
  return file;
}

/** Gives what is open the lowest free number. @throws Errno EMFILE */
export function putFile(task: Task, file: OpenFile, from = 0): number {
  let number = from;
  while (task.descriptors.has(number)) number++;
  if (number >= MAX_DESCRIPTORS) throw new Errno('EMFILE');
  task.descriptors.set(number, file.hold());
  return number;
}

export function closeFile(task: Task, descriptor: number): void {
  fileOf(task, descriptor).letGo();
  task.descriptors.delete(descriptor);
}

export function duplicateFile(task: Task, descriptor: number, to?: number): number {
  const file = fileOf(task, descriptor);
  if (to === undefined) return putFile(task, file);
  if (to >= MAX_DESCRIPTORS || to < 0) throw new Errno('EBADF');
  if (to === descriptor) return to;
  file.hold();
  task.descriptors.get(to)?.letGo();
  task.descriptors.set(to, file);
  return to;
}

export function openFile(task: Task, user: FileUser, path: string, how: How): number {
  task.steps++;
  const reads = how === 'r' || how === 'r+' || how === 'rw';
  const writes = how !== 'r';
  const place = placeOf(user, path);
  const { node } = place;
  if (how === 'wx' && node) throw new Errno('EEXIST');
  if (!node && (how === 'r' || how === 'r+')) throw new Errno('ENOENT');
  if (node instanceof DeviceNode) {
    if (!may(node, (reads ? 4 : 0) | (writes ? 2 : 0), task.user)) throw new Errno('EACCES');
    return putFile(task, node.open(user, { read: reads, write: writes }));
  }
  if (reads && node && !may(node, 4, task.user)) throw new Errno('EACCES');
  if (!writes) {
    if (node instanceof FolderNode) throw new Errno('EISDIR');
    if (node instanceof MadeFileNode) return putFile(task, new OpenText(place.path, () => node.made(user)));
    if (!(node instanceof FileNode)) throw new Errno('ENXIO');
    return putFile(task, new OpenNode(place.path, node, { read: true, write: false, append: false }, user.now));
  }
  const file = makeFile(user, place, 0o666);
  if (how === 'w' && file.content !== '') file.change('', user.now());
  return putFile(task, new OpenNode(place.path, file, { read: reads, write: true, append: how === 'a' }, user.now));
}

/** Reads what there is, at least one byte, or '' at the end. */
export function* readFile(task: Task, descriptor: number, max: number, line: boolean): Run<Bytes> {
  task.steps++;
  if (task.steps - task.stepsAtTurn >= STEPS_A_TURN) yield { for: 'turn' };
  for (;;) {
    const file = fileOf(task, descriptor);
    const bytes = file.read(max, line);
    if (bytes !== undefined) {
      task.steps += bytes.length >> 12;
      return bytes;
    }
    yield { for: 'condition', ready: () => file.canRead() };
  }
}

/** Writes all of it. */
export function* writeFile(kernel: Kernel, task: Task, descriptor: number, bytes: Bytes): Run {
  task.steps += 1 + (bytes.length >> 12);
  if (task.steps - task.stepsAtTurn >= STEPS_A_TURN) yield { for: 'turn' };
  let rest = bytes;
  for (;;) {
    const file = fileOf(task, descriptor);
    try {
      const taken = file.write(rest);
      if (taken >= rest.length) return;
      rest = rest.slice(taken);
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== 'EPIPE') throw error;
      kernel.post(task, 'PIPE');
      if (task.end) throw new Exit(task.end.status);
      // The first process of a namespace is not ended by it.
      throw error;
    }
    yield { for: 'condition', ready: () => file.canWrite() };
  }
}
