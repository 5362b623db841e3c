/** A packet as rules see it: the first of a connection unless its connection says otherwise. */
import { FAMILY_BITS, formatIP, type Prefix, parseCIDR, parseIP } from '../../objects/ip.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6';

/** An address with what comparing it takes. */
export interface PacketAddress {
  /** In canonical form. */
  text: string;
  family: 4 | 6;
  value: bigint;
}

export interface Packet {
  protocol: Protocol;
  source: PacketAddress;
  /** 0 for protocols without ports. */
  sourcePort: number;
  destination: PacketAddress;
  destinationPort: number;
  /** The firewall mark, 32 bits; it goes with the packet through one host only. */
  mark: number;
  /** Where it came in on this host; empty for the host's own. */
  inInterface: string;
  /** Where it is to leave, once that is decided. */
  outInterface: string;
}

/** Between whom it goes. */
export type Ends = Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

export const endsOf = ({ protocol, source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  protocol,
  source,
  sourcePort,
  destination,
  destinationPort,
});

/** Those of an answer. */
export const reversed = ({ protocol, source, sourcePort, destination, destinationPort }: Ends): Ends => ({
  protocol,
  source: destination,
  sourcePort: destinationPort,
  destination: source,
  destinationPort: sourcePort,
});

export const IP_PROTOCOLS: Record<Protocol, number> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 };

/** By its name or its number, in any case; undefined for what no packet here has. */
export function protocolOf(text: string): Protocol | undefined {
  const name = text.toLowerCase();
  if (name === 'ipv6-icmp' || name === 'icmp6') return 'icmpv6';
  return (Object.keys(IP_PROTOCOLS) as Protocol[]).find(
    (protocol) => protocol === name || String(IP_PROTOCOLS[protocol]) === name,
  );
}

/** An IPv4 address inside IPv6 is IPv4. Undefined for what is no address. */
export function packetAddress(text: string): PacketAddress | undefined {
  const address = parseIP(text);
  return address && { text: formatIP(address.family, address.value), family: address.family, value: address.value };
}

export const LOOPBACK = { 4: packetAddress('127.0.0.1')!, 6: packetAddress('::1')! };

/** A range of addresses, both ends in it. */
export interface AddressRange {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

function rangeOfPrefix(prefix: Prefix): AddressRange {
  const { family } = prefix.address;
  const hosts = 1n << BigInt(FAMILY_BITS[family] - prefix.bits);
  return { family, first: prefix.network, last: prefix.network + hosts - 1n };
}

/** Of `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`. */
export function addressRange(text: string): AddressRange | undefined {
  if (text.includes('/')) {
    const prefix = parseCIDR(text);
    return prefix && rangeOfPrefix(prefix);
  }
  const [low, high, ...more] = text.split('-').map((part) => packetAddress(part));
  if (!low || more.length > 0) return undefined;
  if (text.includes('-') && (!high || high.family !== low.family || high.value < low.value)) return undefined;
  return { family: low.family, first: low.value, last: (high ?? low).value };
}

export const isInRange = (range: AddressRange, address: PacketAddress): boolean =>
  range.family === address.family && range.first <= address.value && address.value <= range.last;

/** A single address rather than several. */
export const isOneAddress = (range: AddressRange): boolean => range.first === range.last;

export const rangeStart = (range: AddressRange): string => formatIP(range.family, range.first);

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export const endpointText = (address: PacketAddress, port: number): string =>
  address.family === 6 ? `[${address.text}]:${port}` : `${address.text}:${port}`;

/** `tcp 10.244.1.7:40000 -> 10.96.0.10:80`, with its mark if it has one. */
export const packetText = (packet: Packet): string =>
  `${packet.protocol} ${endpointText(packet.source, packet.sourcePort)} -> ${endpointText(packet.destination, packet.destinationPort)}${
    packet.mark ? ` mark 0x${packet.mark.toString(16)}` : ''
  }`;

/** Ports, both ends in it. */
export interface PortRange {
  first: number;
  last: number;
}

export const MAX_PORT = 65_535;

/** Of `80`, or `80:90` and `80-90` by the separator that the language has; an end that is missing is the first or last port. */
export function portRange(text: string, separator: ':' | '-'): PortRange | undefined {
  const parts = text.split(separator);
  if (parts.length > 2 || text === separator || text === '') return undefined;
  const [first, last] =
    parts.length === 1 ? [Number(text), Number(text)] : [Number(parts[0] || 0), Number(parts[1] || MAX_PORT)];
  const isPort = (n: number | undefined): n is number =>
    n !== undefined && Number.isInteger(n) && n >= 0 && n <= MAX_PORT;
  return parts.every((part) => /^\d*$/.test(part)) && isPort(first) && isPort(last) && first <= last
    ? { first, last }
    : undefined;
}
