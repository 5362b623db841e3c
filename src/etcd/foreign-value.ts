/** Values that come from outside through etcd's own door or from a file, under the keys that the API server has. */
import type { Value } from './types.ts';

const OBJECTS = '/registry/';

/**
 * The API server puts stored texts together to lists without reading them. So a text that it would not have written itself, to the
 * letter, is kept as bytes, which it reads before it trusts them. Readers of the key see no difference.
 */
export function foreignValue(key: string, value: Value): Value {
  if (typeof value !== 'string' || !key.startsWith(OBJECTS) || isWrittenByUs(value)) return value;
  return encoder.encode(value);
}

const encoder = new TextEncoder();

function isWrittenByUs(text: string): boolean {
  try {
    const object = JSON.parse(text) as Record<string, Record<string, unknown> | undefined>;
    const isObject = typeof object?.metadata === 'object' && object.metadata !== null;
    return isObject && !('resourceVersion' in object.metadata!) && JSON.stringify(object) === text;
  } catch {
    return false;
  }
}
