/** The two address ranges of a cluster: IPv4, in their canonical form, apart from one another and from what is no cluster's. */
import ipaddr from 'ipaddr.js';
import { z } from './zod.ts';

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

/** What is wrong with `text` as a range, or undefined. */
export function cidrProblem(text: string, prefix: { min: number; max: number }): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(text)) return 'must be an IPv4 range, e.g. 10.96.0.0/16';
  const [, length] = ipaddr.IPv4.parseCIDR(text);
  const canonical = `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${length}`;
  // Other ways to write it (hexadecimal, octal, with fewer numbers) would be read differently elsewhere.
  if (text !== canonical) return `must begin at the range's first address, and be written as ${canonical}`;
  if (length < prefix.min || length > prefix.max)
    return `must have a prefix length from ${prefix.min} to ${prefix.max}, not ${length}`;
  const taken = TAKEN.find(([other]) => cidrsOverlap(text, other));
  return taken && `must not overlap with ${taken[0]}, ${taken[1]}`;
}

/** Ranges that are none overlap with nothing. */
export function cidrsOverlap(one: string, other: string): boolean {
  if (!ipaddr.IPv4.isValidCIDR(one) || !ipaddr.IPv4.isValidCIDR(other)) return false;
  const [a, b] = [ipaddr.IPv4.parseCIDR(one), ipaddr.IPv4.parseCIDR(other)];
  const length = Math.min(a[1], b[1]);
  return a[0].match(b[0], length);
}

/** How many nodes can share a range of pods. A range that is none refuses nothing more. */
export function nodesWithin(podCIDR: string): number {
  if (!ipaddr.IPv4.isValidCIDR(podCIDR)) return Number.POSITIVE_INFINITY;
  return 2 ** Math.max(0, NODE_SHARE_PREFIX - ipaddr.IPv4.parseCIDR(podCIDR)[1]);
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
