/** IP addresses and prefixes, read, compared and printed. Source: Go's net.IP and net.IPNet. */
import { FAMILY_BITS, formatIP, parseCIDR, parseIP } from '../objects/ip.ts';

export { FAMILY_BITS };

export interface IP {
  family: 4 | 6;
  value: bigint;
}

/** An address with the length of its network's prefix. */
export interface IPNet {
  ip: IP;
  bits: number;
  /** Written as `::ffff:1.2.3.4/120`: such a network is of neither family. */
  mapped?: true;
}

export const EVERYWHERE = { 4: '0.0.0.0/0', 6: '::/0' } as const;

/** undefined for what is no address; an IPv4 address in the clothes of IPv6 is one of IPv4. */
export function readIP(text: string): IP | undefined {
  const address = parseIP(text);
  return address && !address.leadingZeros ? { family: address.family, value: address.value } : undefined;
}

/** The address keeps its host bits. */
export function readNet(text: string): IPNet | undefined {
  const prefix = parseCIDR(text);
  if (!prefix || prefix.leadingZeros) return undefined;
  const { address, bits } = prefix;
  const net: IPNet = { ip: { family: address.family, value: address.value }, bits };
  return address.mapped ? { ...net, mapped: true } : net;
}

export const printIP = (ip: IP | undefined): string => (ip ? formatIP(ip.family, ip.value) : '<nil>');
export const printNet = ({ ip, bits }: IPNet): string => `${formatIP(ip.family, ip.value)}/${bits}`;

export const isSameIP = (a: IP | undefined, b: IP | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.family === b.family && a.value === b.value;

/** The network's own address, with the host bits cleared. */
export function networkOf({ ip, bits }: IPNet): IPNet {
  const host = BigInt(FAMILY_BITS[ip.family] - bits);
  return { ip: { family: ip.family, value: (ip.value >> host) << host }, bits };
}

export function isIn(net: IPNet, ip: IP): boolean {
  if (net.ip.family !== ip.family) return false;
  const host = BigInt(FAMILY_BITS[ip.family] - net.bits);
  return net.ip.value >> host === ip.value >> host;
}

export const isLoopback = ({ family, value }: IP): boolean => (family === 4 ? value >> 24n === 127n : value === 1n);

export const after = (ip: IP): IP => ({ family: ip.family, value: ip.value + 1n });

/** The first of a network that is somebody's: by custom its gateway's. */
export const firstOf = (net: IPNet): IP => after(networkOf(net).ip);

/** The last address of a network: of IPv4 that for broadcasts. */
export function lastOf(net: IPNet): IP {
  const host = BigInt(FAMILY_BITS[net.ip.family] - net.bits);
  return { family: net.ip.family, value: net.ip.value | ((1n << host) - 1n) };
}

/** A prefix that is but one address. */
export const alone = (ip: IP): IPNet => ({ ip, bits: FAMILY_BITS[ip.family] });
