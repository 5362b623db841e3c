/** What runs in images that nobody knows: nothing is printed, and it stays up until it is told to end. */
import type { Image } from '../image.ts';
import type { Program } from '../program.ts';
import { until } from '../programs/input.ts';
import { busyboxFiles } from './base-files.ts';
import { image } from './image-family.ts';

/** Waits for TERM or INT, and ends with 0. */
export const stay: Program = function* (process) {
  let isAsked = false;
  const ask = (): void => {
    isAsked = true;
  };
  process.handle('TERM', ask);
  process.handle('INT', ask);
  yield* until(() => isAsked);
  return 0;
};

/** It has a shell and the usual commands, so that one can look around in it. */
export const unknownImage = (name: string): Image => ({
  ...image([name], { entrypoint: ['/entrypoint'] }, { ...busyboxFiles(), '/entrypoint': { program: stay } }, 25),
  isUnknown: true,
});
