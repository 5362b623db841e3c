/** Where a connection begins and where it is to go, as addresses. */
import type { Chance } from './chance.ts';
import { type PacketAddress, packetAddress } from './packet.ts';
import type { World, WorldNode, WorldPod, WorldService } from './world.ts';

export type End =
  /** `namespace/name`. */
  | { pod: string }
  | { node: string }
  | { service: string }
  | { address: string }
  /** Anybody who is not of the cluster. */
  | { outside: true };

/** An end that is not there, or has no address of the family. */
export class UnknownEnd extends Error {}

export type Origin = { pod: WorldPod } | { node: WorldNode } | { outside: PacketAddress };

/** A stranger's address, from the ranges that are kept for documents. */
export const STRANGER = { 4: packetAddress('198.51.100.7')!, 6: packetAddress('2001:db8::7')! };

const found = <T>(what: T | undefined, name: string): T => {
  if (what === undefined) throw new UnknownEnd(`there is no ${name}`);
  return what;
};

export function readAddressOf(text: string): PacketAddress {
  const address = packetAddress(text);
  if (!address) throw new UnknownEnd(`"${text}" is not an address`);
  return address;
}

/** A pod in the network of its node sends as the node does. */
export function originOf(world: World, from: End): Origin {
  if ('pod' in from) return placeOf(world, found(world.pod(from.pod), `pod ${from.pod}`));
  if ('node' in from) return { node: found(world.node(from.node), `node ${from.node}`) };
  if ('service' in from) throw new UnknownEnd('a Service sends nothing');
  if ('outside' in from) return { outside: STRANGER[4] };
  const address = readAddressOf(from.address);
  const pod = world.podAt(address.text);
  if (pod) return { pod };
  const node = world.nodeAt(address.text);
  return node ? { node } : { outside: address };
}

function placeOf(world: World, pod: WorldPod): Origin {
  if (!pod.hostNetwork) return { pod };
  return { node: found(world.node(pod.node), `node ${pod.node}, which ${pod.key} is on`) };
}

const first = (addresses: readonly PacketAddress[], family: 4 | 6 | undefined): PacketAddress | undefined =>
  family === undefined ? addresses[0] : addresses.find((address) => address.family === family);

/** `family`: which of its addresses; absent: its first. */
export function targetOf(world: World, to: End, family: 4 | 6 | undefined, chance: Chance): PacketAddress {
  if ('address' in to) return readAddressOf(to.address);
  if ('outside' in to) return STRANGER[family ?? 4];
  const [addresses, name] = addressesOf(world, to);
  const address =
    'service' in to ? serviceAddress(world.service(to.service)!, family, chance) : first(addresses, family);
  if (!address) throw new UnknownEnd(`${name} has no ${family ? `IPv${family} ` : ''}address`);
  return address;
}

function addressesOf(
  world: World,
  to: Exclude<End, { address: string } | { outside: true }>,
): [readonly PacketAddress[], string] {
  if ('pod' in to) {
    const pod = found(world.pod(to.pod), `pod ${to.pod}`);
    return [pod.addresses, `the pod ${to.pod}`];
  }
  if ('node' in to) return [found(world.node(to.node), `node ${to.node}`).addresses, `the node ${to.node}`];
  return [found(world.service(to.service), `Service ${to.service}`).clusterIPs, `the Service ${to.service}`];
}

/** A headless Service has those of its pods: DNS gives them all, and whoever asks takes one. */
function serviceAddress(service: WorldService, family: 4 | 6 | undefined, chance: Chance): PacketAddress | undefined {
  if (service.clusterIPs.length > 0) return first(service.clusterIPs, family);
  const endpoints = service.endpoints.filter((address) => family === undefined || address.family === family);
  return endpoints.length > 0 ? endpoints[chance.oneOf(endpoints.length)] : undefined;
}
