/** Whose keys are whose: from a key of the store to the resource, namespace and name that reconcilers know it by. */
import { KINDS, type Kind } from '../catalog/kinds.ts';

export interface ObjectKey {
  /** `pods`, `deployments.apps`. */
  resource: string;
  namespace: string | undefined;
  name: string;
  /** Undefined for a custom resource. */
  kind: Kind | undefined;
}

const PREFIX = '/registry/';

/** With the resource's name, which is the same text for all of its objects. */
const byStorage = new Map<string, { kind: Kind; resource: string }>();
for (const kind of KINDS)
  if (!byStorage.has(kind.storage))
    byStorage.set(kind.storage, { kind, resource: kind.group ? `${kind.resource}.${kind.group}` : kind.resource });

/** Undefined for a key that holds no object. */
export function parseObjectKey(key: string): ObjectKey | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const parts = key.slice(PREFIX.length).split('/');
  for (const length of [2, 1]) {
    const found = byStorage.get(length === 2 ? `${parts[0]}/${parts[1]}` : parts[0]!);
    if (!found) continue;
    const { kind, resource } = found;
    const rest = parts.slice(length);
    if (rest.length < (kind.namespaced ? 2 : 1)) continue;
    return kind.namespaced
      ? { resource, namespace: rest[0]!, name: rest.slice(1).join('/'), kind }
      : { resource, namespace: undefined, name: rest.join('/'), kind };
  }
  const [group, plural, ...rest] = parts;
  if (group === undefined || plural === undefined || rest.length === 0 || rest.length > 2) return undefined;
  const name = rest.at(-1)!;
  return { resource: `${plural}.${group}`, namespace: rest.length === 2 ? rest[0]! : undefined, name, kind: undefined };
}
