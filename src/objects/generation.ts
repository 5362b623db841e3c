/** metadata.generation of kinds that count changes of more than a spec. */
import { sameData } from './equality.ts';
import type { KubeObject } from './object.ts';

const NOT_CONTENT = new Set(['kind', 'apiVersion', 'metadata', 'status']);

const content = (object: KubeObject): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !NOT_CONTENT.has(field)));

/** For kinds that keep their content at the top: counts when anything but metadata and status changed. */
export function countContentChange(object: KubeObject, old: KubeObject): void {
  if (!sameData(content(object), content(old))) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
