/** Whether two JSON values are the same. Absent and undefined are one; the order of keys does not count. */
export function sameValue(a: any, b: any, ignored?: ReadonlySet<string>): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i], ignored)) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  for (const key in a) if (!ignored?.has(key) && !sameValue(a[key], b[key], ignored)) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined && !ignored?.has(key)) return false;
  return true;
}
