/**
 * Pages of a bbolt file, the form in which etcd keeps its state on disk. Numbers are little-endian; a page is a header, its elements,
 * and the keys and values that they point at. Keys are byte strings, one unit a byte. Source: go.etcd.io/bbolt/internal/common.
 */

export const PAGE_BYTES = 4096;
export const HEADER_BYTES = 16;
/** So a page has far fewer elements than its header can count. */
export const ELEMENT_BYTES = 16;
/** What a bucket's entry among its parent's has for a value: its root page and a counter. */
const BUCKET_BYTES = 16;

const BRANCH = 0x01;
const LEAF = 0x02;
const META = 0x04;
const FREELIST = 0x10;
const IS_BUCKET = 0x01;

const MAGIC = 0xed0cdaed;
const VERSION = 2;

export interface LeafEntry {
  key: string;
  value: Uint8Array;
  /** The value is a bucket's. */
  isBucket?: boolean;
}

/** Pages that so many bytes with their header take. */
export const pagesFor = (bytes: number): number => Math.max(1, Math.ceil(bytes / PAGE_BYTES));

function newPage(id: number, flags: number, count: number, pages: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(pages * PAGE_BYTES);
  const view = new DataView(bytes.buffer);
  writeHeader(view, id, flags, count, pages);
  return { bytes, view };
}

function writeHeader(view: DataView, id: number, flags: number, count: number, pages: number, at = 0): void {
  view.setBigUint64(at, BigInt(id), true);
  view.setUint16(at + 8, flags, true);
  view.setUint16(at + 10, count, true);
  view.setUint32(at + 12, pages - 1, true);
}

function writeBytes(target: Uint8Array, text: string, at: number): void {
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
}

/** `pages` is how many it was laid out to take. */
export function leafPage(id: number, entries: readonly LeafEntry[], pages: number): Uint8Array {
  const { bytes, view } = newPage(id, LEAF, entries.length, pages);
  let at = HEADER_BYTES + entries.length * ELEMENT_BYTES;
  for (const [i, { key, value, isBucket }] of entries.entries()) {
    const element = HEADER_BYTES + i * ELEMENT_BYTES;
    view.setUint32(element, isBucket ? IS_BUCKET : 0, true);
    view.setUint32(element + 4, at - element, true);
    view.setUint32(element + 8, key.length, true);
    view.setUint32(element + 12, value.length, true);
    writeBytes(bytes, key, at);
    bytes.set(value, at + key.length);
    at += key.length + value.length;
  }
  return bytes;
}

/** A page that leads to others, each by its first key. */
export function branchPage(id: number, children: readonly { firstKey: string; id: number }[]): Uint8Array {
  const { bytes, view } = newPage(id, BRANCH, children.length, 1);
  let at = HEADER_BYTES + children.length * ELEMENT_BYTES;
  for (const [i, child] of children.entries()) {
    const element = HEADER_BYTES + i * ELEMENT_BYTES;
    view.setUint32(element, at - element, true);
    view.setUint32(element + 4, child.firstKey.length, true);
    view.setBigUint64(element + 8, BigInt(child.id), true);
    writeBytes(bytes, child.firstKey, at);
    at += child.firstKey.length;
  }
  return bytes;
}

/** No page is free. */
export const freelistPage = (id: number): Uint8Array => newPage(id, FREELIST, 0, 1).bytes;

/** A bucket whose entries stand in pages of their own. */
export function bucketValue(root: number): Uint8Array {
  const bytes = new Uint8Array(BUCKET_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(root), true);
  return bytes;
}

/** A bucket without entries: an empty leaf that stands in the value itself. */
export function emptyBucketValue(): Uint8Array {
  const bytes = new Uint8Array(BUCKET_BYTES + HEADER_BYTES);
  writeHeader(new DataView(bytes.buffer), 0, LEAF, 0, 1, BUCKET_BYTES);
  return bytes;
}

/** One of the two pages that a file begins with; of two that are whole, the one with the higher transaction counts. */
export function metaPage(id: 0 | 1, file: { root: number; freelist: number; pages: number }): Uint8Array {
  const { bytes, view } = newPage(id, META, 0, 1);
  const at = HEADER_BYTES;
  view.setUint32(at, MAGIC, true);
  view.setUint32(at + 4, VERSION, true);
  view.setUint32(at + 8, PAGE_BYTES, true);
  view.setBigUint64(at + 16, BigInt(file.root), true);
  view.setBigUint64(at + 32, BigInt(file.freelist), true);
  view.setBigUint64(at + 40, BigInt(file.pages), true);
  view.setBigUint64(at + 48, BigInt(id), true);
  view.setBigUint64(at + 56, fnv1a(bytes.subarray(at, at + 56)), true);
  return bytes;
}

function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}
