/** The claims that a pod's volumes stand for: what the volume plugins share. */
import type { PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';

const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const CLASSES = 'storageclasses.storage.k8s.io';

export interface PodClaim {
  name: string;
  ephemeral: boolean;
  claim: PersistentVolumeClaim | undefined;
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
