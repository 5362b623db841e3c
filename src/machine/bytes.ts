/**
 * What programs read and write: a text of which each character is one byte (0–255). V8 keeps it in one byte a character, it is joined, cut and
 * compared at no cost, and it is JSON. Text of people is UTF-8 in it.
 */
export type Bytes = string;

const CHUNK = 8192;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Whether each character is its own byte in UTF-8: then nothing is to be converted. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is what is looked for.
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** A person's text as its UTF-8 bytes. */
export const bytesOf = (text: string): Bytes => (isAscii(text) ? text : bytesFrom(encoder.encode(text)));

/** Bytes as text; what is no UTF-8 is replaced by U+FFFD. */
export const textOf = (bytes: Bytes): string => (isAscii(bytes) ? bytes : decoder.decode(arrayOf(bytes)));

export function arrayOf(bytes: Bytes): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) array[i] = bytes.charCodeAt(i);
  return array;
}

export function bytesFrom(array: Uint8Array): Bytes {
  let bytes = '';
  for (let i = 0; i < array.length; i += CHUNK) bytes += String.fromCharCode(...array.subarray(i, i + CHUNK));
  return bytes;
}
