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

const fnv1a = (bytes: Iterable<number>, start = OFFSET_BASIS): number => {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
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

/** The hash that names a ControllerRevision, over its data. Source: pkg/controller/history/controller_history.go. */
export function dataHash(data: unknown, collisionCount?: number): string {
  const hash = fnv1a(encoder.encode(JSON.stringify(data)));
  return safeEncode(collisionCount === undefined ? hash : fnv1a(encoder.encode(String(collisionCount)), hash));
}
