/** Gzip: what is packed by others is unpacked (RFC 1951 and 1952), what is packed here is stored as it is. */
import { type Bytes, bytesFrom } from '../bytes.ts';
import { Failure } from './applet.ts';

/** Bytes that something may become when it is unpacked. */
export const MAX_UNPACKED = 4 * 1024 * 1024;

/** What is worked out when it is first asked for: not at the Worker's start, which is most often for something else. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const crcTable = once(() =>
  Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value >>> 0;
  }),
);

export function crc32(bytes: Bytes): number {
  const table = crcTable();
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes.charCodeAt(i)) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}

const little = (value: number, width: number): Bytes =>
  Array.from({ length: width }, (_, i) => String.fromCharCode((value >>> (8 * i)) & 255)).join('');

const STORED = 65_535;

/** A gzip file of blocks that are not packed. */
export function gzip(bytes: Bytes): Bytes {
  let out = '\x1f\x8b\x08\0\0\0\0\0\0\x03';
  for (let i = 0; i === 0 || i < bytes.length; i += STORED) {
    const block = bytes.slice(i, i + STORED);
    const isLast = i + STORED >= bytes.length;
    out += (isLast ? '\x01' : '\0') + little(block.length, 2) + little(block.length ^ 0xffff, 2) + block;
  }
  return out + little(crc32(bytes), 4) + little(bytes.length, 4);
}

/** Codes of Huffman: how many there are of each length, and the symbols in their order. */
interface Codes {
  counts: number[];
  symbols: number[];
}

function codesOf(lengths: readonly number[]): Codes {
  const counts = Array.from({ length: 16 }, () => 0);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const starts = [0, 0];
  for (let length = 1; length < 15; length++) starts.push(starts[length]! + counts[length]!);
  const symbols: number[] = [];
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[starts[length]!++] = symbol;
  return { counts, symbols };
}

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const fixedCodes = once((): [Codes, Codes] => [
  codesOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  codesOf(Array.from({ length: 30 }, () => 5)),
]);

class Inflation {
  readonly #source: Bytes;
  at: number;
  #bits = 0;
  #held = 0;
  readonly #out: number[] = [];

  constructor(source: Bytes, at: number) {
    this.#source = source;
    this.at = at;
  }

  #take(count: number): number {
    while (this.#held < count) {
      if (this.at >= this.#source.length) throw new Failure('corrupted data');
      this.#bits |= this.#source.charCodeAt(this.at++) << this.#held;
      this.#held += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#held -= count;
    return value;
  }

  #symbol({ counts, symbols }: Codes): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length++) {
      code |= this.#take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Failure('corrupted data');
  }

  run(): Bytes {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const kind = this.#take(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) this.#block(...fixedCodes());
      else if (kind === 2) this.#dynamic();
      else throw new Failure('corrupted data');
    }
    return bytesFrom(Uint8Array.from(this.#out));
  }

  #push(byte: number): void {
    if (this.#out.length >= MAX_UNPACKED) throw new Failure('out of memory');
    this.#out.push(byte);
  }

  #stored(): void {
    this.#bits = 0;
    this.#held = 0;
    const length = this.#take(16);
    this.#take(16);
    for (let i = 0; i < length; i++) this.#push(this.#take(8));
  }

  #block(lengths: Codes, distances: Codes): void {
    for (;;) {
      const symbol = this.#symbol(lengths);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.#push(symbol);
        continue;
      }
      const length = LENGTHS[symbol - 257]! + this.#take(LENGTH_BITS[symbol - 257]!);
      const code = this.#symbol(distances);
      const distance = DISTANCES[code]! + this.#take(DISTANCE_BITS[code]!);
      if (!(distance <= this.#out.length)) throw new Failure('corrupted data');
      for (let i = 0; i < length; i++) this.#push(this.#out[this.#out.length - distance]!);
    }
  }

  #dynamic(): void {
    const [lengths, distances, codes] = [this.#take(5) + 257, this.#take(5) + 1, this.#take(4) + 4];
    const own = Array.from({ length: 19 }, () => 0);
    for (let i = 0; i < codes; i++) own[ORDER[i]!] = this.#take(3);
    const table = codesOf(own);
    const all: number[] = [];
    while (all.length < lengths + distances) {
      const symbol = this.#symbol(table);
      if (symbol < 16) all.push(symbol);
      else {
        const value = symbol === 16 ? (all.at(-1) ?? 0) : 0;
        const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
        for (let i = 0; i < times; i++) all.push(value);
      }
    }
    this.#block(codesOf(all.slice(0, lengths)), codesOf(all.slice(lengths)));
  }
}

export const isGzip = (bytes: Bytes): boolean => bytes.startsWith('\x1f\x8b');

/** @throws Failure where it is no gzip file, or a broken one */
export function gunzip(bytes: Bytes): Bytes {
  let out = '';
  let at = 0;
  do {
    if (!bytes.startsWith('\x1f\x8b\x08', at)) throw new Failure('invalid magic');
    const flags = bytes.charCodeAt(at + 3);
    at += 10;
    if (flags & 4) at += 2 + bytes.charCodeAt(at) + 256 * bytes.charCodeAt(at + 1);
    if (flags & 8) at = bytes.indexOf('\0', at) + 1;
    if (flags & 16) at = bytes.indexOf('\0', at) + 1;
    if (flags & 2) at += 2;
    const inflation = new Inflation(bytes, at);
    const part = inflation.run();
    at = inflation.at;
    if (bytes.slice(at, at + 4) !== little(crc32(part), 4)) throw new Failure('crc error');
    out += part;
    at += 8;
  } while (isGzip(bytes.slice(at, at + 2)));
  return out;
}
