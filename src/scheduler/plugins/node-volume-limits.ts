import type { Plugin, PreFilterResult } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { unschedulable } from '../status.ts';
import { podClaims, VOLUMES } from './volume-claims.ts';

const NODES = 'csinodes.storage.k8s.io';

/** The CSI volumes that a pod's bound claims stand for, as `driver` and `driver/handle`. */
function attached(pod: PodInfo, snapshot: Snapshot): [driver: string, volume: string][] {
  snapshot.work.spend(1 + (pod.pod.spec?.volumes?.length ?? 0));
  return podClaims(pod, snapshot).flatMap(({ claim }): [string, string][] => {
    const name = claim?.spec?.volumeName;
    const csi = name ? snapshot.get(VOLUMES, undefined, name)?.spec?.csi : undefined;
    return csi ? [[csi.driver, `${csi.driver}/${csi.volumeHandle}`]] : [];
  });
}

/** A CSI driver says on each node how many volumes it can attach there. */
export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  preFilter: ({ pod, snapshot }): PreFilterResult | undefined =>
    podClaims(pod, snapshot).length === 0 ? { skip: true } : undefined,
  filter({ pod, snapshot }, node) {
    const wanted = attached(pod, snapshot);
    if (wanted.length === 0) return undefined;
    const drivers = snapshot.get(NODES, undefined, node.name)?.spec?.drivers ?? [];
    const used = node.pods.flatMap((other) => attached(other, snapshot));
    snapshot.work.spend(drivers.length * (used.length + wanted.length));
    for (const driver of drivers) {
      const limit = driver.allocatable?.count;
      if (limit === undefined) continue;
      const volumes = new Set(
        [...used, ...wanted].filter(([name]) => name === driver.name).map(([, volume]) => volume),
      );
      const before = new Set(used.filter(([name]) => name === driver.name).map(([, volume]) => volume));
      if (volumes.size > limit && volumes.size > before.size) return unschedulable('node(s) exceed max volume count');
    }
    return undefined;
  },
};
