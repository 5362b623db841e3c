/** Under which names and addresses a local server is reached, by where it listens: what its certificate names and its banner prints. */
import { isIP, isIPv6 } from 'node:net';
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const LOOPBACK = ['localhost', '*.localhost', '127.0.0.1', '::1'];
/** Listening at one of these is listening at all addresses of a machine; at the second, also at those of IPv4. */
const ALL_IPV4 = '0.0.0.0';
const ALL = '::';
const HOST_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i;

/** What a machine is asked for. */
export interface Network {
  interfaces: NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal' | 'scopeid'>[]>;
  hostname: string;
}

const thisNetwork = (): Network => ({ interfaces: networkInterfaces(), hostname: hostname() });

export interface Addresses {
  /** Names and addresses for the certificate. */
  certified: string[];
  /** Host names of URLs by which other machines reach the server. */
  reached: string[];
  /** The host name of its URL on this machine. */
  local: string;
}

/** IPv6 in the brackets that a URL and workerd want. */
export const bracketed = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d+){3}$/.test(host) || host === '::1';

/** `host` is a name or an address, IPv6 without brackets. */
export function addressesOf(host: string, network: Network = thisNetwork()): Addresses {
  if (isLoopback(host)) {
    const certified = LOOPBACK.includes(host) ? LOOPBACK : [...LOOPBACK, host];
    return { certified, reached: [], local: 'localhost' };
  }
  if (host !== ALL_IPV4 && host !== ALL)
    return { certified: [...LOOPBACK, host], reached: [host], local: bracketed(host) };
  const addresses = Object.values(network.interfaces)
    .flatMap((found) => found ?? [])
    // What is local to a link has a zone, which no URL names.
    .filter(({ internal, family, scopeid }) => !internal && (family === 'IPv4' || (host === ALL && !scopeid)))
    .map(({ address }) => address);
  const certified = [...new Set([...LOOPBACK, ...addresses, ...namesOf(network.hostname)])];
  return { certified, reached: addresses.map(bracketed), local: 'localhost' };
}

/** A machine's own name, and the one by which its neighbours find it without a name server. */
function namesOf(name: string): string[] {
  if (!HOST_NAME.test(name) || isIP(name) !== 0) return [];
  return name.includes('.') ? [name] : [name, `${name}.local`];
}
