/** How many pods a disruption budget is about. Models getExpectedPodCount in pkg/controller/disruption/disruption.go. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KindTypes } from '../../objects/generated/kind-types.gen.ts';
import type { PodDisruptionBudget } from '../../objects/generated/policy-v1.gen.ts';
import type { OwnerReference, View } from '../../objects/object.ts';
import { scaled } from '../apps/deployment-scale.ts';
import { controllerOf } from '../owners.ts';

/** Controllers whose size says how many pods there should be. */
export const SIZED = {
  ReplicaSet: 'replicasets.apps',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets.apps',
  Deployment: 'deployments.apps',
} as const;

type Sized = KindTypes[(typeof SIZED)[keyof typeof SIZED]];

export interface Expectations {
  expected: number;
  desired: number;
  /** Pods that no controller wants: their number says nothing. */
  unmanaged: boolean;
}

/**
 * A number as it stands counts the pods there are; a share, or a maximum, counts those that their controllers want.
 * Throws `Error` with the real message where that cannot be known.
 */
export function expectations(catalog: Catalog, reader: View, budget: PodDisruptionBudget, pods: Pod[]): Expectations {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const { expected, unmanaged } = scaleOf(catalog, reader, pods);
    return { expected, unmanaged, desired: Math.max(0, expected - scaled(maxUnavailable, expected, true)) };
  }
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable, unmanaged: false };
  if (minAvailable === undefined) return { expected: 0, desired: 0, unmanaged: false };
  const { expected, unmanaged } = scaleOf(catalog, reader, pods);
  return { expected, unmanaged, desired: scaled(minAvailable, expected, true) };
}

function scaleOf(catalog: Catalog, reader: View, pods: Pod[]): { expected: number; unmanaged: boolean } {
  const sizes = new Map<string, number>();
  const seen = new Set<string>();
  let unmanaged = false;
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (!reference) unmanaged = true;
    if (!reference || seen.has(reference.uid)) continue;
    seen.add(reference.uid);
    const owner = sizedOwner(catalog, reader, reference, pod.metadata.namespace);
    if (!owner) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
    sizes.set(owner.metadata.uid ?? '', owner.spec.replicas ?? 1);
  }
  return { expected: [...sizes.values()].reduce((total, size) => total + size, 0), unmanaged };
}

/** The controller, or the Deployment above it. */
function sizedOwner(
  catalog: Catalog,
  reader: View,
  reference: OwnerReference,
  namespace: string | undefined,
): Sized | undefined {
  const kind = catalog.kind(reference.apiVersion, reference.kind);
  if (!kind) throw new Error(`no matches for kind "${reference.kind}" in version "${reference.apiVersion}"`);
  if (!hasScale(kind)) throw new Error(`${kind.name} does not implement the scale subresource`);
  const owner = reader.get(kind.name, namespace, reference.name) as Sized | undefined;
  if (owner?.metadata.uid !== reference.uid) return undefined;
  const above = controllerOf(owner);
  if (owner.kind !== 'ReplicaSet' || above?.kind !== 'Deployment') return owner;
  const deployment = reader.get('deployments.apps', namespace, above.name);
  return deployment?.metadata.uid === above.uid ? deployment : undefined;
}

const hasScale = (kind: Kind): boolean => kind.subresources.some(({ name }) => name === 'scale');
