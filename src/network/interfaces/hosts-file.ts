/** A pod's name, and its /etc/hosts as the kubelet writes it. Models pkg/kubelet/kubelet_pods.go. */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { CLUSTER_DOMAIN } from './resolv-conf.ts';

const HEADER = '# Kubernetes-managed hosts file.';
const NODE_HEADER = '# Kubernetes-managed hosts file (host network).';
/** Longer names of pods are cut, for a host's name is no longer. */
export const MAX_HOST_NAME = 63;

const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** A node's own, as Debian's installer leaves it. */
export const nodeHosts = (name: string, address: string): string =>
  `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n${address}\t${name}\n`;

/** As the kernel has it, and what its domain is; '' without one. `node`: the name of its node. */
export function hostNameOf({ metadata, spec }: Pod, node: string): { name: string; domain: string } {
  const { hostnameOverride } = spec as { hostnameOverride?: string };
  if (hostnameOverride) return { name: hostnameOverride, domain: '' };
  if (spec.hostNetwork) return { name: node, domain: '' };
  const name = (spec.hostname || metadata.name).slice(0, MAX_HOST_NAME).replace(/[-.]+$/, '');
  const domain = spec.subdomain ? `${spec.subdomain}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}` : '';
  return { name: spec.setHostnameAsFQDN && domain ? `${name}.${domain}` : name, domain };
}

function aliases({ spec }: Pod): string {
  const entries = spec.hostAliases ?? [];
  if (entries.length === 0) return '';
  const lines = entries.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}

/** `addresses`: the pod's; `node`: its node's name and /etc/hosts. */
export function hostsFile(pod: Pod, addresses: readonly string[], node: { name: string; hosts: string }): string {
  if (pod.spec.hostNetwork) return `${NODE_HEADER}\n${node.hosts}${aliases(pod)}`;
  const { name, domain } = hostNameOf({ ...pod, spec: { ...pod.spec, setHostnameAsFQDN: false } }, node.name);
  const names = domain === '' ? name : `${name}.${domain}\t${name}`;
  const lines = [HEADER, ...LOCAL, ...addresses.map((address) => `${address}\t${names}`)];
  return `${lines.join('\n')}\n${aliases(pod)}`;
}
