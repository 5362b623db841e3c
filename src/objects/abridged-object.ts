/**
 * An object of which the large parts alone are left out of memory: long texts, long lists and maps of many fields, wherever they are. The
 * rest is read when it is looked at. It is copied, listed and compared as any object, which reads all of it.
 */
import { heapBytes } from './heap-bytes.ts';
import { isJSONObject } from './json.ts';
import { putLate, type Rest, readFrom } from './late-fields.ts';
import type { KubeObject } from './object.ts';
import { setOwn } from './own.ts';

/** Memory that a part may take to be kept as it is; one that takes more is looked into, or is read late. */
export const MAX_PART_BYTES = 512;
/** Fields of a map, or items of a list, that are looked at one by one; of more none is kept. */
export const MAX_PARTS = 24;

/** What a map takes, and a field that is read late. */
const MAP_BYTES = 32;
const LATE_BYTES = 64;

interface Kept<T = unknown> {
  value: T;
  /** Memory that it takes, about. */
  bytes: number;
}

/** `load` answers the same object; what it answers is shared. */
export const abridgedObject = (object: KubeObject, load: () => KubeObject): Kept<KubeObject> =>
  abridgedMap(object, { load, path: [] }) as Kept<KubeObject>;

function abridgedMap(map: Record<string, unknown>, rest: Rest): Kept<Record<string, unknown>> {
  const value: Record<string, unknown> = {};
  let bytes = MAP_BYTES;
  let isWhole = true;
  for (const field of Object.keys(map)) {
    const kept = field === 'managedFields' ? undefined : keptOf(map[field], field, rest);
    bytes += LATE_BYTES + (kept?.bytes ?? 0);
    if (kept) setOwn(value, field, kept.value);
    else {
      putLate(value, field);
      isWhole = false;
    }
  }
  if (!isWhole) readFrom(value, rest);
  return { value, bytes };
}

/** What is kept of a part; undefined: it is read late as a whole. */
function keptOf(value: unknown, step: string | number, { load, path }: Rest): Kept | undefined {
  const bytes = heapBytes(value, MAX_PART_BYTES);
  if (bytes <= MAX_PART_BYTES) return { value, bytes };
  const rest = { load, path: [...path, step] };
  if (isJSONObject(value)) return Object.keys(value).length <= MAX_PARTS ? abridgedMap(value, rest) : undefined;
  if (!Array.isArray(value) || value.length > MAX_PARTS) return undefined;
  const items: Kept[] = [];
  for (const [i, item] of value.entries()) {
    const kept = keptOf(item, i, rest);
    if (!kept) return undefined;
    items.push(kept);
  }
  return { value: items.map((item) => item.value), bytes: items.reduce((sum, item) => sum + item.bytes, MAP_BYTES) };
}
