/** How claims and volumes find each other: what the scheduler and the volume binder agree on. Source: k8s.io/component-helpers/storage/volume. */

import type { PersistentVolume, PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import type { StorageClass } from '../../objects/generated/storage-v1.gen.ts';
import { compareQuantities } from '../../objects/quantity.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Of a claim: who is to make its volume. */
export const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
/** Of a volume: who has made it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Of a claim or a volume; '' for none. */
export const storageClassOf = (object: PersistentVolume | PersistentVolumeClaim): string =>
  object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec?.storageClassName ?? '';

export const isBound = (claim: PersistentVolumeClaim): boolean =>
  Boolean(claim.spec?.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;

/** Whether binding waits until a pod that uses the claim is scheduled. */
export const bindsLate = (claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.spec?.volumeName;

/** Whether the volume is promised to this very claim. */
export function isPromisedTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec ?? {};
  if (!claimRef || claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace)
    return false;
  return !claimRef.uid || claimRef.uid === claim.metadata.uid;
}

const storage = (volume: PersistentVolume): string => volume.spec?.capacity?.storage ?? '0';

/** Why a volume cannot serve a claim, in the binder's words; undefined when it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const { accessModes = [], volumeMode = 'Filesystem', volumeAttributesClassName = '' } = volume.spec ?? {};
  const wanted = claim.spec ?? {};
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (compareQuantities(storage(volume), wanted.resources?.requests?.storage ?? '0') < 0)
    return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (volumeAttributesClassName !== (wanted.volumeAttributesClassName ?? ''))
    return 'volumeAttributesClassName does not match';
  if (volumeMode !== (wanted.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode';
  if (!(wanted.accessModes ?? []).every((mode) => accessModes.includes(mode))) return 'incompatible accessMode';
  return undefined;
}

/** The volume promised to the claim, or else the smallest available one that serves it and that `usable` lets pass. */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: PersistentVolume[],
  usable: (volume: PersistentVolume) => boolean = () => true,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (isPromisedTo(volume, claim)) return usable(volume) ? volume : undefined;
    if (volume.spec?.claimRef || (volume.status?.phase ?? 'Available') !== 'Available') continue;
    if (mismatch(volume, claim) || !usable(volume)) continue;
    if (claim.spec?.selector && !matchesLabelSelector(claim.spec.selector, volume.metadata.labels)) continue;
    if (!best || compareQuantities(storage(volume), storage(best)) < 0) best = volume;
  }
  return best;
}

/** The volume with its promise to the claim. */
export function promised(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { kind, apiVersion } = claim;
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const claimRef = { kind, namespace, name, uid, apiVersion, ...(resourceVersion ? { resourceVersion } : {}) };
  const annotations = volume.spec?.claimRef
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  const metadata = { ...volume.metadata, ...(annotations ? { annotations } : {}) };
  return { ...volume, metadata, spec: { ...volume.spec, claimRef } };
}
