/** Frames of SPDY/3.1 as bytes and back, of one connection: header blocks refer to the ones before them. */
import { concatenated } from '../../../simulation/concatenated.ts';
import { checksum, DICTIONARY } from './dictionary.ts';
import { Inflate, InflateError } from './inflate.ts';

/** By their lower-case names. */
export type Headers = ReadonlyMap<string, string>;

export type Frame =
  | { type: 'synStream'; stream: number; headers: Headers; fin: boolean }
  | { type: 'synReply'; stream: number; headers: Headers; fin: boolean }
  | { type: 'reset'; stream: number; status: number }
  | { type: 'ping'; id: number }
  | { type: 'goAway'; lastStream: number }
  | { type: 'headers'; stream: number; headers: Headers; fin: boolean }
  | { type: 'windowUpdate'; stream: number; delta: number }
  | { type: 'data'; stream: number; bytes: Uint8Array; fin: boolean }
  /** Which nobody needs here. */
  | { type: 'other' };

/** Bytes of one frame's contents. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Bytes of a header block when it is unpacked. */
export const MAX_HEADER_BYTES = 64 * 1024;

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const HEADERS = 8;
const WINDOW_UPDATE = 9;

const VERSION = 3;
const FRAME_HEAD = 8;
const FIN = 1;
const STREAM_MASK = 0x7fffffff;
/** What a stored block of zlib's holds, for it says its length in two bytes. */
const STORED_BLOCK_BYTES = 0xffff;

/** What came is no SPDY, or more than may come. */
export class SpdyError extends Error {}

export class FrameReader {
  readonly #inflate = new Inflate(DICTIONARY);
  #rest: Uint8Array = new Uint8Array();

  /** The frames that are complete with these bytes. @throws SpdyError */
  push(bytes: Uint8Array): Frame[] {
    let rest = this.#rest.length === 0 ? bytes : concatenated([this.#rest, bytes]);
    const frames: Frame[] = [];
    while (rest.length >= FRAME_HEAD) {
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      const length = view.getUint32(4) & 0xffffff;
      if (length > MAX_FRAME_BYTES) throw new SpdyError(`a frame of ${length} bytes`);
      if (rest.length < FRAME_HEAD + length) break;
      const first = view.getUint32(0);
      const flags = view.getUint8(4);
      const contents = rest.subarray(FRAME_HEAD, FRAME_HEAD + length);
      frames.push(
        first <= STREAM_MASK
          ? { type: 'data', stream: first, bytes: contents, fin: (flags & FIN) !== 0 }
          : this.#control(first & 0xffff, (flags & FIN) !== 0, contents),
      );
      rest = rest.subarray(FRAME_HEAD + length);
    }
    // A copy: a part of the whole would hold all of it.
    this.#rest = rest.slice();
    return frames;
  }

  #control(type: number, fin: boolean, contents: Uint8Array): Frame {
    const view = new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
    const word = (at: number): number => {
      if (at + 4 > contents.length) throw new SpdyError('a frame is cut off');
      return view.getUint32(at);
    };
    const stream = (): number => word(0) & STREAM_MASK;
    switch (type) {
      case SYN_STREAM:
        return { type: 'synStream', stream: stream(), headers: this.#headers(contents.subarray(10)), fin };
      case SYN_REPLY:
        return { type: 'synReply', stream: stream(), headers: this.#headers(contents.subarray(4)), fin };
      case HEADERS:
        return { type: 'headers', stream: stream(), headers: this.#headers(contents.subarray(4)), fin };
      case RST_STREAM:
        return { type: 'reset', stream: stream(), status: word(4) };
      case PING:
        return { type: 'ping', id: word(0) };
      case GOAWAY:
        return { type: 'goAway', lastStream: stream() };
      case WINDOW_UPDATE:
        return { type: 'windowUpdate', stream: stream(), delta: word(4) & STREAM_MASK };
      default:
        return { type: 'other' };
    }
  }

  #headers(packed: Uint8Array): Headers {
    let block: Uint8Array;
    try {
      block = this.#inflate.push(packed, MAX_HEADER_BYTES);
    } catch (error) {
      if (error instanceof InflateError) throw new SpdyError(`a header block: ${error.message}`);
      throw error;
    }
    const view = new DataView(block.buffer);
    const decoder = new TextDecoder();
    let at = 0;
    const number = (): number => {
      if (at + 4 > block.length) throw new SpdyError('a header block is cut off');
      at += 4;
      return view.getUint32(at - 4);
    };
    const text = (): string => {
      const length = number();
      if (at + length > block.length) throw new SpdyError('a header block is cut off');
      at += length;
      return decoder.decode(block.subarray(at - length, at));
    };
    const headers = new Map<string, string>();
    for (let left = number(); left > 0; left--) headers.set(text().toLowerCase(), text());
    return headers;
  }
}

export class FrameWriter {
  #hasBegun = false;

  write(frame: Exclude<Frame, { type: 'other' }>): Uint8Array<ArrayBuffer> {
    switch (frame.type) {
      case 'data':
        return concatenated([words(frame.stream, flagged(frame.fin, frame.bytes.length)), frame.bytes]);
      case 'synStream':
        return this.#withHeaders(SYN_STREAM, frame, [...numbers(0), 0, 0]);
      case 'synReply':
        return this.#withHeaders(SYN_REPLY, frame, []);
      case 'headers':
        return this.#withHeaders(HEADERS, frame, []);
      case 'reset':
        return control(RST_STREAM, frame.stream, frame.status);
      case 'ping':
        return control(PING, frame.id);
      case 'goAway':
        return control(GOAWAY, frame.lastStream, 0);
      case 'windowUpdate':
        return control(WINDOW_UPDATE, frame.stream, frame.delta);
      default:
        return frame satisfies never;
    }
  }

  #withHeaders(
    type: number,
    { stream, headers, fin }: { stream: number; headers: Headers; fin: boolean },
    more: number[],
  ): Uint8Array<ArrayBuffer> {
    const block = this.#packed(headerBlock(headers));
    const head = [...numbers(stream), ...more];
    return concatenated([words(kind(type), flagged(fin, head.length + block.length)), Uint8Array.from(head), block]);
  }

  /** As zlib's stream, without making it shorter: what is sent are a few words. */
  #packed(block: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    // Deflate, a window of 32 KB, and that there is a dictionary; the rest makes it a multiple of 31.
    if (!this.#hasBegun) parts.push(Uint8Array.from([0x78, 0x20 + (31 - (0x7820 % 31))]), words(checksum(DICTIONARY)));
    this.#hasBegun = true;
    for (let at = 0; at < block.length; at += STORED_BLOCK_BYTES) {
      const part = block.subarray(at, at + STORED_BLOCK_BYTES);
      const [low, high] = [part.length & 0xff, part.length >> 8];
      parts.push(Uint8Array.from([0, low, high, ~low & 0xff, ~high & 0xff]), part);
    }
    // An empty block, by which readers see that they have everything.
    parts.push(Uint8Array.from([0, 0, 0, 0xff, 0xff]));
    return concatenated(parts);
  }
}

const numbers = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);

const words = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values.flatMap(numbers));

const kind = (type: number): number => (0x80000000 | (VERSION << 16) | type) >>> 0;

const flagged = (fin: boolean, length: number): number => ((fin ? FIN : 0) << 24) | length;

const control = (type: number, ...values: number[]): Uint8Array<ArrayBuffer> =>
  words(kind(type), values.length * 4, ...values);

function headerBlock(headers: Headers): Uint8Array {
  const encoder = new TextEncoder();
  const sized = (text: string): Uint8Array[] => {
    const bytes = encoder.encode(text);
    return [words(bytes.length), bytes];
  };
  return concatenated([
    words(headers.size),
    ...[...headers].flatMap(([name, value]) => [...sized(name), ...sized(value)]),
  ]);
}
