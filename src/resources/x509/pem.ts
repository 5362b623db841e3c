/** PEM blocks in a text. Source: RFC 7468 (models encoding/pem). */
import type { Bytes } from './der.ts';

export interface PemBlock {
  type: string;
  headers: boolean;
  bytes: Bytes;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** All blocks in order; what is between them, or is no block, is passed over. One pass over the text. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let type: string | undefined;
  let headers = false;
  let body: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trimEnd();
    if (trimmed.startsWith(BEGIN) && trimmed.endsWith(DASHES)) {
      type = trimmed.slice(BEGIN.length, -DASHES.length);
      headers = false;
      body = [];
    } else if (type !== undefined && trimmed === `-----END ${type}${DASHES}`) {
      const bytes = decode(body.join(''));
      if (bytes) blocks.push({ type, headers, bytes });
      type = undefined;
    } else if (type !== undefined) {
      if (body.length === 0 && trimmed.includes(':')) headers = true;
      else body.push(trimmed.trim());
    }
  }
  return blocks;
}

function decode(base64: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  try {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}
