import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasRoom, MIN_FREE_BYTES } from './up.ts';

it('puts a cluster that is soon gone where there is room for a few hundred', () => {
  const BLOCK = 4096;
  const withFree = (bytes: number): boolean => hasRoom(tmpdir(), () => ({ bavail: bytes / BLOCK, bsize: BLOCK }));
  expect([withFree(MIN_FREE_BYTES), withFree(MIN_FREE_BYTES - BLOCK)]).toEqual([true, false]);
  expect(hasRoom(join(tmpdir(), 'there-is-no-such-folder'))).toBe(false);
});
