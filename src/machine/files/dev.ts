/** /dev of a container. */

import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import { OpenDevice, type OpenFile } from '../kernel/open-file.ts';
import { OpenTerminal } from '../kernel/open-terminal.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { DeviceNode, FileSystem, LinkNode, PlainFolderNode, type Viewer } from './inode.ts';

const CHUNK = 65_536;

const takeAll = (bytes: Bytes): number => bytes.length;

/** Nothing comes of it, and what is written is gone. */
export const openNull = (): OpenFile => new OpenDevice('/dev/null', () => '', takeAll);

const openZeros = (name: string, write: (bytes: Bytes) => number): OpenFile =>
  new OpenDevice(name, (max) => '\0'.repeat(Math.min(max, CHUNK * 16)), write);

const openChance = (name: string, random: () => number): OpenFile =>
  new OpenDevice(
    name,
    (max) => {
      let bytes = '';
      for (let i = 0; i < Math.min(max, CHUNK); i++) bytes += String.fromCharCode(Math.floor(random() * 256));
      return bytes;
    },
    takeAll,
  );

const takeNone = (): never => {
  throw new Errno('ENOSPC');
};

export function deviceFolder(
  at: number,
  ports: { terminalOf(viewer: Viewer): Terminal | undefined; random: () => number },
): PlainFolderNode {
  const system = new FileSystem('tmpfs', 'tmpfs', 65_536 * 1024);
  const owner = (mode: number) => ({ mode, uid: 0, gid: 0, modifiedAt: at });
  const folder = new PlainFolderNode(system, owner(0o755));
  const put = (name: string, open: (viewer: Viewer) => OpenFile): void =>
    folder.set(name, new DeviceNode(system, owner(0o666), open));
  put('null', openNull);
  put('zero', () => openZeros('/dev/zero', takeAll));
  put('full', () => openZeros('/dev/full', takeNone));
  put('random', () => openChance('/dev/random', ports.random));
  put('urandom', () => openChance('/dev/urandom', ports.random));
  put('tty', (viewer) => {
    const terminal = ports.terminalOf(viewer);
    if (!terminal) throw new Errno('ENXIO');
    return new OpenTerminal(terminal);
  });
  const links: Record<string, string> = {
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
    core: '/proc/kcore',
    ptmx: 'pts/ptmx',
  };
  for (const [name, target] of Object.entries(links)) folder.set(name, new LinkNode(system, owner(0o777), target));
  const folders: [string, number][] = [
    ['shm', 0o1777],
    ['mqueue', 0o1777],
    ['pts', 0o755],
  ];
  for (const [name, mode] of folders) folder.set(name, new PlainFolderNode(system, owner(mode)));
  return folder;
}
