/**
 * Zlib's decompression of one long stream that comes in pieces, each of which ends with its last block, and that refers to a dictionary:
 * the runtime's own knows no dictionaries. Source: RFC 1950, RFC 1951.
 */
import { checksum } from './dictionary.ts';

/** As far back as a stream may refer, bytes. */
const WINDOW = 32 * 1024;
/** As long as a word of a Huffman code is at most in this format, bits. */
const CODE_BITS = 15;
const DEFLATE = 8;
const HAS_DICTIONARY = 0x20;
const END_OF_BLOCK = 256;

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What came is no stream of zlib's, or is larger than it may be. */
export class InflateError extends Error {}

/** A Huffman code: how many words of each length there are, and the symbols in the order of their words. */
interface Code {
  counts: number[];
  symbols: number[];
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Array<number>(CODE_BITS + 1).fill(0);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const offsets = [0, 0];
  for (let bits = 1; bits < CODE_BITS; bits++) offsets.push(offsets[bits]! + counts[bits]!);
  const symbols: number[] = [];
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[offsets[length]!++] = symbol;
  return { counts, symbols };
}

const FIXED_LENGTHS = codeOf(
  Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = codeOf(new Array<number>(30).fill(5));

export class Inflate {
  readonly #dictionary: Uint8Array;
  #hasBegun = false;
  #isOver = false;
  /** The end of what was read, to which what comes may refer, and behind it what this piece has become. */
  #output: number[];
  #input: Uint8Array = new Uint8Array();
  #at = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary;
    this.#output = [...dictionary];
  }

  /** What a piece becomes, which must be no more than `max` bytes. @throws InflateError */
  push(piece: Uint8Array, max: number): Uint8Array {
    this.#input = piece;
    this.#at = 0;
    if (!this.#hasBegun) this.#begin();
    const start = this.#output.length;
    while (!this.#isOver && this.#at < this.#input.length) this.#block(start + max);
    const result = Uint8Array.from(this.#output.slice(start));
    this.#output = this.#output.slice(-WINDOW);
    return result;
  }

  #begin(): void {
    const method = this.#byte();
    const flags = this.#byte();
    if ((method & 0x0f) !== DEFLATE || ((method << 8) | flags) % 31 !== 0) throw new InflateError('no zlib stream');
    if ((flags & HAS_DICTIONARY) === 0) this.#output = [];
    else {
      let sum = 0;
      for (let i = 0; i < 4; i++) sum = sum * 256 + this.#byte();
      if (sum !== checksum(this.#dictionary)) throw new InflateError('another dictionary');
    }
    this.#hasBegun = true;
  }

  #byte(): number {
    if (this.#at >= this.#input.length) throw new InflateError('the stream is cut off');
    return this.#input[this.#at++]!;
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      this.#bits |= this.#byte() << this.#bitCount;
      this.#bitCount += 8;
    }
    const taken = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return taken;
  }

  #symbol({ counts, symbols }: Code): number {
    let word = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= CODE_BITS; length++) {
      word |= this.#take(1);
      const count = counts[length]!;
      if (word - first < count) return symbols[index + word - first]!;
      index += count;
      first = (first + count) << 1;
      word <<= 1;
    }
    throw new InflateError('no word of the code');
  }

  #block(end: number): void {
    this.#isOver = this.#take(1) === 1;
    const type = this.#take(2);
    if (type === 0) this.#stored(end);
    else if (type === 1) this.#compressed(FIXED_LENGTHS, FIXED_DISTANCES, end);
    else if (type === 2) {
      const [lengths, distances] = this.#codes();
      this.#compressed(lengths, distances, end);
    } else throw new InflateError('no type of blocks');
  }

  #stored(end: number): void {
    this.#bits = 0;
    this.#bitCount = 0;
    const length = this.#byte() | (this.#byte() << 8);
    const inverse = this.#byte() | (this.#byte() << 8);
    if ((length ^ inverse) !== 0xffff) throw new InflateError('a stored block without its length');
    if (this.#output.length + length > end) throw new InflateError('too long');
    for (let i = 0; i < length; i++) this.#output.push(this.#byte());
  }

  #codes(): [Code, Code] {
    const lengthCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeLengths = new Array<number>(CODE_LENGTH_ORDER.length).fill(0);
    const given = this.#take(4) + 4;
    for (const place of CODE_LENGTH_ORDER.slice(0, given)) codeLengths[place] = this.#take(3);
    const code = codeOf(codeLengths);
    const lengths: number[] = [];
    while (lengths.length < lengthCount + distanceCount) {
      const symbol = this.#symbol(code);
      if (symbol < 16) lengths.push(symbol);
      else {
        const repeated = symbol === 16 ? lengths.at(-1) : 0;
        if (repeated === undefined) throw new InflateError('nothing to repeat');
        const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
        for (let i = 0; i < times; i++) lengths.push(repeated);
      }
    }
    return [codeOf(lengths.slice(0, lengthCount)), codeOf(lengths.slice(lengthCount, lengthCount + distanceCount))];
  }

  #compressed(lengths: Code, distances: Code, end: number): void {
    for (;;) {
      const symbol = this.#symbol(lengths);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) this.#output.push(symbol);
      else this.#copy(symbol - END_OF_BLOCK - 1, distances);
      if (this.#output.length > end) throw new InflateError('too long');
    }
  }

  #copy(place: number, distances: Code): void {
    if (place >= LENGTH_BASE.length) throw new InflateError('no length');
    const length = LENGTH_BASE[place]! + this.#take(LENGTH_EXTRA[place]!);
    const symbol = this.#symbol(distances);
    if (symbol >= DISTANCE_BASE.length) throw new InflateError('no distance');
    const from = this.#output.length - DISTANCE_BASE[symbol]! - this.#take(DISTANCE_EXTRA[symbol]!);
    if (from < 0) throw new InflateError('nothing is as far back');
    for (let i = 0; i < length; i++) this.#output.push(this.#output[from + i]!);
  }
}
