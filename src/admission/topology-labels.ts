import type { KubeObject } from '../objects/object.ts';

const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** What a pod takes over from the node that it is assigned to. Source: the PodTopologyLabels admission. */
export const topologyLabels = (node: KubeObject | undefined): Record<string, string> =>
  Object.fromEntries(
    TOPOLOGY_LABELS.flatMap((key) => {
      const value = node?.metadata.labels?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
