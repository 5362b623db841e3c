/** PodTopologyLabels: what a pod takes over from the node that it is assigned to. Source: k8s.io/kubernetes/plugin/pkg/admission/podtopologylabels. */

import type { Read, StageContext } from '../catalog/strategy.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';

const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export const topologyLabels = (node: Node | undefined): Record<string, string> =>
  Object.fromEntries(
    TOPOLOGY_LABELS.flatMap((key) => {
      const value = node?.metadata.labels?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );

export const topologyReads = ({ spec }: Pod): Read[] =>
  spec?.nodeName ? [{ resource: 'nodes', name: spec.nodeName }] : [];

/** A pod that comes with its node needs no binding to get the labels. */
export function admitTopologyLabels(pod: Pod, context: StageContext): void {
  if (!pod.spec.nodeName) return;
  const labels = topologyLabels(context.view.get('nodes', undefined, pod.spec.nodeName));
  if (Object.keys(labels).length > 0) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
}
