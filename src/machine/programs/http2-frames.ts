/**
 * Frames of HTTP/2 as far as calls of gRPC with one message need them. Headers are plain literals: whoever is at the other end is simulated
 * too, and compresses none. Sources: RFC 9113, RFC 7541.
 */
import type { Bytes } from '../bytes.ts';

/** What a client begins with. */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export const FRAME = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7 } as const;
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

/** Bytes of a frame's content, unless both ends have agreed on more. */
export const MAX_FRAME_BYTES = 16_384;
const HEAD_BYTES = 9;

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Bytes;
}

const byte = (value: number): string => String.fromCharCode(value & 255);
const word = (value: number): string => byte(value >>> 24) + byte(value >>> 16) + byte(value >>> 8) + byte(value);
const wordAt = (bytes: Bytes, at: number): number =>
  ((bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)) >>>
  0;

export const frameBytes = ({ type, flags, stream, payload }: Frame): Bytes =>
  `${word(payload.length).slice(1)}${byte(type)}${byte(flags)}${word(stream)}${payload}`;

/** Takes frames out of what comes in. */
export class FrameReader {
  #rest: Bytes = '';

  /** @returns the frames that are whole; undefined: one is longer than it may be. */
  take(bytes: Bytes): Frame[] | undefined {
    this.#rest += bytes;
    const frames: Frame[] = [];
    while (this.#rest.length >= HEAD_BYTES) {
      const length = wordAt(`\0${this.#rest.slice(0, 3)}`, 0);
      if (length > MAX_FRAME_BYTES) return undefined;
      if (this.#rest.length < HEAD_BYTES + length) break;
      frames.push({
        type: this.#rest.charCodeAt(3),
        flags: this.#rest.charCodeAt(4),
        stream: wordAt(this.#rest, 5) & 0x7fff_ffff,
        payload: this.#rest.slice(HEAD_BYTES, HEAD_BYTES + length),
      });
      this.#rest = this.#rest.slice(HEAD_BYTES + length);
    }
    return frames;
  }
}

/** Of a length that fits into a byte's seven bits, or is continued. */
const SEVEN_BITS = 127;

function literal(text: Bytes): Bytes {
  if (text.length < SEVEN_BITS) return byte(text.length) + text;
  let rest = text.length - SEVEN_BITS;
  let length = byte(SEVEN_BITS);
  for (; rest > SEVEN_BITS; rest >>>= 7) length += byte((rest & SEVEN_BITS) | 128);
  return length + byte(rest) + text;
}

/** Headers as literals that nobody is to keep. */
export const headerBlock = (headers: Iterable<readonly [name: string, value: Bytes]>): Bytes =>
  [...headers].map(([name, value]) => `\0${literal(name)}${literal(value)}`).join('');

/** Undefined: they are written in another way. */
export function readHeaderBlock(block: Bytes): Map<string, Bytes> | undefined {
  const headers = new Map<string, Bytes>();
  let at = 0;
  const text = (): Bytes | undefined => {
    let length = block.charCodeAt(at++);
    // The highest bit would say that it is compressed.
    if (!(length <= SEVEN_BITS)) return undefined;
    if (length === SEVEN_BITS)
      for (let shift = 0; shift < 21; shift += 7) {
        const next = block.charCodeAt(at++);
        length += (next & SEVEN_BITS) << shift;
        if (!(next & 128)) break;
      }
    at += length;
    return at > block.length ? undefined : block.slice(at - length, at);
  };
  while (at < block.length) {
    if (block.charCodeAt(at++) !== 0) return undefined;
    const name = text();
    const value = name === undefined ? undefined : text();
    if (name === undefined || value === undefined) return undefined;
    headers.set(name, value);
  }
  return headers;
}
