/**
 * A bbolt file that is written from front to back, though its first pages say where the last ones are: a first pass over the sizes of
 * all entries lays the pages out, a second one writes them. So a file of any size needs a page's memory and one line a leaf.
 */
import {
  branchPage,
  bucketValue,
  ELEMENT_BYTES,
  emptyBucketValue,
  freelistPage,
  HEADER_BYTES,
  type LeafEntry,
  leafPage,
  metaPage,
  PAGE_BYTES,
  pagesFor,
} from './bolt-page.ts';

/** Both passes must give the same keys, in the order of their bytes. */
export interface Bucket {
  name: string;
  sizes(): AsyncIterable<{ key: string; valueBytes: number }> | Iterable<{ key: string; valueBytes: number }>;
  entries(): AsyncIterable<LeafEntry> | Iterable<LeafEntry>;
}

/** A bucket that is small enough to be held. */
export function smallBucket(name: string, entries: LeafEntry[]): Bucket {
  const sorted = entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    name,
    sizes: () => sorted.map(({ key, value }) => ({ key, valueBytes: value.length })),
    entries: () => sorted,
  };
}

export interface BoltFile {
  bytes: number;
  /** Throws if the entries are not those that were laid out. */
  pages(): AsyncGenerator<Uint8Array>;
}

interface Node {
  firstKey: string;
  id: number;
}

interface Leaf extends Node {
  count: number;
  pages: number;
}

interface Tree {
  bucket: Bucket;
  leaves: Leaf[];
  /** From those above the leaves to the root; none if there is one leaf. */
  levels: Node[][][];
  root: number;
}

const FREELIST = 2;
const FIRST = 3;

export async function layOut(buckets: Bucket[]): Promise<BoltFile> {
  let next = FIRST;
  const trees: Tree[] = [];
  for (const bucket of buckets.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const leaves = await packLeaves(bucket);
    for (const leaf of leaves) {
      leaf.id = next;
      next += leaf.pages;
    }
    const levels: Node[][][] = [];
    let nodes: Node[] = leaves;
    while (nodes.length > 1) {
      const level = packBranches(nodes);
      levels.push(level);
      nodes = level.map((children) => ({ firstKey: children[0]!.firstKey, id: next++ }));
    }
    trees.push({ bucket, leaves, levels, root: nodes[0]?.id ?? 0 });
  }
  const rootEntries = trees.map(({ bucket, root }) => ({
    key: bucket.name,
    value: root === 0 ? emptyBucketValue() : bucketValue(root),
    isBucket: true,
  }));
  const root = next;
  const rootBytes = rootEntries.reduce((sum, entry) => sum + entryBytes(entry.key, entry.value.length), HEADER_BYTES);
  const pages = root + pagesFor(rootBytes);
  return { bytes: pages * PAGE_BYTES, pages: () => write(trees, rootEntries, { root, freelist: FREELIST, pages }) };
}

const entryBytes = (key: string, valueBytes: number): number => ELEMENT_BYTES + key.length + valueBytes;

async function packLeaves(bucket: Bucket): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  let leaf: Leaf | undefined;
  let bytes = 0;
  for await (const { key, valueBytes } of bucket.sizes()) {
    const size = entryBytes(key, valueBytes);
    if (!leaf || bytes + size > PAGE_BYTES) {
      leaf = { firstKey: key, id: 0, count: 0, pages: 1 };
      leaves.push(leaf);
      bytes = HEADER_BYTES;
    }
    bytes += size;
    leaf.count++;
    leaf.pages = pagesFor(bytes);
  }
  return leaves;
}

function packBranches(nodes: Node[]): Node[][] {
  const branches: Node[][] = [];
  let bytes = PAGE_BYTES;
  for (const node of nodes) {
    const size = ELEMENT_BYTES + node.firstKey.length;
    if (bytes + size > PAGE_BYTES) {
      branches.push([]);
      bytes = HEADER_BYTES;
    }
    branches.at(-1)!.push(node);
    bytes += size;
  }
  return branches;
}

async function* write(
  trees: Tree[],
  rootEntries: LeafEntry[],
  file: { root: number; freelist: number; pages: number },
): AsyncGenerator<Uint8Array> {
  yield metaPage(0, file);
  yield metaPage(1, file);
  yield freelistPage(FREELIST);
  for (const { bucket, leaves, levels } of trees) {
    yield* writeLeaves(bucket, leaves);
    let id = (leaves.at(-1)?.id ?? 0) + (leaves.at(-1)?.pages ?? 0);
    for (const level of levels) for (const children of level) yield branchPage(id++, children);
  }
  yield leafPage(file.root, rootEntries, file.pages - file.root);
}

async function* writeLeaves(bucket: Bucket, leaves: Leaf[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  let entries: LeafEntry[] = [];
  for await (const entry of bucket.entries()) {
    const leaf = leaves[at];
    if (!leaf || (entries.length === 0 && entry.key !== leaf.firstKey)) throw new Error(CHANGED);
    entries.push(entry);
    if (entries.length < leaf.count) continue;
    yield leafPage(leaf.id, entries, leaf.pages);
    entries = [];
    at++;
  }
  if (at < leaves.length) throw new Error(CHANGED);
}

const CHANGED = 'what was to be written changed meanwhile';
