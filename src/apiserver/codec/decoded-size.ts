/** How large an object may become when it is decoded. */
import type { Struct } from '../../catalog/schema.ts';
import { StatusError } from '../../objects/status.ts';
import { zeroStruct } from './zero.ts';

/**
 * Characters of JSON that a decoded object may have: as a body, and a stored object more. Go prints empty structs, so that a few bytes
 * of input can be many in memory.
 */
export const MAX_DECODED_CHARACTERS = 4.5 * 1024 * 1024;

export const tooLargeObject = (): StatusError =>
  new StatusError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: the object is longer than ${MAX_DECODED_CHARACTERS} characters`,
  );

const printedSizes = new WeakMap<Struct, number>();

/** Characters that Go prints of a struct whose fields nobody set. */
export function printedSize(struct: Struct): number {
  let size = printedSizes.get(struct);
  if (size === undefined) {
    size = JSON.stringify(zeroStruct(struct)).length;
    printedSizes.set(struct, size);
  }
  return size;
}
