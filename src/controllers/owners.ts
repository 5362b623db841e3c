/** Owner references and what follows from them. Source: k8s.io/kubernetes/pkg/controller/controller_ref_manager.go. */
import type { KubeObject, OwnerReference } from '../resources/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../resources/selectors.ts';
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

export interface Claim {
  claimed: KubeObject[];
  /** Adoptions and releases. */
  writes: Write<KubeObject>[];
}

/**
 * Of `candidates`, those that `owner` controls: it adopts orphans that its selector matches, and releases its own that no longer
 * match. An owner that is being deleted adopts nothing.
 */
export function claim(owner: KubeObject, selector: LabelSelector | undefined, candidates: KubeObject[]): Claim {
  const claimed: KubeObject[] = [];
  const writes: Write<KubeObject>[] = [];
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = matchesLabelSelector(selector, object.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(object);
      else if (!owner.metadata.deletionTimestamp) {
        const rest = (object.metadata.ownerReferences ?? []).filter((r) => r.uid !== owner.metadata.uid);
        writes.push({ verb: 'update', object: { ...object, metadata: { ...object.metadata, ownerReferences: rest } } });
      }
    } else if (matches && !owner.metadata.deletionTimestamp && !object.metadata.deletionTimestamp) {
      const references = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
      const adopted = { ...object, metadata: { ...object.metadata, ownerReferences: references } };
      claimed.push(adopted);
      writes.push({ verb: 'update', object: adopted });
    }
  }
  return { claimed, writes };
}
