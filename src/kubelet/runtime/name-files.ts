/** The files by which a pod's programs find names: /etc/hosts, /etc/resolv.conf, and its host name. Models pkg/kubelet/kubelet_pods.go and network/dns. */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { MAX_NAMESERVERS, MAX_SEARCH_CHARACTERS, MAX_SEARCH_PATH, MAX_SEARCH_PATHS } from './dns.ts';

const DOMAIN = 'cluster.local';
/** Longer host names are cut: what the kernel takes. */
export const MAX_HOSTNAME = 63;

export interface NameFacts {
  pod: Pod;
  podIP: string;
  /** The cluster's own DNS server. */
  clusterDNS: string;
  nodeName: string;
}

/** The pod's host name, and its full name where it has one. */
export function hostNames(pod: Pod, nodeName: string): { hostname: string; name: string; domain: string } {
  const { hostname, subdomain, hostnameOverride, setHostnameAsFQDN, hostNetwork } = pod.spec;
  if (hostnameOverride) return { hostname: hostnameOverride, name: hostnameOverride, domain: '' };
  const name = cut(hostNetwork ? nodeName : (hostname ?? pod.metadata.name));
  const domain = subdomain ? `${subdomain}.${pod.metadata.namespace}.svc.${DOMAIN}` : '';
  return { hostname: setHostnameAsFQDN && domain ? `${name}.${domain}` : name, name, domain };
}

const cut = (name: string): string => name.slice(0, MAX_HOSTNAME).replace(/[-.]+$/, '');

const HOSTS = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

/** What a node's own file says. */
const NODE_HOSTS = (nodeName: string): string => `127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t${nodeName}\n`;

export function hostsFile({ pod, podIP, nodeName }: NameFacts): string {
  const aliases = (pod.spec.hostAliases ?? []).map(
    ({ ip, hostnames }: { ip: string; hostnames?: string[] | undefined }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`,
  );
  const added = aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '';
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${NODE_HOSTS(nodeName)}${added}`;
  const { name, domain } = hostNames(pod, nodeName);
  return `${HOSTS}${podIP}\t${domain ? `${name}.${domain}\t${name}` : name}\n${added}`;
}

/** What a node's own resolver says, for pods that ask it. */
const NODE_NAMESERVERS = ['10.255.255.254'];

export function resolvFile({ pod, clusterDNS }: NameFacts): string {
  const { dnsPolicy = 'ClusterFirst', hostNetwork, dnsConfig = {} } = pod.spec;
  const { namespace } = pod.metadata;
  const asksCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const own = asksCluster
    ? {
        servers: [clusterDNS],
        searches: [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN],
        options: new Map<string, string | undefined>([['ndots', '5']]),
      }
    : {
        servers: dnsPolicy === 'None' ? [] : NODE_NAMESERVERS,
        searches: [],
        options: new Map<string, string | undefined>(),
      };
  for (const { name, value } of dnsConfig.options ?? []) if (name) own.options.set(name, value);
  const servers = [...new Set([...own.servers, ...(dnsConfig.nameservers ?? [])])].slice(0, MAX_NAMESERVERS);
  const searches = [...new Set([...own.searches, ...(dnsConfig.searches ?? [])])]
    .slice(0, MAX_SEARCH_PATHS)
    .filter((path) => path.length <= MAX_SEARCH_PATH);
  while (searches.join(' ').length > MAX_SEARCH_CHARACTERS) searches.pop();
  const options = [...own.options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`));
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}\n`] : []),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}
