/** Objects as the pump's index takes them in: all that there are when it wakes, then what each commit has changed. */
import { parseStored, valueText } from '../apiserver/stored.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Kind } from '../catalog/kinds.ts';
import type { Commit, Store } from '../etcd/store.ts';
import type { KeyValue } from '../etcd/types.ts';
import { withCompactOwnership } from '../objects/compact-ownership.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Change } from '../simulation/object-index.ts';
import { parseObjectKey } from './stored-keys.ts';

/** Characters of values that are read at once when the pump wakes. */
export const LOAD_BYTES = 1024 ** 2;

const ALL_OBJECTS = { key: '/registry/', rangeEnd: '/registry0' };

/** Every object, read part by part: the text of all of them beside what they become would be more than the objects alone. */
export function* everything(store: Store, catalog: Catalog): Iterable<Change<KubeObject>> {
  let key = ALL_OBJECTS.key;
  for (;;) {
    const { kvs, cut } = store.range({ ...ALL_OBJECTS, key, maxBytes: LOAD_BYTES });
    for (const kv of kvs) yield* changeOf(catalog, kv);
    if (!cut) return;
    key = `${kvs.at(-1)!.key}\0`;
  }
}

function changeOf(catalog: Catalog, kv: KeyValue, object?: KubeObject): Change<KubeObject>[] {
  const key = parseObjectKey(catalog, kv.key);
  if (!key) return [];
  const { resource, namespace, name, kind } = key;
  const parsed = object ?? readable(kind, () => (kind ? parseStored(kind, kv) : parseCustom(kv)));
  return [
    {
      resource,
      namespace,
      name,
      revision: kv.modRevision,
      ...(parsed ? { new: withCompactOwnership(parsed) } : { unreadable: true }),
    },
  ];
}

/**
 * Through etcd's own door anything can be put at an object's key: what is no object is there and unknown to the reconcilers, and one
 * without its parts has empty ones, as in Go.
 */
function readable(kind: Kind | undefined, parse: () => KubeObject): KubeObject | undefined {
  try {
    const object = parse();
    if (typeof object.metadata?.name !== 'string') return undefined;
    const fields = kind?.struct?.byName;
    for (const field of ['spec', 'status']) if (fields?.has(field)) object[field] ??= {};
    return object;
  } catch {
    return undefined;
  }
}

function parseCustom(kv: KeyValue): KubeObject {
  const object = JSON.parse(valueText(kv)) as KubeObject;
  object.metadata = { ...object.metadata, resourceVersion: String(kv.modRevision) };
  return object;
}

/** `stored`: the object that the commit has put, if that is known and needs no parsing. */
export function changesOf(catalog: Catalog, commit: Commit, stored?: KubeObject): Change<KubeObject>[] {
  return commit.events.flatMap(({ type, kv }) => {
    if (type === 'PUT') return changeOf(catalog, kv, commit.events.length === 1 ? stored : undefined);
    const key = parseObjectKey(catalog, kv.key);
    return key ? [{ ...key, revision: commit.revision }] : [];
  });
}
