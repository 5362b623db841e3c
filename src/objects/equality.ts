/** Whether two JSON values are the same. Absent and undefined are one; the order of keys does not count. */
export function sameValue(a: any, b: any, ignored?: string): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  for (const key in a) if (key !== ignored && !sameValue(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined && key !== ignored) return false;
  return true;
}

/** A write that would change nothing but the object's version and when its managers wrote is no write. */
export function sameObject(a: any, b: any): boolean {
  if (!sameValue(a, b, 'metadata')) return false;
  const { managedFields: before = [], resourceVersion: _, ...old } = a.metadata;
  const { managedFields: after = [], resourceVersion: __, ...now } = b.metadata;
  return (
    sameValue(old, now) &&
    before.length === after.length &&
    before.every((entry: unknown, i: number) => sameValue(entry, after[i], 'time'))
  );
}
