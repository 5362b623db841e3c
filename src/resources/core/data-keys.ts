/** What ConfigMaps and Secrets share: data by keys, of a bounded size, which may be immutable. */

import { sameData } from '../../objects/equality.ts';
import { type FieldError, forbidden } from '../../objects/field-error.ts';
import type { KubeObject } from '../../objects/object.ts';

/** All values together, in bytes. */
export const SIZE_MAX = 1024 * 1024;

/** Bytes that a base64 text stands for; null is Go's empty slice. */
export function decodedLength(text: string | null): number {
  if (text === null) return 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/** The keys for which something is to be said, in their order. */
export function faultyKeys(map: Record<string, unknown> | undefined, isFaulty: (key: string) => boolean): string[] {
  const faulty: string[] = [];
  for (const key in map) if (isFaulty(key)) faulty.push(key);
  return faulty.sort();
}

export function sizeOf<T>(map: Record<string, T> | undefined, size: (value: T) => number): number {
  let total = 0;
  for (const key in map) total += size(map[key]!);
  return total;
}

const FROZEN = 'field is immutable when `immutable` is set';

export function frozen(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  if (!object.immutable) errors.push(forbidden('immutable', FROZEN));
  for (const key of fields) if (!sameData(object[key], old[key])) errors.push(forbidden(key, FROZEN));
  return errors;
}
