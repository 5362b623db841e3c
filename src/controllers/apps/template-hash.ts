/**
 * The `pod-template-hash` of a template, to the digit: 32-bit FNV-1a over the struct as Go's dump prints it, written without vowels.
 * So a Deployment's pods have the names that they would have on a real cluster. Source: pkg/controller/controller_utils.go.
 */
import { templateDump } from './template-dump.ts';

/** k8s.io/apimachinery/pkg/util/rand.SafeEncodeString: every character becomes one of these. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const encoder = new TextEncoder();

const fnv1a = (bytes: ArrayLike<number>, start = OFFSET_BASIS): number => {
  let hash = start;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME);
  return hash;
};

const safeEncode = (hash: number): string =>
  Array.from(String(hash >>> 0), (digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join('');

/** `template`: a PodTemplateSpec, with its defaults. */
export function templateHash(template: Record<string, unknown>, collisionCount?: number): string {
  const hash = fnv1a(encoder.encode(templateDump(template)));
  if (collisionCount === undefined) return safeEncode(hash);
  const count = [0, 8, 16, 24].map((shift) => (collisionCount >>> shift) & 255);
  return safeEncode(fnv1a([...count, 0, 0, 0, 0], hash));
}

/** Go's JSON escapes what HTML could take for its own. */
const ESCAPED: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** FNV-1, which multiplies before it mixes in a byte. */
const fnv1 = (bytes: ArrayLike<number>): number => {
  let hash = OFFSET_BASIS;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash, PRIME) ^ bytes[i]!;
  return hash;
};

/**
 * The hash that names a ControllerRevision, over its data, whose fields are in Go's order, and the number of names that were taken.
 * Source: pkg/controller/history/controller_history.go.
 */
export function dataHash(data: unknown, collisionCount: number): string {
  const text = JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character]!);
  return safeEncode(fnv1(encoder.encode(`${text}${collisionCount}`)));
}
