/** What a pod's resolv.conf has no room for. Models pkg/kubelet/network/dns/dns.go; of the nodes' own resolvers nothing is known. */
import type { Pod, PodDNSConfig } from '../../objects/generated/core-v1.gen.ts';
import { formatIP, parseCIDR } from '../../objects/ip.ts';

export const MAX_NAMESERVERS = 3;
export const MAX_SEARCH_PATHS = 32;
export const MAX_SEARCH_CHARACTERS = 2048;
export const MAX_SEARCH_PATH = 253;
const DOMAIN = 'cluster.local';

/** Where the cluster's own DNS server is: the tenth address of the Services' range, as kubeadm has it. */
export function clusterDNSOf(serviceCIDR: string): string {
  const { address, network } = parseCIDR(serviceCIDR)!;
  return formatIP(address.family, network + 10n);
}

/** What is left out, in the kubelet's words; none when all has room. `clusterDNS`: the address of the cluster's own server. */
export function dnsFaults(pod: Pod, clusterDNS: string): string[] {
  const { nameservers = [], searches = [] }: PodDNSConfig = pod.spec.dnsConfig ?? {};
  const own = asksCluster(pod);
  const { namespace } = pod.metadata;
  const ownSearches = own ? [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN] : [];
  return [
    ...nameserverFault([...new Set([...(own ? [clusterDNS] : []), ...nameservers])]),
    ...searchFault([...new Set([...ownSearches, ...searches])]),
  ];
}

function asksCluster({ spec }: Pod): boolean {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = spec;
  return dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
}

function nameserverFault(all: string[]): string[] {
  if (all.length <= MAX_NAMESERVERS) return [];
  const applied = all.slice(0, MAX_NAMESERVERS).join(' ');
  return [
    `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${applied}`,
  ];
}

function searchFault(all: string[]): string[] {
  const applied = all.slice(0, MAX_SEARCH_PATHS).filter((path) => path.length <= MAX_SEARCH_PATH);
  while (applied.join(' ').length > MAX_SEARCH_CHARACTERS) applied.pop();
  if (applied.length === all.length) return [];
  const line = applied.join(' ');
  return [`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${line}`];
}
