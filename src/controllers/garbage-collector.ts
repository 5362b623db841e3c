/**
 * Deletes what no living owner wants any more, in the background or before its owner goes, or cuts dependents loose.
 * Source: k8s.io/kubernetes/pkg/controller/garbagecollector.
 */
import { findKind } from '../resources/kinds.ts';
import type { KubeObject, OwnerReference } from '../resources/object.ts';
import type { Reader, Reconciler, Write } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
/** How far behind the API the real one usually is: long enough for a client to see an object that waits for its dependents. */
const LAG_MS = 100;

/** A key says which object: `resource namespace name`, the namespace empty for what has none. */
const keyOf = (resource: string, object: KubeObject): string =>
  `${resource} ${object.metadata.namespace ?? ''} ${object.metadata.name}`;

export const garbageCollector = (): Reconciler<KubeObject> => ({
  name: 'garbage-collector-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: '*',
      keys: ({ resource, old, new: object }, reader) => {
        if (!object) return old ? relatives(reader, old) : [];
        const { metadata } = object;
        const isNew = !old && metadata.ownerReferences !== undefined;
        const moved = old !== undefined && !sameJson(old.metadata.ownerReferences, metadata.ownerReferences);
        const dying = metadata.deletionTimestamp !== undefined && metadata.finalizers !== undefined;
        return isNew || moved || dying ? [keyOf(resource, object)] : [];
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
      if (finalizers.includes(FOREGROUND)) return { writes: deleteDependents(reader, object) };
      return { writes: [] };
    }
    return { writes: collect(reader, resource, object) };
  },
});

/** Whom an object's end concerns: those that it owned, and owners that wait for it to be gone. */
function relatives(reader: Reader<KubeObject>, gone: KubeObject): string[] {
  const dependents = reader.dependents?.(gone.metadata.uid ?? '') ?? [];
  const keys = dependents.map(({ resource, object }) => keyOf(resource, object));
  for (const reference of gone.metadata.ownerReferences ?? []) {
    const found = ownerOf(reader, gone, reference);
    if (found?.object?.metadata.finalizers?.includes(FOREGROUND)) keys.push(keyOf(found.resource, found.object));
  }
  return keys;
}

/** The owner that a reference means; `object` undefined: there is none (any more). Undefined: nobody knows such a kind. */
function ownerOf(
  reader: Reader<KubeObject>,
  dependent: KubeObject,
  reference: OwnerReference,
): { resource: string; object: KubeObject | undefined } | undefined {
  const target = resourceOf(reader, reference);
  if (!target) return undefined;
  const object = reader.get(
    target.resource,
    target.namespaced ? dependent.metadata.namespace : undefined,
    reference.name,
  );
  return { resource: target.resource, object: object?.metadata.uid === reference.uid ? object : undefined };
}

function resourceOf(
  reader: Reader<KubeObject>,
  reference: OwnerReference,
): { resource: string; namespaced: boolean } | undefined {
  const kind = findKind(reference.apiVersion, reference.kind);
  if (kind) {
    return { resource: kind.group ? `${kind.resource}.${kind.group}` : kind.resource, namespaced: kind.namespaced };
  }
  const group = reference.apiVersion.split('/')[0];
  const definition = reader
    .list('customresourcedefinitions.apiextensions.k8s.io')
    .find((crd) => crd.spec?.group === group && crd.spec?.names?.kind === reference.kind);
  return definition && { resource: definition.metadata.name, namespaced: definition.spec.scope === 'Namespaced' };
}

function collect(reader: Reader<KubeObject>, resource: string, object: KubeObject): Write<KubeObject>[] {
  const references = object.metadata.ownerReferences ?? [];
  const owners = references.map((reference) => ({ reference, owner: ownerOf(reader, object, reference) }));
  const isWaiting = (owner: KubeObject | undefined): boolean =>
    Boolean(owner?.metadata.deletionTimestamp && owner.metadata.finalizers?.includes(FOREGROUND));
  // An owner of an unknown kind is taken to be alive: deleting on a guess cannot be undone.
  const solid = owners.filter(({ owner }) => !owner || (owner.object && !isWaiting(owner.object)));
  const waiting = owners.filter(({ owner }) => isWaiting(owner?.object));
  if (solid.length === owners.length) return [];
  if (solid.length > 0) {
    const rest = solid.map(({ reference }) => reference);
    return [{ verb: 'update', object: { ...object, metadata: { ...object.metadata, ownerReferences: rest } } }];
  }
  const hasDependents = (reader.dependents?.(object.metadata.uid ?? '') ?? []).length > 0;
  const { finalizers = [] } = object.metadata;
  const propagationPolicy = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : finalizers.includes(FOREGROUND) || (waiting.length > 0 && hasDependents)
      ? 'Foreground'
      : 'Background';
  return [{ ...deletion(resource, object), propagationPolicy }];
}

function deleteDependents(reader: Reader<KubeObject>, owner: KubeObject): Write<KubeObject>[] {
  const dependents = reader.dependents?.(owner.metadata.uid ?? '') ?? [];
  const blocking = dependents.filter(({ object }) =>
    object.metadata.ownerReferences?.some((r) => r.uid === owner.metadata.uid && r.blockOwnerDeletion),
  );
  if (blocking.length === 0) return [withoutFinalizer(owner, FOREGROUND)];
  return dependents
    .filter(({ object }) => !object.metadata.deletionTimestamp)
    .flatMap(({ resource, object }) => collect(reader, resource, object));
}

function orphan(reader: Reader<KubeObject>, owner: KubeObject): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  for (const { object } of reader.dependents?.(owner.metadata.uid ?? '') ?? []) {
    const rest = object.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid) ?? [];
    writes.push({ verb: 'update', object: { ...object, metadata: { ...object.metadata, ownerReferences: rest } } });
  }
  return [...writes, withoutFinalizer(owner, ORPHAN)];
}

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
