import type { Bytes } from '../bytes.ts';

/** Cuts what may be read at once. */
export function piece(text: Bytes, at: number, max: number, line: boolean): Bytes {
  if (line) {
    const end = text.indexOf('\n', at);
    if (end >= 0 && end - at < max) return text.slice(at, end + 1);
  }
  return text.slice(at, at + max);
}
