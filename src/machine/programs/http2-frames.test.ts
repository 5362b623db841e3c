import { expect, it } from 'vitest';
import { FRAME, FrameReader, frameBytes, headerBlock, MAX_FRAME_BYTES, readHeaderBlock } from './http2-frames.ts';

const data = (length: number) => ({ type: FRAME.DATA, flags: 1, stream: 3, payload: 'x'.repeat(length) });

it('takes frames out of pieces', () => {
  const reader = new FrameReader();
  const bytes = frameBytes(data(3)) + frameBytes(data(0));
  const found = [...bytes].flatMap((byte) => reader.take(byte) ?? []);
  expect(found).toEqual([data(3), data(0)]);
});

it('takes frames up to a length', () => {
  expect(new FrameReader().take(frameBytes(data(MAX_FRAME_BYTES)))).toEqual([data(MAX_FRAME_BYTES)]);
  expect(new FrameReader().take(frameBytes(data(MAX_FRAME_BYTES + 1)))).toBeUndefined();
});

it('reads headers as they were written, whatever their length, and no others', () => {
  const headers: [string, string][] = [0, 1, 126, 127, 128, 254, 255, 300, 5000].map((length) => [
    `x-${length}`,
    'v'.repeat(length),
  ]);
  expect([...readHeaderBlock(headerBlock(headers))!]).toEqual(headers);
  expect(readHeaderBlock(headerBlock(headers).slice(0, -1))).toBeUndefined();
  // An index into the static table.
  expect(readHeaderBlock('\x82')).toBeUndefined();
});
