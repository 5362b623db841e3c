/**
 * What becomes of a volume whose claim is gone. Only a path below /tmp of a node can be deleted without a driver of its own.
 * Models reclaimVolume in k8s.io/kubernetes/pkg/controller/volume/persistentvolume/pv_controller.go.
 */
import type { PersistentVolume, PersistentVolumeSpec } from '../../objects/generated/core-v1.gen.ts';
import { PROVISIONED_BY } from '../../resources/core/volume-claims.ts';

const MIGRATED_TO = 'pv.kubernetes.io/migrated-to';
const HOST_PATH = 'kubernetes.io/host-path';

export type Reclaim = { deleted: true } | { failed: { reason: string; message: string } } | undefined;

/** `undefined`: it is kept, or somebody else's to delete. */
export function reclaim({ metadata, spec }: PersistentVolume): Reclaim {
  if (metadata.annotations?.[MIGRATED_TO]) return undefined;
  if (spec.persistentVolumeReclaimPolicy === 'Delete') return deletion(metadata, spec);
  if (spec.persistentVolumeReclaimPolicy !== 'Recycle' || spec.hostPath || spec.nfs) return undefined;
  return { failed: { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' } };
}

function deletion({ name, annotations }: PersistentVolume['metadata'], spec: PersistentVolumeSpec): Reclaim {
  const failed = (message: string): Reclaim => ({ failed: { reason: 'VolumeFailedDelete', message } });
  const provisioner = annotations?.[PROVISIONED_BY];
  if (provisioner && provisioner !== HOST_PATH)
    return provisioner.startsWith('kubernetes.io/')
      ? failed(`no volume plugin matched name: ${provisioner}`)
      : undefined;
  if (spec.csi) return undefined;
  if (spec.hostPath) {
    const { path } = spec.hostPath;
    return /\/tmp\/.+/.test(path)
      ? { deleted: true }
      : failed(`host_path deleter only supports /tmp/.+ but received provided ${path}`);
  }
  const why = spec.nfs ? 'no deletable volume plugin matched' : 'no volume plugin matched';
  return failed(`error getting deleter volume plugin for volume "${name}": ${why}`);
}
