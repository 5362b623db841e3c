/** On which of a node's addresses node ports answer (kube-proxy's --nodeport-addresses). */
import { addressesOf, addressText, cidrsOf, contains, type IPFamily } from './addresses.ts';

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
  if (cidrs.length === 0 || cidrs.some((c) => c.bits === 0))
    return { all: true, coversIPv4Loopback: family === 'IPv4', ips: [] };
  const ips = addressesOf([...ownIPs, LOOPBACK[family]], family)
    .filter((ip) => cidrs.some((c) => contains(c, ip)))
    .map(addressText);
  const loopbackNet = cidrsOf(['127.0.0.0/8'], family);
  const inLoopback = cidrs.some(
    (c) => loopbackNet.some((net) => contains(net, c.address)) || ips.includes(LOOPBACK.IPv4),
  );
  return { all: false, coversIPv4Loopback: family === 'IPv4' && inLoopback, ips: [...new Set(ips)] };
}
