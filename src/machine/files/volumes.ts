/** The volumes of a pod as trees of files, shared by all containers that mount them. */

import { MAX_FILE_SYSTEM_BYTES, MAX_LINKS } from '../kernel/limits.ts';
import type { Volume } from '../pod-machine.ts';
import { FileNode, FileSystem, folderAt, type Inode, LinkNode, PlainFolderNode } from './inode.ts';
import { namesOf } from './mounts.ts';

/** A volume while its pod lives. */
export interface MountedVolume {
  root: PlainFolderNode;
  system: FileSystem;
  /** When its files were brought up to date last, for the name of the folder that holds them. */
  changes: number;
  /** What its files were then. */
  bytes: number;
}

const owner = (mode: number, at: number) => ({ mode, uid: 0, gid: 0, modifiedAt: at });

/** As the kubelet names the folder of one state of an atomic volume: `..2026_11_28_07_13_56.1`. */
function stampOf(at: number, changes: number): string {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split('T') as [string, string];
  return `..${date.replaceAll('-', '_')}_${time.replaceAll(':', '_')}.${1_000_000_000 + changes}`;
}

function fill(root: PlainFolderNode, volume: Extract<Volume, { kind: 'files' }>, at: number): void {
  for (const [path, { bytes, mode }] of Object.entries(volume.files)) {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) continue;
    folderAt(root, names, owner(0o755, at)).set(last, new FileNode(root.system, owner(mode, at), bytes));
  }
}

/** Gives a volume's files another state: those that follow links through `..data` see all of it at once. */
export function updateVolume(mounted: MountedVolume, volume: Volume, at: number): void {
  if (volume.kind !== 'files') return;
  const { root, system } = mounted;
  mounted.changes++;
  const bytes = Object.values(volume.files).reduce((sum, file) => sum + file.bytes.length, 0);
  system.used += bytes - mounted.bytes;
  mounted.bytes = bytes;
  if (!volume.isAtomic) {
    for (const name of root.names()) if (!Object.hasOwn(volume.files, name)) root.remove(name);
    fillInPlace(root, volume, at);
    return;
  }
  const before = root.get('..data');
  const stamp = stampOf(at, mounted.changes);
  const state = new PlainFolderNode(system, owner(0o755, at));
  fill(state, volume, at);
  root.set(stamp, state);
  root.set('..data', new LinkNode(system, owner(0o777, at), stamp));
  if (before instanceof LinkNode) root.remove(before.target);
  const names = new Set(Object.keys(volume.files).map((path) => namesOf(path)[0]!));
  for (const name of root.names()) if (!name.startsWith('..') && !names.has(name)) root.remove(name);
  for (const name of names)
    if (!root.get(name)) root.set(name, new LinkNode(system, owner(0o777, at), `..data/${name}`));
}

/** Files that are mounted one by one keep their nodes. */
function fillInPlace(root: PlainFolderNode, volume: Extract<Volume, { kind: 'files' }>, at: number): void {
  const fresh = new PlainFolderNode(root.system, owner(0o755, at));
  fill(fresh, volume, at);
  const merge = (into: PlainFolderNode, from: PlainFolderNode): void => {
    for (const name of from.names()) {
      const node = from.get(name) as Inode;
      const known = into.get(name);
      if (known instanceof FileNode && node instanceof FileNode) {
        known.content = node.content;
        known.mode = node.mode;
        known.modifiedAt = at;
      } else if (known instanceof PlainFolderNode && node instanceof PlainFolderNode) merge(known, node);
      else into.set(name, node);
    }
  };
  merge(root, fresh);
}

export function mountVolume(volume: Volume, at: number): MountedVolume {
  const isMemory = volume.kind === 'files' || (volume.kind === 'scratch' && volume.medium === 'memory');
  const limit =
    volume.kind === 'scratch' && volume.sizeLimit !== undefined && isMemory ? volume.sizeLimit : MAX_FILE_SYSTEM_BYTES;
  const system = new FileSystem(isMemory ? 'tmpfs' : 'ext4', isMemory ? 'tmpfs' : '/dev/vda1', limit);
  const mode = volume.kind === 'scratch' ? volume.mode : volume.kind === 'files' ? 0o1777 : 0o755;
  const mounted = { root: new PlainFolderNode(system, owner(mode, at)), system, changes: 0, bytes: 0 };
  updateVolume(mounted, volume, at);
  return mounted;
}

/** What a path within a volume leads to, links followed. */
function within(folder: Inode | undefined, path: string, links = 0): Inode | undefined {
  let node = folder;
  for (const name of namesOf(path)) {
    if (!(node instanceof PlainFolderNode)) return undefined;
    const next = node.get(name);
    node = next instanceof LinkNode && links < MAX_LINKS ? within(node, next.target, links + 1) : next;
  }
  return node;
}

/** What a mount shows: the volume, or with a subPath a part of it, made where it is not there. */
export function partOf(mounted: MountedVolume, subPath: string | undefined, at: number): Inode {
  if (!subPath) return mounted.root;
  const known = within(mounted.root, subPath);
  return known ?? folderAt(mounted.root, namesOf(subPath), owner(0o755, at));
}
