/** The ranges that addresses of Services come from. Models pkg/api/servicecidr, and pkg/registry/core/service/ipallocator. */
import { conditionOf } from '../../objects/conditions.ts';
import type { ServiceCIDR } from '../../objects/generated/networking-v1.gen.ts';
import { type Prefix, parseCIDR, parseIP } from '../../objects/ip.ts';

export const SERVICE_CIDRS = 'servicecidrs.networking.k8s.io';

const familyBits = ({ address }: Prefix): number => (address.family === 4 ? 32 : 128);

/** Inside the range, and neither the network's own address nor, for IPv4, the broadcast address. */
export function hasAddress(cidr: string, ip: string): boolean {
  const address = parseIP(ip);
  const range = parseCIDR(cidr);
  if (!address || !range || address.family !== range.address.family) return false;
  const width = BigInt(familyBits(range) - range.bits);
  if ((address.value >> width) << width !== range.network) return false;
  const last = range.network + (1n << width) - 1n;
  return address.value !== range.network && !(range.address.family === 4 && address.value === last);
}

/** Whether all of `inner` is in `outer`. */
export function hasRange(outer: string, inner: string): boolean {
  const [out, within] = [parseCIDR(outer), parseCIDR(inner)];
  if (!out || !within || out.address.family !== within.address.family || out.bits > within.bits) return false;
  const width = BigInt(familyBits(out) - out.bits);
  return (within.network >> width) << width === out.network;
}

/** Whether one has an address of the other. */
export const overlap = (a: string, b: string): boolean => hasRange(a, b) || hasRange(b, a);

/** Those of which addresses may be given; where no controller says of one that it is ready, it is. */
export const readyRanges = (serviceCIDRs: readonly ServiceCIDR[]): string[] =>
  serviceCIDRs
    .filter((known) => !known.metadata.deletionTimestamp && (conditionOf(known, 'Ready')?.status ?? 'True') === 'True')
    .flatMap(({ spec }) => spec?.cidrs ?? []);
