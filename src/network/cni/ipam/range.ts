/** Ranges that host-local allocates from, made complete and checked. Source: containernetworking/plugins host-local/backend/allocator. */
import type { WorkBudget } from '../../../simulation/work-budget.ts';
import {
  after,
  FAMILY_BITS,
  type IP,
  type IPNet,
  isIn,
  lastOf,
  networkOf,
  printIP,
  printNet,
} from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { ipShape, netShape } from '../network-config.ts';
import { list, type Read, struct } from '../shape.ts';

export const RANGE_FIELDS = { rangeStart: ipShape, rangeEnd: ipShape, subnet: netShape, gateway: ipShape };
export const rangeSetsShape = list(
  list(struct('allocator.Range', RANGE_FIELDS), 'allocator.RangeSet'),
  '[]allocator.RangeSet',
);

const rangeShape = struct('allocator.Range', RANGE_FIELDS);
export type WrittenRange = Read<typeof rangeShape>;

export interface Range {
  subnet: IPNet;
  start: IP;
  end: IP;
  gateway: IP;
}

export type RangeSet = readonly Range[];

/** In a network of fewer addresses than this there is none to give. */
export const MIN_HOST_BITS = 2;

export const contains = ({ subnet, start, end }: Range, ip: IP): boolean =>
  isIn(subnet, ip) && ip.value >= start.value && ip.value <= end.value;

function overlap(a: Range, b: Range): boolean {
  return (
    a.start.family === b.start.family &&
    (contains(a, b.start) || contains(a, b.end) || contains(b, a.start) || contains(b, a.end))
  );
}

const printRange = ({ start, end }: Range): string => `${printIP(start)}-${printIP(end)}`;
export const printSet = (set: RangeSet): string => set.map(printRange).join(',');

function complete({ subnet, rangeStart, rangeEnd, gateway }: WrittenRange): Range {
  if (!subnet) return fail('IP <nil> not v4 nor v6');
  const { family } = subnet.ip;
  const shown = printNet(subnet);
  const width = subnet.mapped ? FAMILY_BITS[6] : FAMILY_BITS[family];
  const bits = subnet.mapped ? subnet.bits + 96 : subnet.bits;
  if (bits > width - MIN_HOST_BITS) fail(`Network ${shown} too small to allocate from`);
  if (subnet.mapped) fail('IPNet IP and Mask version mismatch');
  const network = networkOf(subnet);
  if (network.ip.value !== subnet.ip.value) {
    const right = printIP(network.ip);
    fail(`Network has host bits set. For a subnet mask of length ${bits} the network address is ${right}`);
  }
  if (gateway && !isIn(subnet, gateway)) fail(`gateway ${printIP(gateway)} not in network ${shown}`);
  const refuse = (what: string, ip: IP): never => fail(`${what} ${printIP(ip)} not in network ${shown}`);
  if (rangeStart && !(isIn(subnet, rangeStart) && (!rangeEnd || rangeStart.value <= valueIn(rangeEnd, family))))
    refuse('RangeStart', rangeStart);
  const start = rangeStart ?? after(subnet.ip);
  if (rangeEnd && !(isIn(subnet, rangeEnd) && rangeEnd.value >= start.value)) refuse('RangeEnd', rangeEnd);
  const last = lastOf(subnet);
  const usual: IP = family === 4 ? { family, value: last.value - 1n } : last;
  return { subnet, start, end: rangeEnd ?? usual, gateway: gateway ?? after(subnet.ip) };
}

/** Addresses of different families compare as neither before nor after one another. */
const valueIn = (ip: IP, family: 4 | 6): bigint => (ip.family === family ? ip.value : 1n << 128n);

function completeSet(set: readonly WrittenRange[] | undefined, work: WorkBudget): RangeSet {
  if (!set || set.length === 0) return fail('empty range set');
  const ranges: Range[] = [];
  for (const written of set) {
    const range = complete(written);
    if (ranges[0] && ranges[0].start.family !== range.start.family) fail('mixed address families');
    ranges.push(range);
  }
  for (const [i, range] of ranges.entries()) {
    work.spend(ranges.length - i);
    for (const other of ranges.slice(i + 1))
      if (overlap(range, other)) fail(`subnets ${printRange(range)} and ${printRange(other)} overlap`);
  }
  return ranges;
}

/** Throws `CNIError`: for the first set that is not one, then for what versions before 0.3.0 have no result for. */
export function completeSets(
  sets: readonly (readonly WrittenRange[] | undefined)[],
  supportsMany: () => boolean,
  work: WorkBudget,
): RangeSet[] {
  const complete = sets.map((set, i) => wrapping(`invalid range set ${i}`, () => completeSet(set, work)));
  const count = (family: 4 | 6): number => complete.filter(([range]) => range!.start.family === family).length;
  if (count(4) > 1 || count(6) > 1) supportsMany();
  for (const [i, set] of complete.entries())
    for (const [j, other] of complete.slice(i + 1).entries()) {
      work.spend(set.length * other.length);
      if (set.some((range) => other.some((another) => overlap(range, another))))
        fail(`range set ${i} overlaps with ${i + j + 1}`);
    }
  return complete;
}
