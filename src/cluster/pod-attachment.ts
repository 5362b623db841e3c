/** How a pod of the cluster is attached to its network, worked out from the objects. */
import { NOT_ATTACHED, type PodCalls, podCalls } from '../network/attachment/pod-calls.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { podsOn } from '../resources/core/pod/places.ts';

/** Nothing was called for a pod that is on no node yet. undefined: there is no such pod. */
export function podAttachment(reader: View, namespace: string, name: string): PodCalls | undefined {
  const pod = reader.get('pods', namespace, name) as Pod | undefined;
  if (!pod) return undefined;
  const nodeName = pod.spec.nodeName ?? '';
  const node = nodeName === '' ? undefined : (reader.get('nodes', undefined, nodeName) as Node | undefined);
  if (!node) return NOT_ATTACHED;
  return podCalls(pod, node, podsOn(reader, nodeName));
}
