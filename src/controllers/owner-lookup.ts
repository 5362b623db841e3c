/** Which object an owner reference means. Models pkg/controller/garbagecollector (isDangling, addDependentToOwners). */
import { findKind } from '../catalog/kinds.ts';
import type { KubeObject, OwnerReference, View } from '../objects/object.ts';

export interface Owner {
  reference: OwnerReference;
  /** Undefined: nobody knows such a kind. */
  resource: string | undefined;
  /** Undefined: there is none (any more) where the reference may point to. */
  object: KubeObject | undefined;
  /** An object without a namespace names an owner of a kind that has one: that says nothing of the owner. */
  impossible: boolean;
}

export function ownersOf(reader: View, dependent: KubeObject): Owner[] {
  return (dependent.metadata.ownerReferences ?? []).map((reference) => ownerOf(reader, dependent, reference));
}

export function ownerOf(reader: View, dependent: KubeObject, reference: OwnerReference): Owner {
  const target = resourceOf(reader, reference);
  if (!target) return { reference, resource: undefined, object: undefined, impossible: false };
  const { resource, namespaced } = target;
  const { namespace } = dependent.metadata;
  const impossible = namespaced && namespace === undefined;
  const found = impossible ? undefined : reader.get(resource, namespaced ? namespace : undefined, reference.name);
  const object = found?.metadata.uid === reference.uid ? found : undefined;
  return { reference, resource, object, impossible };
}

/** Whether the owner that is not found is elsewhere: in another namespace than its dependent. It looks at all of its kind. */
export const isMisplaced = (reader: View, { reference, resource, object }: Owner): boolean =>
  resource !== undefined &&
  !object &&
  reader.list(resource).some(({ metadata }) => metadata.uid === reference.uid && metadata.namespace !== undefined);

function resourceOf(reader: View, reference: OwnerReference): { resource: string; namespaced: boolean } | undefined {
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
