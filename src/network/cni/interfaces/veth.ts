/** A pair of virtual Ethernet devices, one end in a pod. Source: containernetworking/plugins pkg/ip/link_linux.go. */
import { quoteGo } from '../../../objects/go-quote.ts';
import { type IPNet, isLoopback } from '../../ip-addresses.ts';
import { drawVethName } from '../draws.ts';
import { CNIError, fail, wrapping } from '../errors.ts';
import { Errno } from '../kernel/errno.ts';
import { addressesOf, addVeth, deleteLink, linkNamed, setUp } from '../kernel/links.ts';
import { existingNamespace, type Link, type Machine, type Namespace, namespaceAt, namespaceName } from '../machine.ts';

/** As Go's `net.ParseMAC` reads it: one separator, of bytes or of pairs of them. */
const MAC = /^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i;

/** Throws `CNIError`. */
export function parseMAC(text: string): string {
  if (!MAC.test(text)) return fail(`address ${text}: invalid MAC address`);
  const digits = text.toLowerCase().replaceAll(/[^\da-f]/g, '');
  return digits.match(/../g)!.join(':');
}

/** The pod's namespace. Throws `CNIError`. */
export const openNamespace = (machine: Machine, path: string): Namespace =>
  wrapping(`failed to open netns ${quoteGo(path)}`, () => existingNamespace(machine, path));

export interface VethSetup {
  netns: string;
  ifname: string;
  mtu: number;
  /** '': any. */
  mac: string;
}

/** The host's end is up. Throws `CNIError`. */
export function setUpVeth(machine: Machine, container: Namespace, setup: VethSetup): { container: Link; host: Link } {
  const { netns, ifname, mtu } = setup;
  const peer = drawVethName(machine, `${netns} ${ifname}`);
  try {
    const mac = setup.mac === '' ? undefined : parseMAC(setup.mac);
    const pair = addVeth(machine, container, { netns: namespaceName(netns), ifname, peer, mtu, mac });
    setUp(machine.network.host, pair.host);
    return pair;
  } catch (error) {
    if (error instanceof Errno && error.errno === 'EEXIST')
      return fail(`container veth name (${quoteGo(ifname)}) peer provided (${quoteGo(peer)}) already exists`);
    if (error instanceof CNIError) return fail(`failed to make veth pair: ${error.message}`);
    throw error;
  }
}

const isGlobal = ({ ip }: IPNet): boolean => {
  if (ip.value === 0n || isLoopback(ip)) return false;
  return ip.family === 4 ? ip.value >> 28n !== 0xen : ip.value >> 120n !== 0xffn && ip.value >> 118n !== 0x3fan;
};

/**
 * The pod's interface goes, if it is there, and its peer with it: the addresses that it had. undefined: the namespace itself is gone.
 */
export function removeInterface(machine: Machine, netns: string, ifname: string): IPNet[] | undefined {
  const namespace = namespaceAt(machine, netns);
  if (!namespace) return undefined;
  const link = linkNamed(namespace, ifname);
  if (!link) return [];
  const nets = addressesOf(link).filter(isGlobal);
  deleteLink(machine, namespace, link);
  return nets;
}
