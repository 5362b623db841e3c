import type { View } from '../../resources/object.ts';
import { iptables } from './iptables.ts';
import { type NetworkConfig, nodeProxyInput } from './node-input.ts';

/** The rules that kube-proxy has on a cluster's node, both tables as iptables-restore takes them; undefined: no such node. */
export function nodeIptables(view: View, nodeName: string, network: NetworkConfig): string | undefined {
  const input = nodeProxyInput(view, nodeName, network);
  if (!input) return undefined;
  const { filter, nat } = iptables(input);
  return filter + nat;
}
