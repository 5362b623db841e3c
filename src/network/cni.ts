/**
 * Pod addresses as the reference CNI plugins `bridge` and `host-local` give them out: each node has a prefix of the pod network,
 * the first address is the bridge's, and allocation goes round from the one after the last that was given.
 * Source: https://www.cni.dev/plugins/current/ipam/host-local/
 */
import { formatIP, parseCIDR } from '../resources/ip.ts';

/** Bits of a node's prefix, as kube-controller-manager cuts the pod network by default. */
const NODE_PREFIX_BITS = { 4: 24, 6: 64 } as const;

export interface NetworkState {
  /** The node's prefix, e.g. `10.244.1.0/24`. */
  podCIDR: string;
  /** Addresses in use on the node. */
  reserved: readonly string[];
  lastReserved?: string | undefined;
}

export interface Attachment {
  address: string;
  gateway: string;
  /** The address with the prefix's length, as the plugin answers. */
  cidr: string;
}

/**
 * The `index`th node's share of the pod network; undefined when the network has no more. `nodes`: how many are to share it; where the
 * usual shares don't suffice for them, each is smaller.
 */
export function nodePodCIDR(podCIDR: string, index: number, nodes = 1): string | undefined {
  const network = parseCIDR(podCIDR);
  if (!network) return undefined;
  const { family } = network.address;
  const bits = Math.max(NODE_PREFIX_BITS[family], network.bits + Math.ceil(Math.log2(Math.max(1, nodes))));
  if (BigInt(index) >= 1n << BigInt(bits - network.bits)) return undefined;
  const width = BigInt((family === 4 ? 32 : 128) - bits);
  return `${formatIP(family, network.network + (BigInt(index) << width))}/${bits}`;
}

/** ADD: the next free address after the last reserved one, round robin; undefined when the node has none left. */
export function addNetwork(state: NetworkState): Attachment | undefined {
  const prefix = parseCIDR(state.podCIDR);
  if (!prefix) return undefined;
  const { family } = prefix.address;
  const size = 1n << BigInt((family === 4 ? 32 : 128) - prefix.bits);
  const gateway = formatIP(family, prefix.network + 1n);
  const reserved = new Set(state.reserved);
  const last =
    state.lastReserved === undefined ? undefined : parseCIDR(`${state.lastReserved}/${family === 4 ? 32 : 128}`);
  // From the second address (the first is the gateway's) to the one before the broadcast address.
  const first = 2n;
  const end = family === 4 ? size - 1n : size;
  const start = last ? last.network - prefix.network + 1n : first;
  for (let step = 0n; step < end - first; step++) {
    const offset = first + ((((start - first + step) % (end - first)) + (end - first)) % (end - first));
    const address = formatIP(family, prefix.network + offset);
    if (!reserved.has(address)) return { address, gateway, cidr: `${address}/${prefix.bits}` };
  }
  return undefined;
}

/** DEL: the address is free again; the last reserved one stays, so that it is not given out again at once. */
export const deleteNetwork = (state: NetworkState, address: string): NetworkState => ({
  ...state,
  reserved: state.reserved.filter((other) => other !== address),
});
