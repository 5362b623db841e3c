import type { KubeObject } from './object.ts';

type Fields = Record<string, unknown>;

/** Whether two JSON values are the same. Absent and undefined are one; the order of keys does not count. */
export function sameValue(a: unknown, b: unknown, ignored?: string): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const [left, right] = [a as Fields, b as Fields];
  for (const key in left) if (key !== ignored && !sameValue(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined && key !== ignored) return false;
  return true;
}

/** Whether two JSON values are the same to the letter: a key whose value is undefined is there. */
export function sameJSON(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJSON(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  let count = 0;
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !sameJSON((a as Fields)[key], (b as Fields)[key])) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** A write that would change nothing but the object's version and when its managers wrote is no write. */
export function sameObject(a: KubeObject, b: KubeObject): boolean {
  if (!sameValue(a, b, 'metadata')) return false;
  const { managedFields: before = [], resourceVersion: _, ...old } = a.metadata;
  const { managedFields: after = [], resourceVersion: __, ...now } = b.metadata;
  return (
    sameValue(old, now) &&
    before.length === after.length &&
    before.every((entry, i) => sameValue(entry, after[i], 'time'))
  );
}

/** Deep equality of plain data, where an empty list or map is as good as none. Go's `equality.Semantic`, as `omitempty` writes things. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => sameData(x, b[i]));
  for (const key in a) if (!sameData((a as Fields)[key], (b as Fields)[key])) return false;
  for (const key in b) if (!(key in a) && !isEmpty((b as Fields)[key])) return false;
  return true;
}

/** Whether there is nothing, or an empty list or map. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
}
