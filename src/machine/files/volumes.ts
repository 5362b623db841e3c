/** The volumes of a pod as trees of files, shared by all containers that mount them. */

import type { Image } from '../image.ts';
import { MAX_FILE_SYSTEM_BYTES, MAX_LINKS } from '../kernel/limits.ts';
import type { Volume } from '../pod-machine.ts';
import {
  FileNode,
  FileSystem,
  FolderNode,
  folderAt,
  type Inode,
  LinkNode,
  MadeFileNode,
  PlainFolderNode,
} from './inode.ts';
import { containerRoot } from './layers.ts';
import { namesOf } from './mounts.ts';
import { SharedTrees } from './shared-trees.ts';

/** A volume while its pod lives. */
export interface MountedVolume {
  /** A folder, or of a shared tree a file. */
  root: Inode;
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
  for (const [path, file] of Object.entries(volume.files)) {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) continue;
    const facts = { ...owner(file.mode, at), uid: file.uid ?? 0 };
    const node =
      'bytes' in file
        ? new FileNode(root.system, facts, file.bytes)
        : new MadeFileNode(root.system, facts, (viewer) => file.made(viewer.now?.() ?? at));
    folderAt(root, names, owner(0o755, at)).set(last, node);
  }
}

const SET_GROUP = 0o2000;
const GROUP_RUNS = 0o110;
const GROUP_READS = 0o440;
const GROUP_WRITES = 0o660;

/** Gives all that is below a node to a group. Models pkg/volume (changeFilePermission). */
function giveTo(node: Inode, group: number, readOnly: boolean): void {
  node.gid = group;
  if (node instanceof LinkNode) return;
  node.mode |= readOnly ? GROUP_READS : GROUP_WRITES;
  if (!(node instanceof PlainFolderNode)) return;
  node.mode |= SET_GROUP | GROUP_RUNS;
  for (const name of node.names()) giveTo(node.get(name)!, group, readOnly);
}

/** Gives a volume's files another state: those that follow links through `..data` see all of it at once. */
export function updateVolume(mounted: MountedVolume, volume: Volume, at: number): void {
  const { root, system } = mounted;
  if (volume.kind !== 'files' || !(root instanceof PlainFolderNode)) return;
  mounted.changes++;
  const bytes = Object.values(volume.files).reduce((sum, file) => sum + ('bytes' in file ? file.bytes.length : 0), 0);
  system.used += bytes - mounted.bytes;
  mounted.bytes = bytes;
  if (!volume.isAtomic) {
    for (const name of root.names()) if (!Object.hasOwn(volume.files, name)) root.remove(name);
    fillInPlace(root, volume, at);
    if (volume.group !== undefined) giveTo(root, volume.group, true);
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
  if (volume.group !== undefined) giveTo(root, volume.group, true);
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

function mountImage(image: Image | undefined): MountedVolume {
  const root = containerRoot(image ?? { names: [], config: {}, files: {}, size: 0 });
  return { root, system: root.system, changes: 0, bytes: 0 };
}

/** A path of a tree that others have too. What is there stays as it is; what is not is made. */
function mountShared(volume: Extract<Volume, { kind: 'shared' }>, trees: SharedTrees, at: number): MountedVolume {
  const tree = trees.root(volume.tree, at);
  const names = namesOf(volume.path);
  const last = volume.isFile ? names.pop() : undefined;
  const folder = folderAt(tree, names, owner(0o755, at));
  const mounted = { system: tree.system, changes: 0, bytes: 0 };
  if (last === undefined) {
    if (volume.group !== undefined) giveTo(folder, volume.group, false);
    return { ...mounted, root: folder };
  }
  const file = folder.get(last) ?? new FileNode(tree.system, owner(0o644, at));
  folder.set(last, file);
  return { ...mounted, root: file };
}

export interface VolumeSources {
  trees?: SharedTrees | undefined;
  imageFor?(reference: string): Image;
}

export function mountVolume(volume: Volume, at: number, sources: VolumeSources = {}): MountedVolume {
  if (volume.kind === 'image') return mountImage(sources.imageFor?.(volume.reference));
  if (volume.kind === 'shared') return mountShared(volume, sources.trees ?? new SharedTrees(), at);
  const isMemory = volume.kind === 'files' || (volume.kind === 'scratch' && volume.medium === 'memory');
  const limit =
    volume.kind === 'scratch' && volume.sizeLimit !== undefined && isMemory ? volume.sizeLimit : MAX_FILE_SYSTEM_BYTES;
  const system = new FileSystem(isMemory ? 'tmpfs' : 'ext4', isMemory ? 'tmpfs' : '/dev/vda1', limit);
  const mode = volume.kind === 'scratch' ? volume.mode : 0o1777;
  const mounted = { root: new PlainFolderNode(system, owner(mode, at)), system, changes: 0, bytes: 0 };
  if (volume.kind === 'files') updateVolume(mounted, volume, at);
  else if (volume.group !== undefined) giveTo(mounted.root, volume.group, false);
  return mounted;
}

/** What a path within a volume leads to, links followed. */
function within(folder: Inode | undefined, path: string, links = 0): Inode | undefined {
  let node = folder;
  for (const name of namesOf(path)) {
    if (!(node instanceof FolderNode)) return undefined;
    const next = node.get(name, { pid: 0 });
    node = next instanceof LinkNode && links < MAX_LINKS ? within(node, next.target, links + 1) : next;
  }
  return node;
}

/** What a mount shows: the volume, or with a subPath a part of it, made where it is not there. */
export function partOf(mounted: MountedVolume, subPath: string | undefined, at: number): Inode {
  if (!subPath) return mounted.root;
  const known = within(mounted.root, subPath);
  if (known || !(mounted.root instanceof PlainFolderNode)) return known ?? mounted.root;
  return folderAt(mounted.root, namesOf(subPath), owner(0o755, at));
}
