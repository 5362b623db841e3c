/** Which object an owner reference means. Models pkg/controller/garbagecollector (isDangling, addDependentToOwners). */
import type { Catalog } from '../../catalog/catalog.ts';
import type { KubeObject, OwnerReference, View } from '../../objects/object.ts';

export interface Owner {
  reference: OwnerReference;
  /** Undefined: nobody knows such a kind. */
  resource: string | undefined;
  /** Undefined: there is none (any more) where the reference may point to. */
  object: KubeObject | undefined;
  /** An object without a namespace names an owner of a kind that has one: that says nothing of the owner. */
  impossible: boolean;
}

export function ownersOf(catalog: Catalog, reader: View, dependent: KubeObject): Owner[] {
  return (dependent.metadata.ownerReferences ?? []).map((reference) => ownerOf(catalog, reader, dependent, reference));
}

function ownerOf(catalog: Catalog, reader: View, dependent: KubeObject, reference: OwnerReference): Owner {
  const target = resourceOf(catalog, reader, reference);
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

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

function resourceOf(
  catalog: Catalog,
  reader: View,
  reference: OwnerReference,
): { resource: string; namespaced: boolean } | undefined {
  const kind = catalog.kind(reference.apiVersion, reference.kind);
  if (kind) return { resource: kind.name, namespaced: kind.namespaced };
  const group = reference.apiVersion.split('/')[0];
  const definition = reader
    .list(DEFINITIONS)
    .map(({ metadata }) => reader.get(DEFINITIONS, undefined, metadata.name) as KubeObject)
    .find((crd) => crd.spec?.group === group && crd.spec?.names?.kind === reference.kind);
  return definition && { resource: definition.metadata.name, namespaced: definition.spec.scope === 'Namespaced' };
}
