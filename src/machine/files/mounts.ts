/** Where file systems are in a container, and how a path is walked through them. */
import { Errno, type ErrnoName } from '../errno.ts';
import type { Mount } from '../file-view.ts';
import { MAX_LINKS, MAX_NAME_BYTES, MAX_PATH_BYTES } from '../kernel/limits.ts';
import { FolderNode, type Inode, LinkNode, MadeLinkNode, targetOf, type Viewer } from './inode.ts';

export interface MountPoint extends Mount {
  root: Inode;
  readOnly: boolean;
}

/** Where a path leads to. */
export interface Place {
  /** Undefined: there is nothing of that name in the folder. */
  node: Inode | undefined;
  /** The folder that names it; undefined for a root. */
  folder: FolderNode | undefined;
  name: string;
  mount: MountPoint;
  /** Without links, `.` and `..`. */
  path: string;
}

export class MountTable {
  readonly #byPath = new Map<string, MountPoint>();

  add(mount: MountPoint): void {
    this.#byPath.set(mount.path, mount);
  }

  at(path: string): MountPoint | undefined {
    return this.#byPath.get(path);
  }

  all(): MountPoint[] {
    return [...this.#byPath.values()];
  }
}

/** Whether somebody may do what the bits say (4 read, 2 write, 1 run or pass). */
export function may(node: Inode, bits: number, user: { uid: number; gid: number; groups: readonly number[] }): boolean {
  if (user.uid === 0) return (bits & 1) === 0 || node.kind === 'directory' || (node.mode & 0o111) !== 0;
  const shift = node.uid === user.uid ? 6 : node.gid === user.gid || user.groups.includes(node.gid) ? 3 : 0;
  return ((node.mode >> shift) & bits) === bits;
}

export interface Walker extends Viewer {
  readonly user: { uid: number; gid: number; groups: readonly number[] };
}

/** The names in a path, but for those that lead nowhere. */
export const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

/** @returns why it leads nowhere, where it does: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG */
export function tryWalk(table: MountTable, path: string, follow: boolean, walker: Walker): Place | ErrnoName {
  if (path.length > MAX_PATH_BYTES) return 'ENAMETOOLONG';
  const mount = table.at('/')!;
  const root: Place = { node: mount.root, folder: undefined, name: '', mount, path: '' };
  const above: Place[] = [];
  let here = root;
  let links = 0;
  const ahead = namesOf(path).reverse();
  const mustBeFolder = path.endsWith('/') || path.endsWith('/.');
  while (ahead.length > 0) {
    const name = ahead.pop()!;
    const folder = here.node;
    if (!folder) return 'ENOENT';
    if (!(folder instanceof FolderNode)) return 'ENOTDIR';
    if (!may(folder, 1, walker.user)) return 'EACCES';
    if (name === '..') {
      here = above.pop() ?? root;
      continue;
    }
    if (name.length > MAX_NAME_BYTES) return 'ENAMETOOLONG';
    const next = step(table, here, folder, name, walker);
    const isLast = ahead.length === 0;
    if ((next.node instanceof LinkNode || next.node instanceof MadeLinkNode) && (follow || !isLast || mustBeFolder)) {
      if (++links > MAX_LINKS) return 'ELOOP';
      const target = targetOf(next.node, walker);
      ahead.push(...namesOf(target).reverse());
      if (target.startsWith('/')) {
        above.length = 0;
        here = root;
      }
      continue;
    }
    above.push(here);
    here = next;
  }
  if (mustBeFolder && here.node && !(here.node instanceof FolderNode)) return 'ENOTDIR';
  return here;
}

/** @throws Errno */
export function walk(table: MountTable, path: string, follow: boolean, walker: Walker): Place {
  const place = tryWalk(table, path, follow, walker);
  if (typeof place === 'string') throw new Errno(place);
  return place;
}

function step(table: MountTable, here: Place, folder: FolderNode, name: string, walker: Walker): Place {
  const path = `${here.path}/${name}`;
  const mounted = table.at(path);
  if (mounted) return { node: mounted.root, folder: undefined, name, mount: mounted, path };
  return { node: folder.get(name, walker), folder, name, mount: here.mount, path };
}
