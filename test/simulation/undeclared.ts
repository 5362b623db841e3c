/** What a reconciler sees of an object that it does not say it reads in full: whoever looks further is told so. */
import type { KubeObject } from '../../src/objects/object.ts';
import { partialObject } from '../../src/objects/partial-object.ts';

export class UndeclaredRead extends Error {}

const seen = new WeakMap<KubeObject, KubeObject>();

export function undeclared(object: KubeObject): KubeObject {
  const known = seen.get(object);
  if (known) return known;
  const partial = partialObject(object, () => {
    const { kind, metadata } = object;
    throw new UndeclaredRead(`${kind} ${metadata.name} is read in full, and \`reads\` does not say so`);
  });
  seen.set(object, partial);
  return partial;
}
