/**
 * A pod's /etc/resolv.conf: what the kubelet asks for, by the pod's policy and configuration, and as containerd writes it.
 * Models pkg/kubelet/network/dns/dns.go.
 */
import type { Pod, PodDNSConfig } from '../../objects/generated/core-v1.gen.ts';
import { POD_NDOTS, podSearches } from '../dns/search.ts';
import { lines } from './lines.ts';

export const MAX_NAMESERVERS = 3;
export const MAX_SEARCH_PATHS = 32;
export const MAX_SEARCH_CHARACTERS = 2048;
export const MAX_SEARCH_PATH = 253;

export const CLUSTER_DOMAIN = 'cluster.local';
const CLUSTER_OPTIONS = [`ndots:${POD_NDOTS}`];

export interface Resolver {
  nameservers: readonly string[];
  searches: readonly string[];
  options: readonly string[];
}

export interface PodResolver extends Resolver {
  /** What was asked for, whether it has room or not. */
  wanted: { nameservers: readonly string[]; searches: readonly string[] };
}

/** The node's own, of which nothing is known but the router. */
export const nodeResolver = (router: string): Resolver => ({ nameservers: [router], searches: [], options: [] });

const NOTHING: Resolver = { nameservers: [], searches: [], options: [] };

function clusterResolver(namespace: string, clusterDNS: string, node: Resolver): Resolver {
  const searches = [...podSearches(namespace, CLUSTER_DOMAIN), ...node.searches];
  return { nameservers: [clusterDNS], searches, options: CLUSTER_OPTIONS };
}

/** Which resolver the pod's policy begins with; on the node's network the cluster's has to be asked for. */
function policyResolver({ metadata, spec }: Pod, clusterDNS: string, node: Resolver): Resolver {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = spec;
  if (dnsPolicy === 'None') return NOTHING;
  const asksCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  return asksCluster ? clusterResolver(metadata.namespace ?? '', clusterDNS, node) : node;
}

/** A later option of the same name takes the place of the one before. */
function mergedOptions(options: readonly string[], added: PodDNSConfig['options'] = []): string[] {
  const merged = new Map<string, string>();
  for (const option of options) {
    const [name, ...value] = option.split(':');
    merged.set(name!, value.join(':'));
  }
  for (const { name, value } of added) merged.set(name ?? '', value ?? '');
  return [...merged].map(([name, value]) => (value === '' ? name : `${name}:${value}`));
}

function fittingSearches(wanted: readonly string[]): string[] {
  const fitting = wanted.slice(0, MAX_SEARCH_PATHS).filter((path) => path.length <= MAX_SEARCH_PATH);
  while (fitting.join(' ').length > MAX_SEARCH_CHARACTERS) fitting.pop();
  return fitting;
}

/** `clusterDNS`: the address of the cluster's own server. */
export function podResolver(pod: Pod, clusterDNS: string, node: Resolver): PodResolver {
  const given: PodDNSConfig = pod.spec.dnsConfig ?? {};
  const { nameservers, searches, options } = policyResolver(pod, clusterDNS, node);
  const wanted = {
    nameservers: [...new Set([...nameservers, ...(given.nameservers ?? [])])],
    searches: [...new Set([...searches, ...(given.searches ?? [])])],
  };
  return {
    nameservers: wanted.nameservers.slice(0, MAX_NAMESERVERS),
    searches: fittingSearches(wanted.searches),
    options: given.options ? mergedOptions(options, given.options) : options,
    wanted,
  };
}

export function resolvConf({ nameservers, searches, options }: Resolver): string {
  return lines([
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]);
}
