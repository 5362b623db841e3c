/** Writing DER, the other side of der.ts. Source: ITU-T X.690. */
import { concatenated } from '../../../simulation/concatenated.ts';
import type { Bytes } from './der.ts';

/** DER: a tag, the length, and the contents one after the other. */
export function der(tag: number, ...contents: (Bytes | readonly number[])[]): Bytes {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatenated([[tag, ...size], ...contents]);
}

export const sequence = (...contents: Bytes[]): Bytes => der(0x30, ...contents);
export const oid = (id: readonly number[]): Bytes => der(0x06, id);
export const octets = (content: Bytes): Bytes => der(0x04, content);
export const utf8 = (value: string): Bytes => new Uint8Array(new TextEncoder().encode(value));
export const text = (value: string): Bytes => der(0x0c, utf8(value));
export const TRUE = der(0x01, [0xff]);

/** A non-negative integer: no leading zeros but the one that keeps it positive. */
export function integer(bytes: Bytes): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.slice(start);
  return trimmed[0]! & 0x80 ? der(0x02, [0], trimmed) : der(0x02, trimmed);
}

/** GeneralizedTime from 2050 on, UTCTime before, as RFC 5280 has it. */
export function time(milliseconds: number): Bytes {
  const digits = new Date(milliseconds).toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '');
  const late = Number(digits.slice(0, 4)) >= 2050;
  return der(late ? 0x18 : 0x17, utf8(late ? digits : digits.slice(2)));
}
