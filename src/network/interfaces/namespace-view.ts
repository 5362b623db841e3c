/** What programs see of a network namespace: its interfaces, routes, neighbours and the bridge's table. Data, from which each program's text is made. */

import { dstOfRoute, familyOfRoute } from '../cni/kernel/routes.ts';
import type { KernelRoute, Link, Namespace } from '../cni/machine.ts';
import { type IPNet, isLoopback, networkOf, printIP, printNet, readIP, readNet } from '../ip-addresses.ts';
import { linkLocalOf } from './link-local.ts';

export type Scope = 'host' | 'link' | 'global';
export type OperationalState = 'UP' | 'DOWN' | 'UNKNOWN' | 'LOWERLAYERDOWN';

export interface InterfaceAddress {
  net: IPNet;
  broadcast?: string;
  scope: Scope;
}

export interface NetworkInterface {
  index: number;
  name: string;
  kind: 'loopback' | 'ether' | 'veth' | 'bridge' | 'vxlan';
  mtu: number;
  mac: string;
  /** As it was set. */
  isUp: boolean;
  state: OperationalState;
  isPromiscuous: boolean;
  qdisc: string;
  queueLength: number;
  master?: string;
  /** The other end of a pair: its index in its own namespace, and that namespace's name where it has one here. */
  peer?: { index: number; netns?: string };
  /** IPv4 before IPv6, each in its order. */
  addresses: InterfaceAddress[];
}

export interface Neighbour {
  address: string;
  device: string;
  mac: string;
  state: 'REACHABLE' | 'STALE' | 'PERMANENT';
}

/** An entry of a bridge's forwarding table. */
export interface ForwardingEntry {
  mac: string;
  device: string;
  /** Of a port: its bridge. Without, it is of the device itself. */
  master?: string;
  /** Where a tunnel leads. */
  destination?: string;
  isPermanent: boolean;
}

export interface NamespaceView {
  interfaces: NetworkInterface[];
  /** In the order in which the kernel lists them. */
  routes: KernelRoute[];
  neighbours: Neighbour[];
  forwarding: ForwardingEntry[];
}

const DEFAULT_QUEUE_LENGTH = 1000;

function scopeOf({ ip }: IPNet): Scope {
  if (isLoopback(ip)) return 'host';
  return ip.family === 6 && ip.value >> 118n === 0x3fan ? 'link' : 'global';
}

function addressesOf({ type, addresses, mac, up }: Link): InterfaceAddress[] {
  const given = addresses.flatMap(({ address, broadcast }) => {
    const net = readNet(address);
    return net ? [{ net, scope: scopeOf(net), ...(broadcast === undefined ? {} : { broadcast }) }] : [];
  });
  // The kernel gives each device that is up one of its own.
  const own = up && type !== 'loopback' ? [{ net: linkLocalOf(mac), scope: 'link' as const }] : [];
  return [...given.filter(({ net }) => net.ip.family === 4), ...given.filter(({ net }) => net.ip.family === 6), ...own];
}

const stateOf = ({ type, up }: Link): OperationalState => (!up ? 'DOWN' : type === 'loopback' ? 'UNKNOWN' : 'UP');

/** `peerIndex`: the other end's, of a pair. */
export function interfaceOf(link: Link, index: number, peer?: NetworkInterface['peer']): NetworkInterface {
  return {
    index,
    name: link.name,
    kind: link.type as NetworkInterface['kind'],
    mtu: link.mtu,
    mac: link.mac,
    isUp: link.up,
    state: stateOf(link),
    isPromiscuous: link.promisc ?? false,
    qdisc: link.up ? qdiscOf(link) : 'noop',
    queueLength: link.txqlen ?? DEFAULT_QUEUE_LENGTH,
    ...(link.master === undefined ? {} : { master: link.master }),
    ...(peer ? { peer } : {}),
    addresses: addressesOf(link),
  };
}

const qdiscOf = ({ type, qdiscs }: Link): string =>
  qdiscs?.find(({ root }) => root)?.kind ?? (type === 'ether' ? 'fq_codel' : 'noqueue');

/** By their destinations; of IPv6 the more specific first, and the default route last. */
export function orderedRoutes(routes: readonly KernelRoute[]): KernelRoute[] {
  const keyed = routes.map((route) => ({ route, dst: dstOfRoute(route), family: familyOfRoute(route) }));
  keyed.sort((a, b) => {
    if (a.family !== b.family) return a.family - b.family;
    if (a.family === 6 && (a.dst.bits === 0) !== (b.dst.bits === 0)) return a.dst.bits === 0 ? 1 : -1;
    if (a.dst.ip.value !== b.dst.ip.value) return a.dst.ip.value < b.dst.ip.value ? -1 : 1;
    return b.dst.bits - a.dst.bits;
  });
  return keyed.map(({ route }) => route);
}

/** Those of the main table, with the link-local one of each device. */
export function routesOf({ routes, links }: Namespace): KernelRoute[] {
  const local = links
    .filter(({ up, type }) => up && type !== 'loopback')
    .map(({ name, mac }) => ({
      dst: printNet(networkOf(linkLocalOf(mac))),
      dev: name,
      protocol: 'kernel',
      metric: 256,
    }));
  return orderedRoutes([...routes.filter(({ table }) => table === undefined), ...local]);
}

/** A pod's own addresses, or a node's: of no loopback and no single link. */
export const globalAddresses = ({ interfaces }: NamespaceView): string[] =>
  interfaces.flatMap(({ addresses }) =>
    addresses.filter(({ scope }) => scope === 'global').map(({ net }) => printIP(net.ip)),
  );

export const isOfFamily = (address: string, family: 4 | 6): boolean => readIP(address)?.family === family;
