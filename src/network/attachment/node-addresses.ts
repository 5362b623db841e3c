/**
 * Pod addresses as the reference CNI plugins `bridge` and `host-local` give them out: each node has a prefix of the pod network,
 * the first address is the bridge's, and allocation goes round from the one after the last that was given.
 * Source: https://www.cni.dev/plugins/current/ipam/host-local/
 */
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import { FAMILY_BITS, formatIP, type Prefix, parseCIDR, parseIP } from '../../objects/ip.ts';

/** Bits of a node's prefix, as kube-controller-manager cuts the pod network by default. */
const NODE_PREFIX_BITS = { 4: 24, 6: 64 } as const;

export interface NetworkState {
  /** The node's prefix, e.g. `10.244.1.0/24`. */
  podCIDR: string;
  /** Addresses in use on the node. */
  reserved: readonly string[];
  lastReserved?: string | undefined;
}

export interface PodAddress {
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
  const width = BigInt(FAMILY_BITS[family] - bits);
  return `${formatIP(family, network.network + (BigInt(index) << width))}/${bits}`;
}

/** The ranges that a node has, one of each family. */
export const podCIDRsOf = ({ spec }: Node): string[] => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);

/** The addresses of one node while pods are added to it. */
export class NodeAddresses {
  readonly #prefix: Prefix | undefined;
  readonly #reserved: Set<string>;
  /** Where allocation goes on: from the second address (the first is the gateway's) to the one before the broadcast address. */
  #next = FIRST_OFFSET;
  #last: string | undefined;
  /** Nothing is free, and nothing will be. */
  #full = false;

  constructor({ podCIDR, reserved, lastReserved }: NetworkState) {
    this.#prefix = parseCIDR(podCIDR);
    this.#reserved = new Set(reserved);
    this.#last = lastReserved;
    const last = lastReserved === undefined ? undefined : parseIP(lastReserved);
    if (this.#prefix && last) this.#next = last.value - this.#prefix.network + 1n;
  }

  get reserved(): string[] {
    return [...this.#reserved];
  }

  get lastReserved(): string | undefined {
    return this.#last;
  }

  /** ADD: the next free address after the last reserved one, round robin; undefined when the node has none left. */
  add(): PodAddress | undefined {
    if (!this.#prefix || this.#full) return undefined;
    const { address: own, bits, network } = this.#prefix;
    const { family } = own;
    const size = 1n << BigInt(FAMILY_BITS[family] - bits);
    const span = (family === 4 ? size - 1n : size) - FIRST_OFFSET;
    for (let step = 0n; step < span; step++) {
      const offset = FIRST_OFFSET + ((((this.#next - FIRST_OFFSET + step) % span) + span) % span);
      const address = formatIP(family, network + offset);
      if (this.#reserved.has(address)) continue;
      this.#reserved.add(address);
      this.#next = offset + 1n;
      this.#last = address;
      return { address, gateway: formatIP(family, network + 1n), cidr: `${address}/${bits}` };
    }
    this.#full = true;
    return undefined;
  }
}

const FIRST_OFFSET = 2n;

/** ADD of one pod. */
export const addNetwork = (state: NetworkState): PodAddress | undefined => new NodeAddresses(state).add();

/** DEL: the address is free again; the last reserved one stays, so that it is not given out again at once. */
export const deleteNetwork = (state: NetworkState, address: string): NetworkState => ({
  ...state,
  reserved: state.reserved.filter((other) => other !== address),
});
