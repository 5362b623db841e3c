import type { Pod, Volume } from '../../objects/generated/core-v1.gen.ts';
import { sizeOf } from '../../simulation/work-budget.ts';
import type { Plugin, PreFilterResult } from '../plugin.ts';
import { unresolvable, unschedulable } from '../status.ts';
import { podClaims } from './volume-claims.ts';

const NAME = 'VolumeRestrictions';

interface Mount {
  readOnly?: boolean | undefined;
}

/** Volumes that only one pod may write to at a time, wherever it runs; each with what tells two of a kind apart. */
function conflict(a: Volume, b: Volume): boolean {
  const writers = (x: Mount, y: Mount): boolean => !(x.readOnly && y.readOnly);
  const [gce, otherGce] = [a.gcePersistentDisk, b.gcePersistentDisk];
  if (gce && otherGce && gce.pdName === otherGce.pdName && writers(gce, otherGce)) return true;
  const [aws, otherAws] = [a.awsElasticBlockStore, b.awsElasticBlockStore];
  if (aws && otherAws && aws.volumeID === otherAws.volumeID) return true;
  const [iscsi, otherIscsi] = [a.iscsi, b.iscsi];
  if (iscsi && otherIscsi && iscsi.iqn === otherIscsi.iqn && writers(iscsi, otherIscsi)) return true;
  const [rbd, otherRbd] = [a.rbd, b.rbd];
  if (!rbd || !otherRbd || rbd.image !== otherRbd.image || (rbd.pool ?? 'rbd') !== (otherRbd.pool ?? 'rbd'))
    return false;
  return writers(rbd, otherRbd) && rbd.monitors?.some((m) => otherRbd.monitors?.includes(m));
}

const restricted = (volume: Volume): boolean =>
  Boolean(volume.gcePersistentDisk || volume.awsElasticBlockStore || volume.iscsi || volume.rbd);

const volumesOf = (pod: Pod): Volume[] => pod.spec?.volumes ?? [];

/** Disks that cannot be mounted twice on a node, and claims with ReadWriteOncePod. */
export const volumeRestrictions: Plugin = {
  name: NAME,
  countsPods: true,
  preFilter({ pod, snapshot, state }): PreFilterResult | undefined {
    let inUse = false;
    for (const { name, ephemeral, claim } of podClaims(pod, snapshot)) {
      if (ephemeral) continue;
      if (!claim) return { status: unresolvable(`persistentvolumeclaim "${name}" not found`) };
      const once = (claim.spec?.accessModes ?? []).includes('ReadWriteOncePod');
      if (once && snapshot.claimUsers(pod.namespace, name) > 0) inUse = true;
    }
    if (!inUse && !volumesOf(pod.pod).some(restricted)) return { skip: true };
    state.set(NAME, inUse);
    return undefined;
  },
  filter({ pod, snapshot, state }, node) {
    const own = volumesOf(pod.pod).filter(restricted);
    const size = sizeOf(own);
    for (const other of node.pods) snapshot.work.spend(1 + size * sizeOf(volumesOf(other.pod).filter(restricted)));
    const taken = node.pods.some((other) => volumesOf(other.pod).some((b) => own.some((a) => conflict(a, b))));
    if (taken) return unschedulable('node(s) had no available disk');
    return state.get(NAME)
      ? unschedulable(
          'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
        )
      : undefined;
  },
};
