import { expect, it } from 'vitest';
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './base64.ts';

it('bytes of any length come back', () => {
  for (const length of [0, 1, 2, 3, 0x8000, 0x8001, 200_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + 251) % 256);
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
    expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
  }
});

it('has two alphabets', () => {
  const bytes = Uint8Array.of(0xfb, 0xff, 0xfe, 0xff);
  expect([encodeBase64(bytes), encodeBase64url(bytes)]).toEqual(['+//+/w==', '-__-_w']);
  expect(() => decodeBase64('a*==')).toThrow();
});
