/** What kube-proxy on one node works from: its own settings and the API objects it watches. */
import type { IPFamily } from './addresses.ts';

export interface ServiceLike {
  metadata: { name: string; namespace?: string };
  spec?: any;
  status?: any;
}

export interface EndpointSliceLike {
  metadata: { name?: string; namespace?: string; labels?: Record<string, string> };
  addressType?: string;
  ports?: { name?: string; port?: number; protocol?: string }[] | null;
  endpoints?: EndpointLike[] | null;
}

export interface EndpointLike {
  addresses?: string[];
  conditions?: { ready?: boolean | null; serving?: boolean | null; terminating?: boolean | null };
  nodeName?: string | null;
  hints?: { forZones?: { name: string }[] | null; forNodes?: { name: string }[] | null } | null;
}

export interface ProxyInput {
  mode?: 'iptables' | 'nftables';
  ipFamily: IPFamily;
  node: { name: string; ips: string[]; labels?: Record<string, string> };
  /** `10.244.0.0/16`, or one of each family with a comma between; empty: no local detection. */
  clusterCIDR?: string;
  masqueradeAll?: boolean;
  localhostNodePorts?: boolean;
  services: ServiceLike[];
  endpointSlices: EndpointSliceLike[];
  nodePortAddresses?: string[];
  serviceCIDRs?: string[];
  /** Whether the kernel has nfacct counters. */
  nfacct?: boolean;
  conntrackTCPLiberal?: boolean;
  masqueradeBit?: number;
}
