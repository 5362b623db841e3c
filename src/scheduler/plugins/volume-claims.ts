/** The claims that a pod's volumes stand for, and how far each is bound: what the volume plugins share. */
import type { KubeObject } from '../../resources/object.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';

export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const CLASSES = 'storageclasses.storage.k8s.io';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export interface PodClaim {
  name: string;
  ephemeral: boolean;
  claim: KubeObject | undefined;
}

export function podClaims(pod: PodInfo, snapshot: Snapshot): PodClaim[] {
  const claims: PodClaim[] = [];
  for (const volume of pod.pod.spec?.volumes ?? []) {
    const ephemeral = Boolean(volume.ephemeral);
    const name = ephemeral ? `${pod.name}-${volume.name}` : volume.persistentVolumeClaim?.claimName;
    if (name) claims.push({ name, ephemeral, claim: snapshot.get(CLAIMS, pod.namespace, name) });
  }
  return claims;
}

export const className = (claim: KubeObject): string =>
  claim.metadata.annotations?.[CLASS_ANNOTATION] ?? claim.spec?.storageClassName ?? '';

export const isBound = (claim: KubeObject): boolean =>
  Boolean(claim.spec?.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;

/** Whether binding waits until a pod that uses the claim is scheduled. */
export function bindsLate(claim: KubeObject, snapshot: Snapshot): boolean {
  const storageClass = snapshot.get(CLASSES, undefined, className(claim));
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.spec?.volumeName;
}
