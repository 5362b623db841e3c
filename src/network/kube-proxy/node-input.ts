/** What kube-proxy on a cluster's node sees: `input` for `iptables` and `nftables`. */
import type { View } from '../../objects/object.ts';
import { SLICES } from '../service-slices.ts';
import { type IPFamily, ipFamilyOf } from './addresses.ts';
import type { ProxyInput } from './input.ts';

export interface NetworkConfig {
  /** The cluster's pod range(s), `10.244.0.0/16`. */
  podCIDR: string;
  serviceCIDR: string;
}

/** Undefined when there is no such node. `family` is the node's own, by its first address, unless given. */
export function nodeProxyInput(
  view: View,
  nodeName: string,
  network: NetworkConfig,
  family?: IPFamily,
): ProxyInput | undefined {
  const node = view.get('nodes', undefined, nodeName);
  if (!node) return undefined;
  const addresses = node.status?.addresses ?? [];
  const ips = addresses.filter((a) => a.type === 'InternalIP').map((a) => a.address);
  return {
    mode: 'iptables',
    ipFamily: family ?? ipFamilyOf(ips[0] ?? '') ?? 'IPv4',
    clusterCIDR: network.podCIDR,
    masqueradeAll: false,
    localhostNodePorts: true,
    nfacct: false,
    node: { name: nodeName, ips, labels: node.metadata.labels ?? {} },
    serviceCIDRs: network.serviceCIDR.split(','),
    services: view.list('services'),
    endpointSlices: view.list(SLICES),
  };
}
