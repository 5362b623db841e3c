/** Gives each node its share of the pod network. Models pkg/controller/nodeipam/ipam (range_allocator.go, cidrset). */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import { formatIP, type Prefix, parseCIDR } from '../../objects/ip.ts';
import type { View } from '../../objects/object.ts';
import { recordNodeStatus } from './node-events.ts';

/** Bits of a node's share, unless the nodes that there are have smaller ones. */
const NODE_MASK_BITS = { 4: 24, 6: 64 } as const;

export interface NetworkConfig {
  /** The pods' network and the services'. */
  podCIDR: string;
  serviceCIDR: string;
}

const widthOf = (prefix: Prefix, bits: number): bigint => BigInt((prefix.address.family === 4 ? 32 : 128) - bits);

const rangesOf = (node: Node): string[] => node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : []);

/** The next free share after the last that was given; undefined when there is none. */
export function nextPodCIDR(nodes: Node[], { podCIDR, serviceCIDR }: NetworkConfig): string | undefined {
  const network = parseCIDR(podCIDR);
  if (!network) return undefined;
  const { family } = network.address;
  const taken = nodes
    .flatMap(rangesOf)
    .map((range) => parseCIDR(range))
    .filter((range) => range !== undefined && range.address.family === family && contains(network, range)) as Prefix[];
  const bits = Math.max(NODE_MASK_BITS[family], network.bits, ...taken.map((range) => range.bits));
  const width = widthOf(network, bits);
  const count = 1n << BigInt(bits - network.bits);
  const indexOf = (address: bigint): bigint => (address - network.network) >> width;
  /** The first and the last share that a range touches. */
  const indexes = (range: Prefix): [bigint, bigint] => {
    const size = 1n << widthOf(network, range.bits);
    return [indexOf(range.network), indexOf(range.network + size - 1n)];
  };
  const used = taken.map(indexes);
  const services = parseCIDR(serviceCIDR);
  if (services && services.address.family === family) {
    if (contains(services, network)) return undefined;
    if (contains(network, services)) used.push(indexes(services));
  }
  let candidate = taken.reduce((last, range) => (indexes(range)[1] >= last ? indexes(range)[1] + 1n : last), 0n);
  // Each step jumps over a range that is taken: there are no more steps than ranges, once round.
  for (let step = 0; step <= used.length * 2 + 1; step++) {
    if (candidate >= count) candidate = 0n;
    const hit = used.find(([first, last]) => candidate >= first && candidate <= last);
    if (!hit) return `${formatIP(family, network.network + (candidate << width))}/${bits}`;
    candidate = hit[1] + 1n;
  }
  return undefined;
}

const contains = (outer: Prefix, inner: Prefix): boolean =>
  inner.bits >= outer.bits &&
  inner.network >> widthOf(outer, outer.bits) === outer.network >> widthOf(outer, outer.bits);

export const nodeIpamController = (network: NetworkConfig): ClusterReconciler => ({
  name: 'node-ipam-controller',
  manager: 'kube-controller-manager',
  reads: ['events', 'nodes'],
  watches: [
    {
      resource: 'nodes',
      keys: ({ old, new: node }, reader: View) => {
        if (node) return rangesOf(node).length === 0 ? [node.metadata.name] : [];
        // What a node had is free for those that wait.
        return old
          ? reader
              .list('nodes')
              .filter((other) => rangesOf(other).length === 0)
              .map((other) => other.metadata.name)
          : [];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const node = reader.get('nodes', undefined, name);
    if (!node || node.metadata.deletionTimestamp || rangesOf(node).length > 0) return { writes: [] };
    const podCIDR = nextPodCIDR(reader.list('nodes'), network);
    if (podCIDR === undefined) {
      const event = recordNodeStatus(reader, node, 'cidrAllocator', 'CIDRNotAvailable', now);
      return {
        writes: [event],
        error: 'CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range',
      };
    }
    return { writes: [{ verb: 'update', object: { ...node, spec: { ...node.spec, podCIDR, podCIDRs: [podCIDR] } } }] };
  },
});
