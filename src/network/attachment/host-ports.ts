/** Ports of a node that lead to its pods: the chains of rules that the plugin portmap has left, for the pods that are attached now. */
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { RuleTables } from '../cni/machine.ts';
import { attachedPod, hasHostPorts, holdsAddress } from './attached-pod.ts';
import { podCIDRsOf } from './node-addresses.ts';
import { NodeMachine } from './node-machine.ts';

/** The rules of nat by their chains. */
export type NatChains = RuleTables[string];

const FAMILIES = { IPv4: 'iptables', IPv6: 'ip6tables' } as const;

/** Those of a node's pods that ports of the node lead to. */
export const mappedPods = (pods: readonly Pod[]): Pod[] => pods.filter((pod) => hasHostPorts(pod) && holdsAddress(pod));

/** `pods`: those on the node. Of kube-proxy's there is nothing in it; undefined: there is nothing at all. */
export function hostPortChains(node: Node, pods: readonly Pod[], family: 'IPv4' | 'IPv6'): NatChains | undefined {
  const mapped = mappedPods(pods);
  if (mapped.length === 0) return undefined;
  const machine = new NodeMachine(podCIDRsOf(node));
  for (const pod of mapped) machine.attach(attachedPod(pod));
  return machine.machine.network.host.filter[FAMILIES[family]]?.nat;
}
