/** Whether a host may be anybody's, or is this machine's or a network's own. Source: the special-purpose address registries of IANA. */
import { type Address, parseCIDR, parseIP } from './ip.ts';

const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6 only this is anybody's, */
const PUBLIC_IPV6 = ['2000::/3'];
/** but for what stands for addresses of IPv4, and for documentation. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Names that no public name server knows, or that lead back to who asks. */
const SPECIAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|test|invalid|onion|home\.arpa)$/;

const isIn = (address: Address, cidrs: readonly string[]): boolean =>
  cidrs.some((text) => {
    const { bits, network, address: first } = parseCIDR(text)!;
    const shift = BigInt((first.family === 4 ? 32 : 128) - bits);
    return first.family === address.family && address.value >> shift === network >> shift;
  });

export function isPublicAddress(text: string): boolean {
  const address = parseIP(text);
  if (!address) return false;
  if (address.family === 4) return !isIn(address, SPECIAL_IPV4);
  return isIn(address, PUBLIC_IPV6) && !isIn(address, SPECIAL_IPV6);
}

/** `hostname`: as `URL` has it, an address of IPv6 in brackets. What a name leads to is not looked up. */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '').toLowerCase();
  if (host.startsWith('[')) return isPublicAddress(host.slice(1, -1));
  if (parseIP(host)) return isPublicAddress(host);
  return host.includes('.') && !SPECIAL_NAME.test(host);
}
