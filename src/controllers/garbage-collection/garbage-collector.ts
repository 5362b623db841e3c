/**
 * Deletes what no living owner wants any more, in the background or before its owner goes, or cuts dependents loose.
 * Source: k8s.io/kubernetes/pkg/controller/garbagecollector.
 */

import type { Catalog } from '../../catalog/catalog.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { KubeObject, OwnerReference, View } from '../../objects/object.ts';
import { UnreadableObjectError } from '../../simulation/object-index.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { isMisplaced, type Owner, ownersOf } from './owner-lookup.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
/** How far behind the API the real one usually is: long enough for a client to see an object that waits for its dependents. */
const LAG_MS = 100;
/** Nobody's owner, and nobody's dependents. */
const IGNORED = new Set(['events', 'events.events.k8s.io']);

/** A key says which object: `resource namespace name`, the namespace empty for what has none. */
const keyOf = (resource: string, object: KubeObject): string =>
  `${resource} ${object.metadata.namespace ?? ''} ${object.metadata.name}`;

/** `catalog`: the kinds that owners may be of, at the moment. */
export const garbageCollector = (catalog: () => Catalog): ClusterReconciler => ({
  name: 'garbage-collector-controller',
  manager: 'kube-controller-manager',
  reads: ['events'],
  watches: [
    {
      resource: '*',
      keys: ({ resource, old, new: object }, reader) => {
        if (IGNORED.has(resource)) return [];
        if (!object) return old ? relatives(catalog(), reader, old) : [];
        const { metadata } = object;
        const isNew = !old && metadata.ownerReferences !== undefined;
        const moved = old !== undefined && !sameData(old.metadata.ownerReferences, metadata.ownerReferences);
        const dying = metadata.deletionTimestamp !== undefined && metadata.finalizers !== undefined;
        const keys = isNew || moved || dying ? [keyOf(resource, object)] : [];
        return moved ? [...keys, ...waitingOwners(catalog(), reader, old)] : keys;
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt = now + LAG_MS }) {
    const [resource, namespace, name] = key.split(' ') as [string, string, string];
    const object = reader.get(resource, namespace || undefined, name);
    if (!object) return { writes: [] };
    const { finalizers = [], deletionTimestamp } = object.metadata;
    if (deletionTimestamp) {
      const waits = finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND);
      if (waits && now < requeueAt) return { writes: [], requeueAt };
      if (finalizers.includes(ORPHAN)) return { writes: orphan(reader, object) };
      if (finalizers.includes(FOREGROUND)) return { writes: deleteDependents(catalog(), reader, object, now) };
      return { writes: [] };
    }
    return { writes: collect(catalog(), reader, { resource, object }, now) };
  },
});

/** Whom an object's end concerns: those that it owned, and owners that wait for it to be gone. */
function relatives(catalog: Catalog, reader: View, gone: KubeObject): string[] {
  const dependents = reader.dependents?.(gone.metadata.uid ?? '') ?? [];
  const keys = dependents.map(({ resource, object }) => keyOf(resource, object));
  return [...keys, ...waitingOwners(catalog, reader, gone)];
}

/** Owners that wait for this one to be gone, or to let go of them. */
const waitingOwners = (catalog: Catalog, reader: View, dependent: KubeObject): string[] =>
  ownersOf(catalog, reader, dependent).flatMap(({ resource, object }) =>
    resource && object?.metadata.finalizers?.includes(FOREGROUND) ? [keyOf(resource, object)] : [],
  );

const isWaiting = (object: KubeObject | undefined): boolean =>
  Boolean(object?.metadata.deletionTimestamp && object.metadata.finalizers?.includes(FOREGROUND));

function collect(
  catalog: Catalog,
  reader: View,
  { resource, object }: { resource: string; object: KubeObject },
  now: number,
): Write<KubeObject>[] {
  const owners = ownersOf(catalog, reader, object);
  const told = misplacement(reader, object, owners, now);
  // What such a reference means cannot be known: deleting on a guess cannot be undone.
  if (owners.some(({ impossible }) => impossible)) return told;
  const solid = owners.filter((owner) => owner.resource === undefined || (owner.object && !isWaiting(owner.object)));
  const waiting = owners.filter((owner) => isWaiting(owner.object));
  if (solid.length === owners.length) return told;
  if (solid.length > 0) {
    const rest = solid.map(({ reference }) => reference);
    return [...told, { verb: 'update', object: withReferences(object, rest) }];
  }
  const dependents = reader.dependents?.(object.metadata.uid ?? '') ?? [];
  const { finalizers = [] } = object.metadata;
  if (waiting.length > 0 && dependents.length > 0) {
    const writes: Write<KubeObject>[] = [...told];
    // Perhaps a circle: it must not hold back its owners, whose end it may be waiting for itself.
    if (dependents.some((dependent) => isWaiting(dependent.object))) {
      const references = object.metadata.ownerReferences ?? [];
      if (references.some((reference) => reference.blockOwnerDeletion)) {
        const unblocked = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
        writes.push({ verb: 'update', object: withReferences(object, unblocked) });
      }
    }
    return [...writes, { ...deletion(resource, object), propagationPolicy: 'Foreground' }];
  }
  const propagationPolicy = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : finalizers.includes(FOREGROUND)
      ? 'Foreground'
      : 'Background';
  return [...told, { ...deletion(resource, object), propagationPolicy }];
}

/** The event that tells of an owner in another namespace; the first one is enough. */
function misplacement(
  reader: View,
  { apiVersion, kind, metadata }: KubeObject,
  owners: Owner[],
  now: number,
): Write<KubeObject>[] {
  const found = owners.find((owner) => isMisplaced(reader, owner));
  if (!found) return [];
  const { namespace = '', name, uid } = metadata;
  const owner = found.reference;
  const text = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
  const message = `ownerRef ${text} does not exist in namespace "${namespace}"`;
  // The real one names the object without its version.
  const about = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) } };
  const known = { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message } as const;
  return [recordEvent(reader, about, { component: 'garbage-collector-controller' }, known, now)];
}

function deleteDependents(catalog: Catalog, reader: View, owner: KubeObject, now: number): Write<KubeObject>[] {
  const dependents = reader.dependents?.(owner.metadata.uid ?? '') ?? [];
  const blocking = dependents.filter(({ object }) =>
    object.metadata.ownerReferences?.some((r) => r.uid === owner.metadata.uid && r.blockOwnerDeletion),
  );
  if (blocking.length === 0) {
    // Whose dependents they are that cannot be read, nobody knows.
    if (reader.unreadable?.(owner.metadata.namespace)) throw new UnreadableObjectError('a dependent may be unreadable');
    return [withoutFinalizer(owner, FOREGROUND)];
  }
  return dependents
    .filter(({ object }) => !object.metadata.deletionTimestamp)
    .flatMap((dependent) => collect(catalog, reader, { ...dependent, object: whole(reader, dependent) }, now));
}

function orphan(reader: View, owner: KubeObject): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  for (const dependent of reader.dependents?.(owner.metadata.uid ?? '') ?? []) {
    const object = whole(reader, dependent);
    const rest = object.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid) ?? [];
    writes.push({ verb: 'update', object: withReferences(object, rest) });
  }
  if (reader.unreadable?.(owner.metadata.namespace)) throw new UnreadableObjectError('a dependent may be unreadable');
  return [...writes, withoutFinalizer(owner, ORPHAN)];
}

/** What is written back is written whole. */
function whole(reader: View, { resource, object }: { resource: string; object: KubeObject }): KubeObject {
  const { namespace, name } = object.metadata;
  return reader.get(resource, namespace, name) ?? object;
}

const withReferences = (object: KubeObject, ownerReferences: OwnerReference[]): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ownerReferences },
});

function withoutFinalizer(object: KubeObject, finalizer: string): Write<KubeObject> {
  const finalizers = (object.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  return { verb: 'update', object: { ...object, metadata: { ...object.metadata, finalizers } } };
}

const deletion = (resource: string, object: KubeObject): Extract<Write<KubeObject>, { verb: 'delete' }> => ({
  verb: 'delete',
  resource,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name,
  uid: object.metadata.uid as string,
});
