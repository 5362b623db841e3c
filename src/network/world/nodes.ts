/** A cluster's nodes with their routes, as a bridge on each and routes between them make them. */
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import { formatIP, parseCIDR } from '../../objects/ip.ts';
import type { Unchecked } from '../../objects/object.ts';
import { BRIDGE, UPLINK } from '../packet/node-host.ts';
import { type PacketAddress, packetAddress } from '../packet/packet.ts';
import { RouteTable, type TableRoute } from '../packet/routes.ts';
import type { WorldNode } from '../packet/world.ts';

export type NodeLike = Unchecked<Pick<Node, 'spec' | 'status'>> & { metadata: { name: string } };

/** What of a node routes are made of. */
interface NodeNetwork {
  name: string;
  addresses: PacketAddress[];
  podCIDRs: string[];
}

/** The network that nodes share has as many bits. */
const NODE_NETWORK_BITS = { 4: 16, 6: 64 };
const WIDTH = { 4: 32, 6: 128 };
const EVERYWHERE = { 4: '0.0.0.0/0', 6: '::/0' };

export function nodeNetwork({ metadata, spec, status }: NodeLike): NodeNetwork {
  const texts = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  const podCIDRs = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
  return {
    name: metadata.name,
    addresses: texts.flatMap((text) => packetAddress(text ?? '') ?? []),
    podCIDRs: podCIDRs.flatMap((text) => text ?? []),
  };
}

export function worldNodes(networks: readonly NodeNetwork[]): WorldNode[] {
  return networks.map((network) => ({
    name: network.name,
    addresses: network.addresses,
    gateways: network.podCIDRs.flatMap((cidr) => addressIn(cidr, 1n) ?? []),
    routes: new RouteTable(routesOf(network, networks)),
  }));
}

/** Pods' ranges of other nodes lead to those; all that is left goes out by the gateway of the nodes' network. */
function* routesOf(own: NodeNetwork, all: readonly NodeNetwork[]): Generator<TableRoute> {
  for (const to of own.podCIDRs) yield { to, device: BRIDGE };
  for (const { podCIDRs, addresses } of all.filter((other) => other !== own))
    for (const to of podCIDRs) {
      const family = to.includes(':') ? 6 : 4;
      const via = addresses.find((address) => address.family === family);
      if (via) yield { to, via, device: UPLINK };
    }
  for (const address of own.addresses) {
    const network = `${address.text}/${NODE_NETWORK_BITS[address.family]}`;
    yield { to: networkOf(address), device: UPLINK };
    const via = addressIn(network, 1n);
    if (via) yield { to: EVERYWHERE[address.family], via, device: UPLINK };
  }
}

function networkOf({ family, value }: PacketAddress): string {
  const shift = BigInt(WIDTH[family] - NODE_NETWORK_BITS[family]);
  return `${formatIP(family, (value >> shift) << shift)}/${NODE_NETWORK_BITS[family]}`;
}

/** The address at a place of a range. */
function addressIn(cidr: string, place: bigint): PacketAddress | undefined {
  const prefix = parseCIDR(cidr);
  if (!prefix) return undefined;
  const { family } = prefix.address;
  const value = prefix.network + place;
  return { text: formatIP(family, value), family, value };
}
