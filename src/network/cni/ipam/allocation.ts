/** Which address is given out next: round robin through a set of ranges, gateways passed over. Source: host-local/backend/allocator. */
import { after, type IP, type IPNet, isSameIP, printIP } from '../../ip-addresses.ts';
import { fail } from '../errors.ts';
import { contains, printSet, type Range, type RangeSet } from './range.ts';
import type { Reservations } from './reservations.ts';

export interface Allocation {
  address: IPNet;
  gateway: IP;
}

/** Addresses in the order in which they are tried, each once, from the one after the last that was given out. */
export function* candidates(set: RangeSet, last: IP | undefined): Generator<{ ip: IP; range: Range }> {
  let at = last ? set.findIndex((range) => contains(range, last)) : -1;
  let ip = at < 0 ? undefined : last;
  let first: IP | undefined;
  at = Math.max(at, 0);
  for (;;) {
    let range = set[at]!;
    if (!ip) ip = range.start;
    else if (isSameIP(ip, range.end)) {
      at = (at + 1) % set.length;
      range = set[at]!;
      ip = range.start;
    } else ip = after(ip);
    if (!first) first = ip;
    else if (isSameIP(ip, first)) return;
    if (!isSameIP(ip, range.gateway)) yield { ip, range };
  }
}

export interface Request {
  containerID: string;
  ifname: string;
  /** The number of the range set. */
  set: number;
}

/** Throws `CNIError`. */
export function allocate(store: Reservations, set: RangeSet, request: Request, wanted: IP | undefined): Allocation {
  const { containerID, ifname, set: number } = request;
  if (wanted) {
    const range = set.find((one) => contains(one, wanted))!;
    const shown = printIP(wanted);
    if (isSameIP(wanted, range.gateway)) fail(`requested ip ${shown} is subnet's gateway`);
    if (!store.reserve(wanted, containerID, ifname, number))
      fail(`requested IP address ${shown} is not available in range set ${printSet(set)}`);
    return { address: { ip: wanted, bits: range.subnet.bits }, gateway: range.gateway };
  }
  for (const held of store.addressesOf(containerID, ifname))
    if (set.some((range) => contains(range, held)))
      fail(`${printIP(held)} has been allocated to ${containerID}, duplicate allocation is not allowed`);
  for (const { ip, range } of candidates(set, store.last(number)))
    if (store.reserve(ip, containerID, ifname, number))
      return { address: { ip, bits: range.subnet.bits }, gateway: range.gateway };
  return fail(`no IP addresses available in range set: ${printSet(set)}`);
}
