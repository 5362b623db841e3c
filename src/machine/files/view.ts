/** The files of a container as one of its processes sees them. */
import type { Bytes } from '../bytes.ts';
import { Errno, type ErrnoName } from '../errno.ts';
import type { FileFacts, FileView, Mount } from '../file-view.ts';
import { FileNode, FolderNode, factsOf, type Inode, MadeFileNode } from './inode.ts';
import { type MountTable, may, type Place, tryWalk, type Walker, walk } from './mounts.ts';
import { linkInto, makeFifoNode, makeFile, makeFolder, makeLink, ownAt, removeAt, renameTo } from './writes.ts';

export interface FileUser extends Walker {
  cwd: string;
  umask: number;
  now(): number;
  readonly mountTable: MountTable;
}

/** Where a path leads to, links followed; or why it leads nowhere. */
export const tryPlace = (user: FileUser, path: string, follow = true): Place | ErrnoName =>
  path === '' ? 'ENOENT' : tryWalk(user.mountTable, path.startsWith('/') ? path : `${user.cwd}/${path}`, follow, user);

/** Where a path leads to, links followed. @throws Errno */
export const placeOf = (user: FileUser, path: string, follow = true): Place => {
  if (path === '') throw new Errno('ENOENT');
  return walk(user.mountTable, path.startsWith('/') ? path : `${user.cwd}/${path}`, follow, user);
};

const nodeAt = (user: FileUser, path: string, follow = true): Inode => {
  const { node } = placeOf(user, path, follow);
  if (!node) throw new Errno('ENOENT');
  return node;
};

const mustOwn = (user: FileUser, node: Inode): void => {
  if (user.user.uid !== 0 && user.user.uid !== node.uid) throw new Errno('EPERM');
};

export class ProcessFiles implements FileView {
  readonly #user: FileUser;

  constructor(user: FileUser) {
    this.#user = user;
  }

  stat(path: string): FileFacts {
    return factsOf(nodeAt(this.#user, path), this.#user);
  }

  lstat(path: string): FileFacts {
    return factsOf(nodeAt(this.#user, path, false), this.#user);
  }

  exists(path: string, follow = true): boolean {
    const place = tryPlace(this.#user, path, follow);
    return typeof place !== 'string' && place.node !== undefined;
  }

  access(path: string, bits: number): boolean {
    const place = tryPlace(this.#user, path);
    if (typeof place === 'string' || !place.node) return false;
    if ((bits & 2) !== 0 && place.mount.readOnly && place.node.kind !== 'device') return false;
    return may(place.node, bits, this.#user.user);
  }

  read(path: string): Bytes {
    const node = nodeAt(this.#user, path);
    if (!may(node, 4, this.#user.user)) throw new Errno('EACCES');
    if (node instanceof FileNode) return node.content;
    if (node instanceof MadeFileNode) {
      const text = node.made(this.#user);
      if (text === undefined) throw new Errno('EAGAIN');
      return text;
    }
    if (node instanceof FolderNode) throw new Errno('EISDIR');
    throw new Errno('EINVAL');
  }

  write(path: string, bytes: Bytes, how: { append?: boolean; mode?: number } = {}): void {
    const file = makeFile(this.#user, placeOf(this.#user, path), how.mode ?? 0o666);
    file.change(how.append ? file.content + bytes : bytes, this.#user.now());
  }

  list(path: string): string[] {
    const place = placeOf(this.#user, path);
    if (!place.node) throw new Errno('ENOENT');
    if (!(place.node instanceof FolderNode)) throw new Errno('ENOTDIR');
    if (!may(place.node, 4, this.#user.user)) throw new Errno('EACCES');
    return place.node.names(this.#user);
  }

  makeDirectory(path: string, mode = 0o777): void {
    makeFolder(this.#user, placeOf(this.#user, path.replace(/(?<=.)\/+$/, ''), false), mode);
  }

  removeDirectory(path: string): void {
    if (/(?:^|\/)\.\/*$/.test(path)) throw new Errno('EINVAL');
    const place = placeOf(this.#user, path, false);
    if (!place.node) throw new Errno('ENOENT');
    if (!(place.node instanceof FolderNode)) throw new Errno('ENOTDIR');
    if (place.node.names(this.#user).length > 0) throw new Errno('ENOTEMPTY');
    removeAt(this.#user, place);
  }

  unlink(path: string): void {
    const place = placeOf(this.#user, path, false);
    if (!place.node) throw new Errno('ENOENT');
    if (place.node instanceof FolderNode) throw new Errno('EISDIR');
    removeAt(this.#user, place);
  }

  rename(from: string, to: string): void {
    renameTo(this.#user, placeOf(this.#user, from, false), placeOf(this.#user, to.replace(/(?<=.)\/+$/, ''), false));
  }

  link(target: string, path: string): void {
    if (target === '') throw new Errno('ENOENT');
    makeLink(this.#user, placeOf(this.#user, path, false), target);
  }

  hardLink(from: string, path: string): void {
    linkInto(this.#user, placeOf(this.#user, from, false), placeOf(this.#user, path, false));
  }

  makeFifo(path: string, mode = 0o666): void {
    makeFifoNode(this.#user, placeOf(this.#user, path, false), mode);
  }

  chmod(path: string, mode: number): void {
    mustOwn(this.#user, nodeAt(this.#user, path));
    ownAt(placeOf(this.#user, path)).mode = mode & 0o7777;
  }

  chown(path: string, uid: number, gid: number): void {
    const node = nodeAt(this.#user, path);
    const isOwnGroup = uid === node.uid && uid === this.#user.user.uid && this.#user.user.groups.includes(gid);
    if (this.#user.user.uid !== 0 && !isOwnGroup) throw new Errno('EPERM');
    const own = ownAt(placeOf(this.#user, path));
    own.uid = uid;
    own.gid = gid;
  }

  setTimes(path: string, modifiedAt: number): void {
    const node = nodeAt(this.#user, path);
    if (!may(node, 2, this.#user.user)) mustOwn(this.#user, node);
    ownAt(placeOf(this.#user, path)).modifiedAt = modifiedAt;
  }

  truncate(path: string, size: number): void {
    const place = placeOf(this.#user, path);
    if (!place.node) throw new Errno('ENOENT');
    const file = makeFile(this.#user, place, 0o666);
    file.system.mustHaveRoom(size - file.content.length);
    file.change(file.content.slice(0, size).padEnd(size, '\0'), this.#user.now());
  }

  real(path: string): string {
    const place = placeOf(this.#user, path);
    if (!place.node) throw new Errno('ENOENT');
    return place.path || '/';
  }

  mounts(): readonly Mount[] {
    return this.#user.mountTable.all().map(({ device, path, type, options }) => ({ device, path, type, options }));
  }

  usage(path: string): { total: number; used: number } {
    const { system } = nodeAt(this.#user, path);
    return { total: Number.isFinite(system.limit) ? system.limit : 0, used: system.used };
  }
}
