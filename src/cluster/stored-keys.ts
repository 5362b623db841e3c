/** Whose keys are whose: from a key of the store to the resource, namespace and name that reconcilers know it by. */
import type { Catalog } from '../catalog/catalog.ts';
import type { Kind } from '../catalog/kinds.ts';

export interface ObjectKey {
  /** `pods`, `deployments.apps`. */
  resource: string;
  namespace: string | undefined;
  name: string;
  /** Undefined for one that the catalog does not have. */
  kind: Kind | undefined;
}

const PREFIX = '/registry/';

/** Undefined for a key that holds no object. */
export function parseObjectKey(catalog: Catalog, key: string): ObjectKey | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const parts = key.slice(PREFIX.length).split('/');
  for (const length of [2, 1]) {
    const kind = catalog.storedAt(parts.slice(0, length).join('/'));
    const rest = parts.slice(length);
    if (!kind || rest.length < (kind.namespaced ? 2 : 1)) continue;
    return kind.namespaced
      ? { resource: kind.name, namespace: rest[0]!, name: rest.slice(1).join('/'), kind }
      : { resource: kind.name, namespace: undefined, name: rest.join('/'), kind };
  }
  const [group, plural, ...rest] = parts;
  if (group === undefined || plural === undefined || rest.length === 0 || rest.length > 2) return undefined;
  const name = rest.at(-1)!;
  return { resource: `${plural}.${group}`, namespace: rest.length === 2 ? rest[0]! : undefined, name, kind: undefined };
}
