/** On which of a node's addresses node ports answer (kube-proxy's --nodeport-addresses). */
import { type CIDR, cidrsOf, contains, formatIP, type IPFamily, parseIP } from './addresses.ts';
import { nodeIPs } from './services.ts';

export interface NodePortAddresses {
  all: boolean;
  /** Whether 127.0.0.1 is among them. */
  coversIPv4Loopback: boolean;
  /** The addresses where not all: loopback too. */
  ips: string[];
}

const LOOPBACK: Record<IPFamily, string> = { IPv4: '127.0.0.1', IPv6: '::1' };

export function nodePortAddresses(given: string[] | undefined, family: IPFamily, ownIPs: string[]): NodePortAddresses {
  const cidrs = cidrsOf(given, family);
  if (cidrs.length === 0 || cidrs.some((c) => c.prefix === 0))
    return { all: true, coversIPv4Loopback: family === 'IPv4', ips: [] };
  const loopback = parseIP(LOOPBACK[family]) ?? [];
  const covered = (ip: number[]): boolean => cidrs.some((c: CIDR) => contains(c, ip));
  const ips = [...nodeIPs(ownIPs, family), loopback].filter(covered).map(formatIP);
  const inLoopback = cidrs.some((c) => c.bytes.length === 4 && (c.bytes[0] === 127 || contains(c, loopback)));
  return { all: false, coversIPv4Loopback: family === 'IPv4' && inLoopback, ips: [...new Set(ips)] };
}
