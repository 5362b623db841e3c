/**
 * About how many bytes of memory JSON takes once it is parsed: a few times its text, and much more where it is made of many small parts.
 * It is told rather too high than too low, by V8 without compressed pointers.
 */
const STRING = 24;
const CONTAINER = 32;
const SLOT = 8;
/** An object of more fields than that has a table of its own, with its keys. */
const FEW_FIELDS = 20;
const TABLE_FIELD = 48;

/** `most`: of what takes more, all that is told is that it does. */
export function heapBytes(value: unknown, most = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'string') return STRING + value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let bytes = CONTAINER;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && bytes <= most; i++) bytes += SLOT + heapBytes(value[i], most - bytes);
    return bytes;
  }
  let fields = 0;
  for (const field in value) {
    bytes += SLOT + heapBytes((value as Record<string, unknown>)[field], most - bytes);
    if (++fields > FEW_FIELDS) bytes += TABLE_FIELD + field.length;
    if (bytes > most) break;
  }
  return bytes;
}
