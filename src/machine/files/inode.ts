/** What a file system is made of. Who names them is the folder that they are in; a file may have several names. */

import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import { MAX_INODES } from '../kernel/limits.ts';
import type { OpenFile } from '../kernel/open-file.ts';
import type { Program } from '../program.ts';

/** A file system: what is bounded of it, and what it is called in /proc/mounts. */
export class FileSystem {
  readonly type: string;
  readonly device: string;
  /** Bytes that may be in it. */
  readonly limit: number;
  used = 0;
  inodes = 0;
  #next = 1;

  constructor(type: string, device: string, limit: number) {
    this.type = type;
    this.device = device;
    this.limit = limit;
  }

  number(): number {
    return this.#next++;
  }

  /** Whether so many bytes more may be in it. @throws Errno ENOSPC */
  mustHaveRoom(bytes: number): void {
    if (bytes > 0 && this.used + bytes > this.limit) throw new Errno('ENOSPC');
  }

  /** @throws Errno ENOSPC */
  take(bytes: number): void {
    this.mustHaveRoom(bytes);
    this.used += bytes;
  }

  /** @throws Errno ENOSPC */
  takeInode(): void {
    if (this.inodes >= MAX_INODES) throw new Errno('ENOSPC');
    this.inodes++;
  }
}

export interface Owner {
  mode: number;
  uid: number;
  gid: number;
  modifiedAt: number;
}

/** Who looks: what /proc tells depends on it. */
export interface Viewer {
  readonly pid: number;
  /** When it looks, milliseconds since 1970. */
  now?(): number;
}

abstract class Node {
  readonly system: FileSystem;
  readonly number: number;
  mode: number;
  uid: number;
  gid: number;
  modifiedAt: number;
  links = 1;

  constructor(system: FileSystem, owner: Owner) {
    this.system = system;
    this.number = system.number();
    this.mode = owner.mode;
    this.uid = owner.uid;
    this.gid = owner.gid;
    this.modifiedAt = owner.modifiedAt;
  }
}

export class FileNode extends Node {
  readonly kind = 'file';
  content: Bytes;
  /** What it does when it is run. */
  program: Program | undefined;

  constructor(system: FileSystem, owner: Owner, content: Bytes = '', program?: Program) {
    super(system, owner);
    this.content = content;
    this.program = program;
  }

  /** @throws Errno ENOSPC */
  change(content: Bytes, at: number): void {
    this.system.take(content.length - this.content.length);
    this.content = content;
    this.modifiedAt = at;
    this.program = undefined;
  }
}

export class LinkNode extends Node {
  readonly kind = 'link';
  readonly target: string;

  constructor(system: FileSystem, owner: Owner, target: string) {
    super(system, { ...owner, mode: 0o777 });
    this.target = target;
  }
}

/** Opening it gives what `open` makes. */
export class DeviceNode extends Node {
  readonly kind: 'device' | 'fifo';
  readonly open: (viewer: Viewer, how: { read: boolean; write: boolean }) => OpenFile;

  constructor(
    system: FileSystem,
    owner: Owner,
    open: (viewer: Viewer, how: { read: boolean; write: boolean }) => OpenFile,
    kind: 'device' | 'fifo' = 'device',
  ) {
    super(system, owner);
    this.open = open;
    this.kind = kind;
  }
}

/** A file whose text is made when it is read; undefined: it is not there yet. */
export class MadeFileNode extends Node {
  readonly kind = 'file';
  readonly made: (viewer: Viewer) => Bytes | undefined;

  constructor(system: FileSystem, owner: Owner, made: (viewer: Viewer) => Bytes | undefined) {
    super(system, owner);
    this.made = made;
  }
}

/** A link whose target depends on who follows it. */
export class MadeLinkNode extends Node {
  readonly kind = 'link';
  readonly made: (viewer: Viewer) => string;

  constructor(system: FileSystem, owner: Owner, made: (viewer: Viewer) => string) {
    super(system, { ...owner, mode: 0o777 });
    this.made = made;
  }
}

export abstract class FolderNode extends Node {
  readonly kind = 'directory';
  abstract get(name: string, viewer: Viewer): Inode | undefined;
  abstract names(viewer: Viewer): string[];

  /** @throws Errno EROFS, EPERM where nothing can be made */
  set(_name: string, _node: Inode): void {
    throw new Errno('EPERM');
  }

  remove(_name: string): void {
    throw new Errno('EPERM');
  }
}

/** A folder in memory. */
export class PlainFolderNode extends FolderNode {
  readonly #entries = new Map<string, Inode>();

  override get(name: string, _viewer?: Viewer): Inode | undefined {
    return this.#entries.get(name);
  }

  override names(_viewer?: Viewer): string[] {
    return [...this.#entries.keys()];
  }

  override set(name: string, node: Inode): void {
    this.#entries.set(name, node);
  }

  override remove(name: string): void {
    this.#entries.delete(name);
  }
}

/** The folder that some names lead to below another; those that are not there are made. */
export function folderAt(root: PlainFolderNode, names: readonly string[], owner: Owner): PlainFolderNode {
  let folder = root;
  for (const name of names) {
    const known = folder.get(name);
    const next = known instanceof PlainFolderNode ? known : new PlainFolderNode(root.system, owner);
    if (next !== known) folder.set(name, next);
    folder = next;
  }
  return folder;
}

/** A folder of which each look makes the entries. */
export class MadeFolderNode extends FolderNode {
  readonly #get: (name: string, viewer: Viewer) => Inode | undefined;
  readonly #names: (viewer: Viewer) => string[];

  constructor(
    system: FileSystem,
    owner: Owner,
    get: (name: string, viewer: Viewer) => Inode | undefined,
    names: (viewer: Viewer) => string[],
  ) {
    super(system, owner);
    this.#get = get;
    this.#names = names;
  }

  override get(name: string, viewer: Viewer): Inode | undefined {
    return this.#get(name, viewer);
  }

  override names(viewer: Viewer): string[] {
    return this.#names(viewer);
  }
}

export type Inode = FileNode | MadeFileNode | LinkNode | MadeLinkNode | DeviceNode | FolderNode;

export const targetOf = (link: LinkNode | MadeLinkNode, viewer: Viewer): string =>
  link instanceof LinkNode ? link.target : link.made(viewer);

export function factsOf(node: Inode, viewer: Viewer): FileFacts {
  const size =
    node instanceof FileNode
      ? node.content.length
      : node instanceof FolderNode
        ? 4096
        : node instanceof LinkNode
          ? node.target.length
          : 0;
  const facts: FileFacts = {
    kind: node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    size,
    modifiedAt: node.modifiedAt,
    inode: node.number,
    links: node.kind === 'directory' ? Math.max(node.links, 2) : node.links,
  };
  if (node instanceof LinkNode || node instanceof MadeLinkNode) facts.target = targetOf(node, viewer);
  return facts;
}
