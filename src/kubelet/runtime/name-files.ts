/** The files by which a pod's programs find names, as its node makes them: /etc/hosts, /etc/resolv.conf and /etc/hostname. */
import { hostNameOf, hostsFile } from '../../network/interfaces/hosts-file.ts';
import { nodeResolver, podResolver, resolvConf } from '../../network/interfaces/resolv-conf.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

/** What a node's own files say, for pods on its network and those that ask its resolver. */
const nodeHosts = (nodeName: string): string => `127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t${nodeName}\n`;
const NODE_NAMESERVER = '10.255.255.254';

export interface NameFacts {
  podIP: string;
  /** The cluster's own DNS server. */
  clusterDNS: string;
  nodeName: string;
}

export const hostNameIn = (pod: Pod, nodeName: string): string => hostNameOf(pod, nodeName).name;

export const nameFiles = (pod: Pod, { podIP, clusterDNS, nodeName }: NameFacts): Record<string, string> => ({
  hosts: hostsFile(pod, [podIP], { name: nodeName, hosts: nodeHosts(nodeName) }),
  'resolv.conf': resolvConf(podResolver(pod, clusterDNS, nodeResolver(NODE_NAMESERVER))),
  hostname: `${hostNameIn(pod, nodeName)}\n`,
});
