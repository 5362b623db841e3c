/** Network devices as the kernel keeps them: their making and end, ports of bridges, and their addresses. */
import { byteLength } from '../../../objects/names.ts';
import { type IPNet, isIn, isSameIP, lastOf, networkOf, printIP, printNet, readNet } from '../../ip-addresses.ts';
import { drawMAC } from '../draws.ts';
import { fail } from '../errors.ts';
import { type Link, type Machine, type Namespace, NO_MAC, namespaceNamed, newLoopback } from '../machine.ts';
import { Errno } from './errno.ts';
import { addConnectedRoute, connectedRoute, deleteRoutesOf } from './routes.ts';

export const DEFAULT_MTU = 1500;
export const MIN_MTU = 68;
export const MAX_MTU = 65535;
/** Bytes. */
export const MAX_LINK_NAME = 15;
/** From this length on a prefix of IPv4 has no address for broadcasts. */
const NO_BROADCAST_BITS = 31;

export const linkNamed = ({ links }: Namespace, name: string): Link | undefined =>
  links.find((link) => link.name === name);

export const isBridge = ({ type }: Link): boolean => type === 'bridge';

const portsOf = (namespace: Namespace, bridge: Link): Link[] =>
  namespace.links.filter(({ master }) => master === bridge.name);

const lowestMAC = (ports: readonly Link[]): string =>
  ports.reduce((lowest, { mac }) => (lowest === '' || mac < lowest ? mac : lowest), '');

/** Whether somebody has set the bridge's own hardware address, so that it is no longer that of a port. */
function isPinned(machine: Machine, bridge: Link, ports: readonly Link[]): boolean {
  if (bridge.mac === NO_MAC) return false;
  return machine.pinned.includes(bridge.name) || (ports.length > 0 && bridge.mac !== lowestMAC(ports));
}

/** A bridge follows its ports in MTU, and in its hardware address until that is set. */
function followPorts(namespace: Namespace, bridge: Link, wasPinned: boolean): void {
  const ports = portsOf(namespace, bridge);
  if (!wasPinned) bridge.mac = lowestMAC(ports) || NO_MAC;
  bridge.mtu = ports.length === 0 ? DEFAULT_MTU : Math.min(...ports.map(({ mtu }) => mtu));
}

const checkedMTU = (mtu: number): number => {
  // The library leaves it out.
  if (mtu <= 0) return DEFAULT_MTU;
  if (mtu < MIN_MTU || mtu > MAX_MTU) throw new Errno('EINVAL');
  return mtu;
};

/** It has a hardware address of its own, which nobody has set. Throws `Errno`. */
export function addBridge(machine: Machine, name: string, mtu: number): Link {
  const { host } = machine.network;
  if (name === '') fail('LinkAttrs.Name cannot be empty');
  if (byteLength(name) > MAX_LINK_NAME) throw new Errno('ERANGE');
  if (name === '.' || name === '..' || /[/:\s]/.test(name)) throw new Errno('EINVAL');
  if (linkNamed(host, name)) throw new Errno('EEXIST');
  const bridge: Link = {
    name,
    type: 'bridge',
    mtu: checkedMTU(mtu),
    mac: drawMAC(machine, name),
    up: false,
    promisc: false,
    addresses: [],
  };
  host.links.push(bridge);
  return bridge;
}

export function enslave(machine: Machine, port: Link, bridge: Link): void {
  const { host } = machine.network;
  const wasPinned = isPinned(machine, bridge, portsOf(host, bridge));
  port.master = bridge.name;
  port.hairpin = false;
  port.isolated = false;
  followPorts(host, bridge, wasPinned);
}

/** The bridge's own, from now on. Throws `Errno`. */
export function pinMAC({ pinned }: Machine, bridge: Link, mac: string): void {
  setMAC(bridge, mac);
  if (!pinned.includes(bridge.name)) pinned.push(bridge.name);
}

export function setMAC(link: Link, mac: string): void {
  if (mac === NO_MAC || (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1) throw new Errno('EADDRNOTAVAIL');
  link.mac = mac;
}

export function setMTU(link: Link, mtu: number): void {
  if (mtu < MIN_MTU || mtu > MAX_MTU) throw new Errno('EINVAL');
  link.mtu = mtu;
}

export interface VethRequest {
  netns: string;
  ifname: string;
  peer: string;
  mtu: number;
  mac?: string | undefined;
}

/** Both ends, the peer on the host. Throws `Errno`. */
export function addVeth(machine: Machine, container: Namespace, request: VethRequest): { container: Link; host: Link } {
  const { netns, ifname, peer, mac } = request;
  const { host } = machine.network;
  if (linkNamed(container, ifname) || linkNamed(host, peer)) throw new Errno('EEXIST');
  const mtu = checkedMTU(request.mtu);
  const inside: Link = { name: ifname, type: 'veth', mtu, mac: '', up: false, addresses: [] };
  setMAC(inside, mac ?? drawMAC(machine, `${netns} ${ifname}`));
  const outside: Link = { ...inside, name: peer, mac: drawMAC(machine, `host ${netns} ${ifname}`), addresses: [] };
  inside.peer = { netns: 'host', name: peer };
  outside.peer = { netns, name: ifname };
  container.links.push(inside);
  host.links.push(outside);
  return { container: inside, host: outside };
}

function unlink(machine: Machine, namespace: Namespace, link: Link): void {
  const bridge = link.master === undefined ? undefined : linkNamed(namespace, link.master);
  const wasPinned = bridge !== undefined && isPinned(machine, bridge, portsOf(namespace, bridge));
  namespace.links = namespace.links.filter((other) => other !== link);
  deleteRoutesOf(namespace, link);
  if (bridge) followPorts(namespace, bridge, wasPinned);
  if (namespace !== machine.network.host) return;
  delete machine.network.host.sysctls[`net.ipv4.conf.${link.name}.route_localnet`];
}

/** With all that is by it: its peer, its routes, its place in a bridge. */
export function deleteLink(machine: Machine, namespace: Namespace, link: Link): void {
  unlink(machine, namespace, link);
  if (!link.peer) return;
  const other = namespaceNamed(machine, link.peer.netns);
  const peer = other && linkNamed(other, link.peer.name);
  if (other && peer) unlink(machine, other, peer);
}

const netsOf = ({ addresses }: Link): IPNet[] => addresses.flatMap(({ address }) => readNet(address) ?? []);

export const addressesOf = (link: Link, family?: 4 | 6): IPNet[] =>
  netsOf(link).filter(({ ip }) => family === undefined || ip.family === family);

/** `undefined`: an address of no family, as where there is no gateway. Throws `Errno`. */
export function addAddress(namespace: Namespace, link: Link, net: IPNet | undefined): void {
  if (!net) throw new Errno('ERANGE');
  const isThere = netsOf(link).some(
    (other) => isSameIP(other.ip, net.ip) && (net.ip.family === 6 || other.bits === net.bits),
  );
  if (isThere) throw new Errno('EEXIST');
  // A second IPv4 address of one network stands behind the first, which has the route.
  const isSecondary = netsOf(link).some(
    (other) => net.ip.family === 4 && other.bits === net.bits && isIn(networkOf(other), net.ip),
  );
  const hasBroadcast = net.ip.family === 4 && net.bits < NO_BROADCAST_BITS;
  link.addresses.push({
    address: printNet(net),
    ...(hasBroadcast ? { broadcast: printIP(lastOf(net)) } : {}),
  });
  if (link.up && !isSecondary) addConnectedRoute(namespace, link.name, net);
}

export function deleteAddress(namespace: Namespace, link: Link, net: IPNet): void {
  link.addresses = link.addresses.filter(({ address }) => address !== printNet(net));
  const gone = connectedRoute(link.name, net);
  namespace.routes = namespace.routes.filter(
    ({ dev, dst, prefsrc }) =>
      dev !== link.name || (prefsrc !== printIP(net.ip) && !(net.ip.family === 6 && dst === gone?.dst)),
  );
}

const LOOPBACK_ADDRESSES = ['127.0.0.1/8', '::1/128'];

/** As every machine has it that has long been up. */
export const loopbackUp = (): Link => ({
  ...newLoopback(),
  up: true,
  addresses: LOOPBACK_ADDRESSES.map((address) => ({ address })),
});

export function setUp(namespace: Namespace, link: Link): void {
  if (link.up) return;
  link.up = true;
  if (link.type === 'loopback') {
    for (const address of LOOPBACK_ADDRESSES)
      if (!link.addresses.some((other) => other.address === address)) link.addresses.push({ address });
    return;
  }
  for (const net of netsOf(link)) addConnectedRoute(namespace, link.name, net);
}

/** IPv4 addresses stay. */
export function setDown(namespace: Namespace, link: Link): void {
  link.up = false;
  deleteRoutesOf(namespace, link);
  if (link.type === 'loopback') link.addresses = link.addresses.filter(({ address }) => !address.includes(':'));
}
