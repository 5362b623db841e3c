/**
 * The claims that a StatefulSet makes for its pods' storage, and whom they go with.
 * Source: k8s.io/kubernetes/pkg/controller/statefulset/stateful_pod_control.go and stateful_set_utils.go.
 */
import type {
  StatefulSet,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
} from '../../objects/generated/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, OwnerReference, View } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { controllerReference } from '../owners.ts';

export interface PodClaim {
  name: string;
  template: PersistentVolumeClaim;
  /** As it is, if it is there. */
  claim: PersistentVolumeClaim | undefined;
}

export const claimsOf = (reader: View, set: StatefulSet, podName: string): PodClaim[] =>
  (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const name = `${template.metadata.name}-${podName}`;
    return { name, template, claim: reader.get('persistentvolumeclaims', set.metadata.namespace, name) };
  });

/** A pod's volumes, those of the set's claims in place of others of the same name. */
export function withClaims(claims: PodClaim[], volumes: Volume[] = []): Volume[] | undefined {
  if (claims.length === 0) return undefined;
  const mine = claims.map(({ name, template }) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: name },
  }));
  return [...mine, ...volumes.filter(({ name }) => mine.every((volume) => volume.name !== name))];
}

export function newClaim(set: StatefulSet, { name, template }: PodClaim): PersistentVolumeClaim {
  const labels = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
  const metadata = { ...template.metadata, name, namespace: set.metadata.namespace as string, labels };
  return { ...template, apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, status: {} };
}

const isNamed = (reference: OwnerReference, owner: KubeObject): boolean =>
  reference.apiVersion === owner.apiVersion && reference.kind === owner.kind && reference.name === owner.metadata.name;

const isOwnedBy = (claim: PersistentVolumeClaim, owner: KubeObject): boolean =>
  (claim.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner.metadata.uid);

/** It goes with one of this name that was there before. */
const isStale = (claim: PersistentVolumeClaim, owner: KubeObject): boolean => {
  const named = (claim.metadata.ownerReferences ?? []).find((reference) => isNamed(reference, owner));
  return named !== undefined && named.uid !== owner.metadata.uid;
};

/** `a-b-c-0` may be a claim of `b-c` or of `c`. */
export function setsNamedIn({ metadata: { namespace, name } }: KubeObject): string[] {
  const words = name.split('-');
  if (!/^\d+$/.test(words.at(-1) ?? '')) return [];
  return words.slice(1, -1).map((_, i) => `${namespace}/${words.slice(i + 1, -1).join('-')}`);
}

const policyOf = (set: StatefulSet): StatefulSetPersistentVolumeClaimRetentionPolicy =>
  set.spec.persistentVolumeClaimRetentionPolicy ?? { whenDeleted: 'Retain', whenScaled: 'Retain' };

/** The claim of a pod that is to be made still goes with the pod before it, and away: the new one waits for that. */
export const isLeaving = (set: StatefulSet, pod: Pod, { claim }: PodClaim): boolean =>
  claim !== undefined && policyOf(set).whenScaled === 'Delete' && isStale(claim, pod);

/** It is another controller's, or that of a set or a pod of the same name that was there before. */
function hasOtherController(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (whenDeleted === 'Retain' && whenScaled === 'Retain') return false;
  if (isStale(claim, set) || isStale(claim, pod)) return true;
  return (claim.metadata.ownerReferences ?? []).some(
    (reference) => reference.controller && !isNamed(reference, set) && !isNamed(reference, pod),
  );
}

/** Whom the claim is to go with. `isSurplus`: the set was scaled down, and the pod is one too many. */
function owners(set: StatefulSet, pod: Pod, isSurplus: boolean): KubeObject[] {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (isSurplus && whenScaled === 'Delete') return [pod];
  return whenDeleted === 'Delete' ? [set] : [];
}

function isUpToDate(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod, wanted: KubeObject[]): boolean {
  if (isStale(claim, set) || isStale(claim, pod)) return true;
  if (hasOtherController(claim, set, pod)) return !isOwnedBy(claim, set) && !isOwnedBy(claim, pod);
  const mine = (claim.metadata.ownerReferences ?? []).filter(
    ({ uid }) => uid === set.metadata.uid || uid === pod.metadata.uid,
  );
  return (
    mine.every(({ controller }) => controller) && [set, pod].every((o) => isOwnedBy(claim, o) === wanted.includes(o))
  );
}

export interface Retention {
  writes: Write<KubeObject>[];
  /** The names of claims that somebody else's reference says are theirs: the set's policy is not applied to them. */
  conflicting: string[];
}

/** The references to put on a pod's claims, or to take off. */
export function retention(claims: PodClaim[], set: StatefulSet, pod: Pod, isSurplus: boolean): Retention {
  const writes: Write<KubeObject>[] = [];
  const conflicting: string[] = [];
  const wanted = owners(set, pod, isSurplus);
  const there = claims.flatMap(({ claim }) => claim ?? []);
  if (there.every((claim) => isUpToDate(claim, set, pod, wanted))) return { writes, conflicting };
  for (const claim of there) {
    const others = hasOtherController(claim, set, pod);
    if (others) conflicting.push(claim.metadata.name);
    if (isUpToDate(claim, set, pod, wanted)) continue;
    const kept = (claim.metadata.ownerReferences ?? []).filter(
      (reference) => !isNamed(reference, set) && !isNamed(reference, pod),
    );
    const ownerReferences = others ? kept : [...kept, ...wanted.map(controllerReference)];
    writes.push({ verb: 'update', object: { ...claim, metadata: { ...claim.metadata, ownerReferences } } });
  }
  return { writes, conflicting };
}
