import { describe, expect, it } from 'vitest';
import { concatenated } from '../../../simulation/concatenated.ts';
import { type Frame, FrameReader, FrameWriter, MAX_FRAME_BYTES, MAX_HEADER_BYTES, SpdyError } from './frames.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FRAMES: Exclude<Frame, { type: 'other' }>[] = [
  { type: 'synStream', stream: 1, headers: new Map([['streamtype', 'error']]), fin: false },
  { type: 'synReply', stream: 1, headers: new Map(), fin: false },
  {
    type: 'synStream',
    stream: 3,
    headers: new Map([
      ['streamtype', 'data'],
      ['port', '80'],
    ]),
    fin: true,
  },
  { type: 'data', stream: 3, bytes: bytes('hello'), fin: false },
  { type: 'data', stream: 3, bytes: bytes(''), fin: true },
  { type: 'headers', stream: 1, headers: new Map([['a', 'ü']]), fin: true },
  { type: 'reset', stream: 3, status: 5 },
  { type: 'ping', id: 7 },
  { type: 'windowUpdate', stream: 1, delta: 65536 },
  { type: 'goAway', lastStream: 3 },
];

const written = (): Uint8Array => {
  const writer = new FrameWriter();
  return concatenated(FRAMES.map((frame) => writer.write(frame)));
};

describe('SPDY frames', () => {
  it('are read as they were written', () => {
    expect(new FrameReader().push(written())).toEqual(FRAMES);
  });

  it('are read however they are cut', () => {
    const whole = written();
    for (const size of [1, 3, 7, 64]) {
      const reader = new FrameReader();
      const read: Frame[] = [];
      for (let at = 0; at < whole.length; at += size) read.push(...reader.push(whole.subarray(at, at + size)));
      expect(read).toEqual(FRAMES);
    }
  });

  it('begin with the bytes that the protocol says', () => {
    expect([...new FrameWriter().write({ type: 'ping', id: 1 })]).toEqual([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1]);
  });

  it('have header blocks that end in an empty one, as after a flush of zlib', () => {
    const writer = new FrameWriter();
    for (let i = 0; i < 2; i++) {
      const frame = writer.write({ type: 'synReply', stream: 1, headers: new Map(), fin: false });
      expect([...frame.subarray(-5)]).toEqual([0, 0, 0, 0xff, 0xff]);
    }
  });

  it('are skipped when their type is unknown', () => {
    const settings = Uint8Array.from([0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0]);
    expect(new FrameReader().push(settings)).toEqual([{ type: 'other' }]);
  });

  it('are as long as they may be, and no longer', () => {
    const frame = (length: number): Uint8Array =>
      new FrameWriter().write({ type: 'data', stream: 1, bytes: new Uint8Array(length), fin: false });
    expect(new FrameReader().push(frame(MAX_FRAME_BYTES))).toHaveLength(1);
    expect(() => new FrameReader().push(frame(MAX_FRAME_BYTES + 1))).toThrow(SpdyError);
  });

  it('have as many bytes of headers as they may have, and no more', () => {
    // The block has its count, two lengths and the name beside the value.
    const room = MAX_HEADER_BYTES - 4 - 4 - 4 - 1;
    const frame = (length: number): Uint8Array =>
      new FrameWriter().write({
        type: 'headers',
        stream: 1,
        headers: new Map([['a', 'x'.repeat(length)]]),
        fin: false,
      });
    expect(new FrameReader().push(frame(room))).toHaveLength(1);
    expect(() => new FrameReader().push(frame(room + 1))).toThrow(SpdyError);
  });

  it('that are cut off inside are refused', () => {
    const reset = Uint8Array.from([0x80, 3, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1]);
    expect(() => new FrameReader().push(reset)).toThrow(SpdyError);
  });
});
