/** Objects as a story names and shows them: by their resource, namespace and name, and as JSON values of what the store had. */
import { parseAsStored, valueText } from '../apiserver/storage/stored.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type Kind, storageKey } from '../catalog/kinds.ts';
import type { KeyValue } from '../etcd/types.ts';
import { isJSONObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/object.ts';
import type { StoryObject } from '../objects/story.ts';

/** Whose object that is, and where the store has it. */
export interface Named extends StoryObject {
  kind: Kind;
  key: string;
}

/**
 * From `pods/default/web-1`, `deployments.apps/default/web` or `nodes/node-1`; what kubectl knows a resource by is understood too (`po`,
 * `deploy`, `pod`). Undefined: there is no such kind, or it is named in another way.
 */
export function objectNamed(catalog: Catalog, text: string): Named | undefined {
  const [resource = '', ...rest] = text.split('/');
  const kind = kindNamed(catalog, resource);
  if (!kind || rest.length !== (kind.namespaced ? 2 : 1) || rest.includes('')) return undefined;
  // Where several resources show the same objects, they are the first one's.
  return namedAs(catalog.storedAt(kind.storage) ?? kind, kind.namespaced ? rest[0] : undefined, rest.at(-1)!);
}

export const namedAs = (kind: Kind, namespace: string | undefined, name: string): Named => ({
  resource: kind.name,
  ...(kind.namespaced && namespace !== undefined ? { namespace } : {}),
  name,
  kind,
  key: storageKey(kind, namespace, name),
});

function kindNamed(catalog: Catalog, given: string): Kind | undefined {
  const resource = given.toLowerCase();
  const known = catalog.named(resource);
  if (known) return known;
  const [name, ...group] = resource.split('.');
  return catalog.kinds.find(
    (kind) =>
      (kind.resource === name || kind.singular === name || kind.shortNames.includes(name!)) &&
      (group.length === 0 || kind.group === group.join('.')),
  );
}

/** What of a Secret is shown to nobody: its values, and the annotations, which may have them once more. */
const SECRETS = 'secrets';

/** Undefined for what cannot be read. `managedFields`: with those. */
export function shownValue(kind: Kind | undefined, kv: KeyValue, managedFields: boolean): unknown {
  const object = readObject(kind, kv);
  if (!object) return undefined;
  if (!managedFields) delete object.metadata?.managedFields;
  if (kind?.name === SECRETS) {
    for (const field of ['data', 'stringData'])
      if (isJSONObject(object[field]))
        object[field] = Object.fromEntries(Object.keys(object[field]).map((k) => [k, '']));
    delete object.metadata?.annotations;
  }
  return object;
}

/** Its own value, which nobody else has. */
export function readObject(kind: Kind | undefined, kv: KeyValue): KubeObject | undefined {
  try {
    const object: unknown = kind ? parseAsStored(kind, kv) : JSON.parse(valueText(kv));
    return isJSONObject(object) ? (object as unknown as KubeObject) : undefined;
  } catch {
    return undefined;
  }
}
