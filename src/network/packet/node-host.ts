/** A cluster's node as a host whose rules packets pass. */
import { BRIDGE } from '../attachment/conflist.ts';
import { isLoopback } from '../ip-addresses.ts';
import { LOOPBACK, type PacketAddress } from './packet.ts';
import type { RoutedHost } from './pass-host.ts';
import type { World, WorldNode } from './world.ts';

export { BRIDGE };
/** The device that leads out of the node. */
export const UPLINK = 'eth0';

export function nodeHost(world: World, node: WorldNode, family: 4 | 6): RoutedHost {
  const own = new Set([...node.addresses, ...node.gateways].map((address) => address.text));
  const isLocal = (address: PacketAddress): boolean => own.has(address.text) || isLoopback(address);
  const ofFamily = (addresses: readonly PacketAddress[]) => addresses.find((address) => address.family === family);
  return {
    hooks: world.hooks(node.name, family),
    addressType: (address) => (isLocal(address) ? 'local' : 'unicast'),
    sourceAddress: (device) => {
      if (device === 'lo') return LOOPBACK[family];
      return ofFamily(device === BRIDGE ? node.gateways : node.addresses);
    },
    route: ({ destination }) => {
      if (isLocal(destination)) return { to: 'local', outInterface: 'lo' };
      const route = node.routes.find(destination);
      return route && { to: 'forward', outInterface: route.device, ...(route.via ? { via: route.via } : {}) };
    },
  };
}

/** The address that a node's own packets get for a destination. */
export function nodeSource(world: World, node: WorldNode, destination: PacketAddress): PacketAddress | undefined {
  const host = nodeHost(world, node, destination.family);
  // To itself a node sends from the very address that it sends to.
  if (host.addressType(destination) === 'local') return destination;
  const device = node.routes.find(destination)?.device ?? UPLINK;
  return host.sourceAddress(device, destination);
}
