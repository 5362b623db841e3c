import { topologyLabels } from '../../admission/pod-topology-labels.ts';
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { statusWithCondition } from '../conditions.ts';

/**
 * Binds a pod to a node: an `update` of the Pod through its `binding` subresource. The object is the pod as it becomes: the node's
 * name, its topology labels, PodScheduled true and no nomination left. As in the real registry this bypasses the update strategy
 * and leaves generation and managedFields alone; it must not be applied to a pod that has a node or is being deleted.
 */
export function bind(pod: Pod, node: Node, now: number): Write<KubeObject> {
  const { nominatedNodeName: _, ...status } = statusWithCondition(pod, { type: 'PodScheduled', status: 'True' }, now);
  const topology = topologyLabels(node);
  const labels = { ...pod.metadata.labels, ...topology };
  const metadata = Object.keys(topology).length > 0 ? { ...pod.metadata, labels } : pod.metadata;
  const object = { ...pod, metadata, spec: { ...pod.spec, nodeName: node.metadata.name }, status };
  return { verb: 'update', object, subresource: 'binding' };
}
