/** Owner references and what follows from them. Source: k8s.io/kubernetes/pkg/controller/controller_ref_manager.go. */
import type { KindTypes } from '../objects/generated/kind-types.gen.ts';
import type { KubeObject, OwnerReference, View } from '../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../objects/selectors.ts';
import type { Write } from '../simulation/reconciler.ts';

/** The reference that makes `owner` the object's controller. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller);

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;

export const keyOf = (object: KubeObject): string =>
  object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`;

/** `namespace/name` apart. */
export function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The key of the object's controller if that is of this kind: which queue a dependent's change goes to. */
export function controllerKeys(kind: string, change: { old?: KubeObject; new?: KubeObject }): string[] {
  const keys = new Set<string>();
  for (const object of [change.old, change.new]) {
    const owner = object && controllerOf(object);
    if (owner?.kind === kind) keys.add(`${object?.metadata.namespace}/${owner.name}`);
  }
  return [...keys];
}

/**
 * As `controllerKeys`, and where the object is nobody's: the keys of those of `resource` that select it and may adopt it.
 */
export function claimKeys<Resource extends keyof KindTypes>(
  { kind, resource }: { kind: string; resource: Resource },
  selectorOf: (owner: KindTypes[Resource]) => LabelSelector | undefined,
  change: { old?: KubeObject; new?: KubeObject },
  reader: View,
): string[] {
  const keys = controllerKeys(kind, change);
  const object = change.new;
  if (!object || controllerOf(object) || object.metadata.deletionTimestamp) return keys;
  const takers = reader
    .list(resource, object.metadata.namespace)
    .filter((owner) => matchesLabelSelector(selectorOf(owner), object.metadata.labels));
  return [...new Set([...keys, ...takers.map(keyOf)])];
}

export interface Claim<Object extends KubeObject> {
  claimed: Object[];
  /** Adoptions and releases. */
  writes: Write<KubeObject>[];
}

/**
 * Of `candidates`, those that `owner` controls: it adopts orphans that its selector matches, and releases its own that no longer
 * match. An owner that is being deleted adopts nothing. `finalizer`: what the owner's objects carry, put on and taken off with it.
 */
export function claim<Object extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector | undefined,
  candidates: Object[],
  finalizer?: string,
): Claim<Object> {
  const claimed: Object[] = [];
  const writes: Write<KubeObject>[] = [];
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = matchesLabelSelector(selector, object.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(object);
      else if (!owner.metadata.deletionTimestamp) {
        const rest = (object.metadata.ownerReferences ?? []).filter((r) => r.uid !== owner.metadata.uid);
        const finalizers = object.metadata.finalizers?.filter((other) => other !== finalizer);
        const metadata = { ...object.metadata, ownerReferences: rest, ...(finalizers ? { finalizers } : {}) };
        writes.push({ verb: 'update', object: { ...object, metadata } });
      }
    } else if (matches && !owner.metadata.deletionTimestamp && !object.metadata.deletionTimestamp) {
      const references = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
      const finalizers = object.metadata.finalizers ?? [];
      const carries = finalizer === undefined || finalizers.includes(finalizer);
      const adopted: Object = {
        ...object,
        metadata: {
          ...object.metadata,
          ownerReferences: references,
          ...(carries ? {} : { finalizers: [...finalizers, finalizer] }),
        },
      };
      claimed.push(adopted);
      writes.push({ verb: 'update', object: adopted });
    }
  }
  return { claimed, writes };
}
