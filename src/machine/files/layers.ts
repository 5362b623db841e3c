/** A container's own layer over the files of its image: the image's are shared by all and never change; what is written is a copy. */

import type { Image, ImageFile } from '../image.ts';
import { MAX_FILE_SYSTEM_BYTES } from '../kernel/limits.ts';
import {
  DeviceNode,
  FileNode,
  FileSystem,
  FolderNode,
  folderAt,
  type Inode,
  LinkNode,
  type Owner,
  PlainFolderNode,
} from './inode.ts';
import { namesOf } from './mounts.ts';

/** When the files of images were made, as far as `ls -l` tells: 2024-09-26T21:31:42Z. */
const IMAGE_MADE_AT = 1_727_386_302_000;

const trees = new WeakMap<Image, PlainFolderNode>();

const ownerOf = (file: ImageFile, mode: number): Owner => ({
  mode: 'mode' in file && file.mode !== undefined ? file.mode : mode,
  uid: 'uid' in file ? (file.uid ?? 0) : 0,
  gid: 'gid' in file ? (file.gid ?? 0) : 0,
  modifiedAt: IMAGE_MADE_AT,
});

function nodeOf(system: FileSystem, file: ImageFile): Inode {
  if ('directory' in file) return new PlainFolderNode(system, ownerOf(file, 0o755));
  if ('link' in file) return new LinkNode(system, ownerOf(file, 0o777), file.link);
  if ('program' in file) return new FileNode(system, ownerOf(file, 0o755), file.text ?? '\x7fELF', file.program);
  return new FileNode(system, ownerOf(file, 0o644), file.text);
}

/** The files of an image as a tree, made once. */
function imageTree(image: Image): PlainFolderNode {
  const known = trees.get(image);
  if (known) return known;
  const system = new FileSystem('overlay', 'overlay', Number.POSITIVE_INFINITY);
  const owner = { mode: 0o755, uid: 0, gid: 0, modifiedAt: IMAGE_MADE_AT };
  const root = new PlainFolderNode(system, owner);
  for (const path of Object.keys(image.files).sort()) {
    const names = namesOf(path);
    const last = names.pop();
    if (last !== undefined) folderAt(root, names, owner).set(last, nodeOf(system, image.files[path]!));
  }
  trees.set(image, root);
  return root;
}

/** A folder of which what is not its own shows through from below. */
class LayeredFolderNode extends FolderNode {
  readonly #below: PlainFolderNode;
  readonly #own = new Map<string, Inode>();
  readonly #gone = new Set<string>();

  constructor(system: FileSystem, below: PlainFolderNode) {
    super(system, below);
    this.#below = below;
  }

  override get(name: string): Inode | undefined {
    const own = this.#own.get(name);
    if (own || this.#gone.has(name)) return own;
    const below = this.#below.get(name);
    if (!(below instanceof PlainFolderNode)) return below;
    const layered = new LayeredFolderNode(this.system, below);
    this.#own.set(name, layered);
    return layered;
  }

  /** In the order of the layer below, whatever was looked at or written meanwhile. */
  override names(): string[] {
    const below = this.#below.names().filter((name) => !this.#gone.has(name));
    return [...below, ...[...this.#own.keys()].filter((name) => !this.#below.get(name))];
  }

  override set(name: string, node: Inode): void {
    this.#own.set(name, node);
    this.#gone.delete(name);
  }

  override remove(name: string): void {
    this.#own.delete(name);
    if (this.#below.get(name)) this.#gone.add(name);
  }
}

/** The root of a new container. */
export function containerRoot(image: Image): FolderNode {
  const system = new FileSystem('overlay', 'overlay', MAX_FILE_SYSTEM_BYTES);
  return new LayeredFolderNode(system, imageTree(image));
}

/** The node to change: the one of a layer below is copied into the folder first. */
export function ownNode(folder: FolderNode, name: string, node: Inode): Inode {
  if (node.system === folder.system || node instanceof FolderNode || node instanceof DeviceNode) return node;
  let copy: Inode = node;
  if (node instanceof FileNode) {
    folder.system.take(node.content.length);
    copy = new FileNode(folder.system, node, node.content, node.program);
  } else if (node instanceof LinkNode) copy = new LinkNode(folder.system, node, node.target);
  if (copy !== node) {
    folder.system.takeInode();
    folder.set(name, copy);
  }
  return copy;
}
