/**
 * The calls of CNI that were made for a pod, worked out again from what the cluster holds: the configuration is the node's, and the answer
 * follows from the pod and its address. For a pod that waits for an address it is the call that is refused.
 */
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import { attachedPod, holdsAddress } from './attached-pod.ts';
import { podCIDRsOf } from './node-addresses.ts';
import { NodeMachine, type RuntimeCall } from './node-machine.ts';

export interface PodCalls {
  /** Of the sandbox. */
  containerID: string;
  netns: string;
  calls: RuntimeCall[];
}

export const NOT_ATTACHED: PodCalls = { containerID: '', netns: '', calls: [] };

/** `others`: the pods on the node. */
export function podCalls(pod: Pod, node: Node, others: readonly Pod[]): PodCalls {
  // A pod on the host's network is attached to nothing.
  if (pod.spec.hostNetwork) return NOT_ATTACHED;
  const attached = attachedPod(pod);
  const { id, netns } = attached.sandbox;
  const machine = new NodeMachine(podCIDRsOf(node));
  // Its own address says where host-local was; without one, it is the others' that say why there is none.
  if (attached.addresses.length === 0)
    for (const other of others) {
      if (other.metadata.uid === pod.metadata.uid || !holdsAddress(other)) continue;
      const { addresses, sandbox } = attachedPod(other);
      for (const [set, address] of addresses.entries()) machine.reserve(address, sandbox.id, set);
    }
  const calls = machine.attach(attached);
  // A pod that waits for something else has not been attached yet.
  const isWaiting = attached.addresses.length === 0 && calls.every(({ error }) => error === undefined);
  return { containerID: id, netns, calls: isWaiting ? [] : calls };
}

/** In the kubelet's words why there is no sandbox; undefined: there is one. */
export function attachmentFault({ containerID, calls }: PodCalls): string | undefined {
  const failed = calls.find(({ error }) => error !== undefined);
  return (
    failed && `rpc error: code = Unknown desc = failed to setup network for sandbox "${containerID}": ${failed.error}`
  );
}
