import { expect, it } from 'vitest';
import { base32Hash } from './base32-hash.ts';

it('names chains as kube-proxy does', () => {
  expect(base32Hash('orchard/quincetcp', 16)).toBe('LRJAMJ527YTDPDA3');
});

it('is that of the text in UTF-8, over one block and more, in whole characters of five bits', () => {
  // SHA-256 of the empty text begins with e3b0c442.
  expect(base32Hash('', 6)).toBe('4OYMIQ');
  // Of so many letters it begins with 248d6a61, as published.
  expect(base32Hash('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', 6)).toBe('ESGWUY');
});
