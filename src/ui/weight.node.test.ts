import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ASSETS, EMBED_PAGE, FIRST_PAGE } from './assets.gen.ts';

/** Of all that an embed loads, gzipped, bytes. */
const MAX_WEIGHT = 30 * 1024;

it('a page weighs at most 30 KiB with all that it loads', () => {
  const weight = (text: string | Uint8Array): number => gzipSync(text).length;
  const read = (path: string) => readFileSync(new URL(`../../assets${path}`, import.meta.url));
  const assets = Object.keys(ASSETS).reduce((sum, path) => sum + weight(read(path)), 0);
  expect(assets + weight(EMBED_PAGE)).toBeLessThan(MAX_WEIGHT);
  expect(assets + weight(FIRST_PAGE)).toBeLessThan(MAX_WEIGHT);
});
