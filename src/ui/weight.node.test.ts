import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ASSETS, EMBED_PAGE, FIRST_PAGE } from './assets.gen.ts';

/** Of all that an embed loads, gzipped, bytes. */
const MAX_WEIGHT = 30 * 1024;

it('a page weighs at most 30 KiB with all that it loads', () => {
  const weight = (text: string): number => gzipSync(text).length;
  const assets = Object.values(ASSETS).reduce((sum, { body }) => sum + weight(body), 0);
  expect(assets + weight(EMBED_PAGE)).toBeLessThan(MAX_WEIGHT);
  expect(assets + weight(FIRST_PAGE)).toBeLessThan(MAX_WEIGHT);
});
