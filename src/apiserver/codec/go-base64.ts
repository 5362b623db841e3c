/** Base64 as Go's StdEncoding reads it: line breaks are skipped, padding is a must. */

/** The same bytes in the one form, or the offset of the first wrong byte. */
export function base64Bytes(text: string): string | number {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
  const bad = firstBadByte(text);
  if (bad !== undefined) return bad;
  return text.replace(/[\r\n]/g, '');
}

function firstBadByte(text: string): number | undefined {
  let group = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\n' || c === '\r') continue;
    if (c === '=') {
      if (group < 2) return i;
      padding++;
      group++;
      if (group === 4) return afterPadding(text, i + 1);
      continue;
    }
    if (padding) return i;
    if (!/[A-Za-z0-9+/]/.test(c)) return i;
    group = (group + 1) % 4;
  }
  return group === 0 ? undefined : text.length - (padding ? 0 : group % 4 === 0 ? 0 : group);
}

function afterPadding(text: string, from: number): number | undefined {
  for (let i = from; i < text.length; i++) if (text[i] !== '\n' && text[i] !== '\r') return i;
  return undefined;
}
