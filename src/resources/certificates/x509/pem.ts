/** PEM blocks in a text. Source: RFC 7468 (models encoding/pem). */
import { decodeBase64, encodeBase64 } from '../../../simulation/base64.ts';
import type { Bytes } from './der.ts';

export interface PemBlock {
  type: string;
  headers: boolean;
  bytes: Bytes;
}

const BEGIN = '\n-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';

/** All blocks in order; what is between them, or is no block, is passed over. Looks at each character a few times at the most. */
export function pemBlocks(source: string): PemBlock[] {
  const text = `\n${source}`;
  const blocks: PemBlock[] = [];
  let begin = text.indexOf(BEGIN);
  let end = -1;
  while (begin >= 0) {
    const body = begin + BEGIN.length;
    const next = text.indexOf(BEGIN, body);
    if (end < body) end = text.indexOf(END, body);
    if (end < 0) break;
    // What another block begins in is none.
    if (next < 0 || end < next) {
      const block = blockOf(text.slice(body, end), lineAt(text, end + END.length));
      if (block) blocks.push(block);
    }
    begin = next;
  }
  return blocks;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return (end < 0 ? text.slice(start) : text.slice(start, end)).trimEnd();
}

/** `inside`: from the type in the first line to before the last; `last`: the type again. */
function blockOf(inside: string, last: string): PemBlock | undefined {
  const first = lineAt(inside, 0);
  if (!first.endsWith(DASHES) || first !== last) return undefined;
  const lines = inside.split('\n').slice(1);
  const isHeader = (line: string): boolean => line.includes(':');
  const headers = lines.findIndex((line) => !isHeader(line));
  const bytes = decode(lines.slice(Math.max(headers, 0)).join('').replaceAll(/\s/g, ''));
  return bytes && { type: first.slice(0, -DASHES.length), headers: headers > 0, bytes };
}

function decode(base64: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  try {
    return decodeBase64(base64);
  } catch {
    return undefined;
  }
}

/** One block. */
export function pem(label: string, bytes: Bytes): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
