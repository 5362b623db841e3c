/** Trees of files that several pods mount: those of nodes, and those behind claims. They outlive the pods. */
import type { Bytes } from '../bytes.ts';
import { MAX_FILE_SYSTEM_BYTES, MAX_SHARED_TREES } from '../kernel/limits.ts';
import { FileNode, FileSystem, folderAt, PlainFolderNode } from './inode.ts';
import { namesOf } from './mounts.ts';

export class SharedTrees {
  readonly #roots = new Map<string, PlainFolderNode>();
  readonly #begin: (tree: string) => Readonly<Record<string, Bytes>>;

  /** `begin`: the files that a tree begins with, by their paths. */
  constructor(begin: (tree: string) => Readonly<Record<string, Bytes>> = () => ({})) {
    this.#begin = begin;
  }

  /** The root of a tree, made at this instant where it is not there; beyond the bound, who was asked for the longest ago is forgotten. */
  root(tree: string, at: number): PlainFolderNode {
    const known = this.#roots.get(tree);
    this.#roots.delete(tree);
    const root = known ?? this.#make(tree, at);
    this.#roots.set(tree, root);
    const [oldest] = this.#roots.keys();
    if (this.#roots.size > MAX_SHARED_TREES && oldest !== undefined) this.#roots.delete(oldest);
    return root;
  }

  #make(tree: string, at: number): PlainFolderNode {
    const owner = (mode: number) => ({ mode, uid: 0, gid: 0, modifiedAt: at });
    const root = new PlainFolderNode(new FileSystem('ext4', '/dev/vda1', MAX_FILE_SYSTEM_BYTES), owner(0o755));
    for (const [path, bytes] of Object.entries(this.#begin(tree))) {
      const names = namesOf(path);
      const last = names.pop();
      if (last !== undefined)
        folderAt(root, names, owner(0o755)).set(last, new FileNode(root.system, owner(0o644), bytes));
    }
    return root;
  }

  /** What they hold is gone, such as a claim's when its volume is deleted. */
  forget(tree: string): void {
    this.#roots.delete(tree);
  }

  /** Bytes in all of them. */
  get size(): number {
    let size = 0;
    for (const { system } of this.#roots.values()) size += system.used;
    return size;
  }
}
