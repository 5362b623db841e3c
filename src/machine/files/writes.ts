/** What changes a tree of files: each is given places that were walked to, checks permissions and mounts, and counts what is taken. */
import { Errno } from '../errno.ts';
import { createFifo } from '../kernel/pipe.ts';
import { DeviceNode, FileNode, FolderNode, type Inode, LinkNode, MadeFileNode, PlainFolderNode } from './inode.ts';
import { ownNode } from './layers.ts';
import { may, type Place, type Walker } from './mounts.ts';

interface Writer extends Walker {
  umask: number;
  now(): number;
}

const STICKY = 0o1000;
const SET_GROUP = 0o2000;

/** The folder in which something is made or removed. @throws Errno EROFS, EACCES, EBUSY */
function folderToChange(writer: Writer, place: Place): FolderNode {
  if (!place.folder) throw new Errno(place.mount.readOnly ? 'EROFS' : 'EBUSY');
  if (place.mount.readOnly) throw new Errno('EROFS');
  if (!may(place.folder, 3, writer.user)) throw new Errno('EACCES');
  return place.folder;
}

function add(writer: Writer, place: Place, make: (folder: FolderNode, gid: number) => Inode): Inode {
  if (place.node) throw new Errno('EEXIST');
  const folder = folderToChange(writer, place);
  folder.system.takeInode();
  const node = make(folder, (folder.mode & SET_GROUP) !== 0 ? folder.gid : writer.user.gid);
  folder.set(place.name, node);
  folder.modifiedAt = writer.now();
  return node;
}

const owner = (writer: Writer, mode: number, gid: number) => ({
  mode: mode & ~writer.umask,
  uid: writer.user.uid,
  gid,
  modifiedAt: writer.now(),
});

/** The file to write, made where it is not there. @throws Errno */
export function makeFile(writer: Writer, place: Place, mode: number): FileNode {
  if (!place.node) {
    return add(writer, place, (folder, gid) => new FileNode(folder.system, owner(writer, mode, gid))) as FileNode;
  }
  if (place.node instanceof FolderNode) throw new Errno('EISDIR');
  if (place.mount.readOnly) throw new Errno('EROFS');
  if (!may(place.node, 2, writer.user)) throw new Errno('EACCES');
  const node = ownAt(place);
  if (node instanceof MadeFileNode) throw new Errno('EACCES');
  if (!(node instanceof FileNode)) throw new Errno('EINVAL');
  return node;
}

/** The node of a place as one that may be changed. @throws Errno EROFS, ENOENT */
export function ownAt(place: Place): Inode {
  if (!place.node) throw new Errno('ENOENT');
  if (place.mount.readOnly) throw new Errno('EROFS');
  return place.folder ? ownNode(place.folder, place.name, place.node) : place.node;
}

export function makeFolder(writer: Writer, place: Place, mode: number): void {
  add(writer, place, (folder, gid) => {
    const bits = (mode & ~writer.umask) | (folder.mode & SET_GROUP);
    folder.links = Math.max(folder.links, 2) + 1;
    return new PlainFolderNode(folder.system, { ...owner(writer, mode, gid), mode: bits });
  });
}

export function makeLink(writer: Writer, place: Place, target: string): void {
  add(writer, place, (folder, gid) => new LinkNode(folder.system, owner(writer, 0o777, gid), target));
}

export function makeFifoNode(writer: Writer, place: Place, mode: number): void {
  add(writer, place, (folder, gid) => {
    const open = createFifo();
    return new DeviceNode(folder.system, owner(writer, mode, gid), (_viewer, how) => open(how), 'fifo');
  });
}

export function linkInto(writer: Writer, from: Place, to: Place): void {
  const node = ownAt(from);
  if (node instanceof FolderNode) throw new Errno('EPERM');
  if (to.node) throw new Errno('EEXIST');
  const folder = folderToChange(writer, to);
  if (folder.system !== node.system) throw new Errno('EXDEV');
  folder.set(to.name, node);
  node.links++;
  folder.modifiedAt = writer.now();
}

/** Takes a name away; with the last one goes what it names. */
export function removeAt(writer: Writer, place: Place): void {
  const folder = folderToChange(writer, place);
  const node = place.node!;
  const isOthers = (folder.mode & STICKY) !== 0 && ![0, node.uid, folder.uid].includes(writer.user.uid);
  if (isOthers) throw new Errno('EPERM');
  folder.remove(place.name);
  folder.modifiedAt = writer.now();
  if (node.system !== folder.system) return;
  if (node instanceof FolderNode) folder.links = Math.max(2, folder.links - 1);
  if (node instanceof FolderNode || --node.links === 0) {
    node.system.inodes = Math.max(0, node.system.inodes - 1);
    if (node instanceof FileNode) node.system.take(-node.content.length);
  }
}

export function renameTo(writer: Writer, from: Place, to: Place): void {
  if (!from.node) throw new Errno('ENOENT');
  const source = folderToChange(writer, from);
  const target = folderToChange(writer, to);
  if (to.node === from.node) return;
  if (from.mount !== to.mount) throw new Errno('EXDEV');
  if (`${to.path}/`.startsWith(`${from.path}/`)) throw new Errno('EINVAL');
  if (to.node instanceof FolderNode) {
    if (!(from.node instanceof FolderNode)) throw new Errno('EISDIR');
    if (to.node.names(writer).length > 0) throw new Errno('ENOTEMPTY');
  } else if (to.node && from.node instanceof FolderNode) throw new Errno('ENOTDIR');
  const node = ownNode(source, from.name, from.node);
  if (to.node) removeAt(writer, to);
  source.remove(from.name);
  target.set(to.name, node);
  source.modifiedAt = target.modifiedAt = writer.now();
}
