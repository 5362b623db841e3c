import { constants, createDeflate, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DICTIONARY } from './dictionary.ts';
import { Inflate, InflateError } from './inflate.ts';

const LEVELS = [0, 1, 6, 9];
const MAX = 1 << 20;

/** Pieces as zlib itself writes them, each flushed, of one stream. */
async function pieces(texts: Uint8Array[], options: object): Promise<Uint8Array<ArrayBuffer>[]> {
  const deflate = createDeflate({ dictionary: DICTIONARY, ...options });
  const made: Uint8Array<ArrayBuffer>[] = [];
  for (const text of texts) {
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer): void => void chunks.push(chunk);
    deflate.on('data', collect);
    deflate.write(text);
    await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, done));
    deflate.off('data', collect);
    made.push(Uint8Array.from(Buffer.concat(chunks)));
  }
  return made;
}

/** Bytes that repeat themselves here and there, the same in every run. */
function sample(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    bytes[i] = i > 600 && state % 5 !== 0 ? bytes[i - 1 - (state % 599)]! : (state >> 8) & 0xff;
  }
  return bytes;
}

describe('zlib streams with a dictionary', () => {
  it.each(LEVELS)('are read piece by piece at level %i, each referring to those before', async (level) => {
    const texts: Buffer[] = ['streamtype', 'content-type: streamtype', 'error', '', 'content-length'].map((t) =>
      Buffer.from(t),
    );
    texts.push(...[1, 2, 3, 4, 5].map((seed) => sample(9000 * seed, seed)));
    const inflate = new Inflate(DICTIONARY);
    for (const [i, piece] of (await pieces(texts, { level })).entries())
      expect(Buffer.from(inflate.push(piece, MAX))).toEqual(texts[i]);
  });

  it('are read with fixed codes', async () => {
    const texts = [Buffer.from('abcabcabcabc'), sample(500, 7)];
    const inflate = new Inflate(DICTIONARY);
    for (const [i, piece] of (await pieces(texts, { strategy: constants.Z_FIXED })).entries())
      expect(Buffer.from(inflate.push(piece, MAX))).toEqual(texts[i]);
  });

  it('are read without one', () => {
    expect(Buffer.from(new Inflate(DICTIONARY).push(deflateSync('hello hello hello'), MAX))).toEqual(
      Buffer.from('hello hello hello'),
    );
  });

  it.each([0, 6])('become no more than they may, at level %i', async (level) => {
    const [piece] = await pieces([Buffer.alloc(1000, 'a')], { level });
    expect(new Inflate(DICTIONARY).push(piece!, 1000)).toHaveLength(1000);
    expect(() => new Inflate(DICTIONARY).push(piece!, 999)).toThrow(InflateError);
  });

  it('are refused with another dictionary, and when they are none', () => {
    const other = deflateSync('hello', { dictionary: Buffer.from('another') });
    expect(() => new Inflate(DICTIONARY).push(other, MAX)).toThrow('another dictionary');
    expect(() => new Inflate(DICTIONARY).push(Buffer.from('GET / HTTP/1.1'), MAX)).toThrow('no zlib stream');
  });

  it('end in an error or a text, whatever comes', async () => {
    const [whole] = await pieces([sample(2000, 3)], { level: 9 });
    for (let i = 6; i < whole!.length; i++) {
      const broken = Buffer.from(whole!);
      broken[i] = broken[i]! ^ (1 << (i % 8));
      try {
        expect(new Inflate(DICTIONARY).push(broken, 4000).length).toBeLessThanOrEqual(4000);
      } catch (error) {
        expect(error).toBeInstanceOf(InflateError);
      }
    }
  });
});
