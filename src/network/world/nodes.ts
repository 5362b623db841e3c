/** A cluster's nodes with their routes, as a bridge on each and routes between them make them. */
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import { formatIP } from '../../objects/ip.ts';
import { podCIDRsOf } from '../attachment/node-addresses.ts';
import { EVERYWHERE, firstOf, type IPNet, networkOf, printNet, readNet } from '../ip-addresses.ts';
import { BRIDGE, UPLINK } from '../packet/node-host.ts';
import { type PacketAddress, packetAddress } from '../packet/packet.ts';
import { RouteTable, type TableRoute } from '../packet/routes.ts';
import type { WorldNode } from '../packet/world.ts';

/** What of a node routes are made of. */
interface NodeNetwork {
  name: string;
  addresses: PacketAddress[];
  podCIDRs: string[];
}

/** The network that nodes share has as many bits. */
const NODE_NETWORK_BITS = { 4: 16, 6: 64 };

export function nodeNetwork(node: Node): NodeNetwork {
  const internal = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
  return {
    name: node.metadata.name,
    addresses: internal.flatMap(({ address }) => packetAddress(address ?? '') ?? []),
    podCIDRs: podCIDRsOf(node),
  };
}

export function worldNodes(networks: readonly NodeNetwork[]): WorldNode[] {
  return networks.map((network) => ({
    name: network.name,
    addresses: network.addresses,
    gateways: network.podCIDRs.flatMap((cidr) => {
      const net = readNet(cidr);
      return net ? [gatewayOf(net)] : [];
    }),
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
    const network = networkOf({ ip: address, bits: NODE_NETWORK_BITS[address.family] });
    yield { to: printNet(network), device: UPLINK };
    yield { to: EVERYWHERE[address.family], via: gatewayOf(network), device: UPLINK };
  }
}

function gatewayOf(net: IPNet): PacketAddress {
  const { family, value } = firstOf(net);
  return { text: formatIP(family, value), family, value };
}
