/** /dev of a container. */

import { Errno } from '../errno.ts';
import { OpenDevice, type OpenFile } from '../kernel/open-file.ts';
import { OpenTerminal } from '../kernel/open-terminal.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { DeviceNode, FileSystem, type Inode, LinkNode, PlainFolderNode, type Viewer } from './inode.ts';

const CHUNK = 65_536;

const endless = (name: string, byte: () => string, write: (bytes: string) => number): OpenFile =>
  new OpenDevice(
    name,
    (max) => {
      const size = Math.min(max, CHUNK * 16);
      if (name !== '/dev/urandom' && name !== '/dev/random') return byte().repeat(size);
      let bytes = '';
      for (let i = 0; i < Math.min(size, CHUNK); i++) bytes += byte();
      return bytes;
    },
    write,
  );

export function deviceFolder(
  at: number,
  ports: { terminalOf(viewer: Viewer): Terminal | undefined; random: () => number },
): PlainFolderNode {
  const system = new FileSystem('tmpfs', 'tmpfs', 65_536 * 1024);
  const owner = (mode: number) => ({ mode, uid: 0, gid: 0, modifiedAt: at });
  const folder = new PlainFolderNode(system, owner(0o755));
  const all = (bytes: string): number => bytes.length;
  const put = (name: string, open: (viewer: Viewer) => OpenFile): void =>
    folder.set(name, new DeviceNode(system, owner(0o666), open));
  put('null', () => new OpenDevice('/dev/null', () => '', all));
  put('zero', () => endless('/dev/zero', () => '\0', all));
  put('full', () =>
    endless(
      '/dev/full',
      () => '\0',
      () => {
        throw new Errno('ENOSPC');
      },
    ),
  );
  const byte = (): string => String.fromCharCode(Math.floor(ports.random() * 256));
  put('random', () => endless('/dev/random', byte, all));
  put('urandom', () => endless('/dev/urandom', byte, all));
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
  for (const [name, mode] of folders) folder.set(name, new PlainFolderNode(system, owner(mode)) as Inode);
  return folder;
}
