/** What a pod's resolv.conf has no room for. Models pkg/kubelet/network/dns/dns.go; of the nodes' own resolvers nothing is known. */
import { podResolver, type Resolver } from '../../network/interfaces/resolv-conf.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

const NO_RESOLVER: Resolver = { nameservers: [], searches: [], options: [] };

/** What is left out, in the kubelet's words; none when all has room. `clusterDNS`: the address of the cluster's own server. */
export function dnsFaults(pod: Pod, clusterDNS: string): string[] {
  const { nameservers, searches, wanted } = podResolver(pod, clusterDNS, NO_RESOLVER);
  const omitted = (what: string, applied: string): string => `${what}, the applied ${applied}`;
  return [
    ...(nameservers.length < wanted.nameservers.length
      ? [
          omitted(
            'Nameserver limits were exceeded, some nameservers have been omitted',
            `nameserver line is: ${nameservers.join(' ')}`,
          ),
        ]
      : []),
    ...(searches.length < wanted.searches.length
      ? [
          omitted(
            'Search Line limits were exceeded, some search paths have been omitted',
            `search line is: ${searches.join(' ')}`,
          ),
        ]
      : []),
  ];
}
