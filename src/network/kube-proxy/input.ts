/** What kube-proxy on one node works from: its own settings and the API objects it watches. */
import type { Service } from '../../objects/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../objects/generated/discovery-v1.gen.ts';
import type { ObjectMeta, Unchecked } from '../../objects/object.ts';
import type { IPFamily } from './addresses.ts';

/** Of the API's objects as much as is looked at; what comes in a body may lack anything. */
export type ServiceLike = Pick<Unchecked<Service>, 'spec' | 'status'> & { metadata: Named };
export type EndpointSliceLike = Omit<Unchecked<EndpointSlice>, 'metadata'> & { metadata: Partial<Named> };
export type EndpointLike = Unchecked<Endpoint>;

type Named = Pick<ObjectMeta, 'name' | 'namespace' | 'labels'>;

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
