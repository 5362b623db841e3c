import type { PersistentVolume } from '../../objects/generated/core-v1.gen.ts';
import type { Plugin, PreFilterResult } from '../plugin.ts';
import { unresolvable } from '../status.ts';
import { podClaims, VOLUMES } from './volume-claims.ts';

const NAME = 'VolumeZone';
const LABELS = [
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
];

const currentLabel = (label: string): string => label.replace('failure-domain.beta', 'topology');

/** A volume that is labelled with zones can only be used on nodes of them. */
export const volumeZone: Plugin = {
  name: NAME,
  preFilter({ pod, snapshot, state }): PreFilterResult | undefined {
    const volumes: PersistentVolume[] = [];
    for (const { claim } of podClaims(pod, snapshot)) {
      const volume = claim?.spec?.volumeName ? snapshot.get(VOLUMES, undefined, claim.spec.volumeName) : undefined;
      if (volume && LABELS.some((label) => volume.metadata.labels?.[label])) volumes.push(volume);
    }
    if (volumes.length === 0) return { skip: true };
    state.set(NAME, volumes);
    return undefined;
  },
  filter({ snapshot, state }, node) {
    if (!LABELS.some((label) => node.labels[label] !== undefined)) return undefined;
    for (const volume of state.get(NAME) as PersistentVolume[])
      for (const label of LABELS) {
        const zones = volume.metadata.labels?.[label];
        snapshot.work.spend(1 + (zones?.length ?? 0));
        const own = node.labels[label] ?? node.labels[currentLabel(label)];
        if (zones && !zones.split('__').includes(own ?? ''))
          return unresolvable('node(s) had no available volume zone');
      }
    return undefined;
  },
};
