/** The two address ranges of a cluster: IPv4, in their canonical form, apart from one another and from what is no cluster's. */
import { formatCIDR, type Prefix, parseCIDR } from '../../objects/ip.ts';
import { z } from '../zod.ts';

/** Prefix lengths that the ranges may have: room enough for a cluster, and within a private network. */
export const SERVICE_PREFIX = { min: 12, max: 28 } as const;
export const POD_PREFIX = { min: 8, max: 22 } as const;
/** The longest prefix that a node's share of the pods' range may have: it leaves some pods an address. */
export const NODE_SHARE_PREFIX = 28;

export const DEFAULT_SERVICE_CIDR = '10.96.0.0/16';
export const DEFAULT_POD_CIDR = '10.244.0.0/16';

/** Where no pod and no service can be: endpoints there are refused by the API, or belong to the nodes. */
const TAKEN: [cidr: string, what: string][] = [
  ['0.0.0.0/8', 'addresses that name no host'],
  ['127.0.0.0/8', 'the loopback addresses'],
  ['169.254.0.0/16', 'the link-local addresses'],
  ['172.18.0.0/16', "the nodes' own network"],
  ['224.0.0.0/4', 'the multicast addresses'],
  ['240.0.0.0/4', 'the reserved addresses'],
];

/** Undefined for what is no range of IPv4, or one in the form of IPv6. */
function parseV4(text: string): Prefix | undefined {
  const range = parseCIDR(text);
  return range?.address.family === 4 && !range.address.mapped ? range : undefined;
}

/** What is wrong with `text` as a range, or undefined. */
export function cidrProblem(text: string, prefix: { min: number; max: number }): string | undefined {
  const range = parseV4(text);
  if (!range) return 'must be an IPv4 range, e.g. 10.96.0.0/16';
  const canonical = formatCIDR(range);
  // With zeros in front of a number it would be read differently elsewhere.
  if (text !== canonical) return `must begin at the range's first address, and be written as ${canonical}`;
  if (range.bits < prefix.min || range.bits > prefix.max)
    return `must have a prefix length from ${prefix.min} to ${prefix.max}, not ${range.bits}`;
  const taken = TAKEN.find(([other]) => cidrsOverlap(text, other));
  return taken && `must not overlap with ${taken[0]}, ${taken[1]}`;
}

/** Ranges that are none overlap with nothing. */
export function cidrsOverlap(one: string, other: string): boolean {
  const [a, b] = [parseV4(one), parseV4(other)];
  if (!a || !b) return false;
  const shift = BigInt(32 - Math.min(a.bits, b.bits));
  return a.network >> shift === b.network >> shift;
}

/** How many nodes can share a range of pods. A range that is none refuses nothing more. */
export function nodesWithin(podCIDR: string): number {
  const range = parseV4(podCIDR);
  return range ? 2 ** Math.max(0, NODE_SHARE_PREFIX - range.bits) : Number.POSITIVE_INFINITY;
}

const cidr = (prefix: { min: number; max: number }) =>
  z.string().superRefine((text, context) => {
    const message = cidrProblem(text, prefix);
    if (message) context.addIssue({ code: 'custom', message });
  });

/** The two fields wherever they are given, and what must hold of both together. */
export const cidrs = {
  shape: { serviceCIDR: cidr(SERVICE_PREFIX), podCIDR: cidr(POD_PREFIX) },
  apart(given: { serviceCIDR: string; podCIDR: string }, context: z.RefinementCtx): void {
    if (cidrsOverlap(given.serviceCIDR, given.podCIDR))
      context.addIssue({ code: 'custom', path: ['podCIDR'], message: 'must not overlap with serviceCIDR' });
  },
};
