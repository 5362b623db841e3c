/** The two address ranges of a cluster: IPv4, in their canonical form, apart from one another. */
import ipaddr from 'ipaddr.js';

/** Prefix lengths that the ranges may have: room enough for a cluster, and within a private network. */
export const SERVICE_PREFIX = { min: 12, max: 28 } as const;
export const POD_PREFIX = { min: 8, max: 22 } as const;

/** What is wrong with `text` as a range, or undefined. */
export function cidrProblem(text: string, prefix: { min: number; max: number }): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(text)) return 'must be an IPv4 range, e.g. 10.96.0.0/16';
  const [address, length] = ipaddr.IPv4.parseCIDR(text);
  const network = ipaddr.IPv4.networkAddressFromCIDR(text);
  if (address.toString() !== network.toString())
    return `must begin at the range's first address: ${network.toString()}/${length}`;
  if (length < prefix.min || length > prefix.max)
    return `must have a prefix length from ${prefix.min} to ${prefix.max}, not ${length}`;
  return undefined;
}

/** Ranges that are none overlap with nothing. */
export function cidrsOverlap(one: string, other: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(one) || !ipaddr.IPv4.isValidCIDR(other)) return false;
  const [a, b] = [ipaddr.IPv4.parseCIDR(one), ipaddr.IPv4.parseCIDR(other)];
  const length = Math.min(a[1], b[1]);
  return a[0].match(b[0], length);
}
