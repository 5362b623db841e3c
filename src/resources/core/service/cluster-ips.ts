/** Cluster addresses that a Service is given, or has asked for. */

import type { StageContext } from '../../../catalog/strategy.ts';
import { invalid } from '../../../objects/field-error.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import type { ServiceCIDR } from '../../../objects/generated/networking-v1.gen.ts';
import { formatIP, parseCIDR } from '../../../objects/ip.ts';
import { internalError } from '../../../objects/status.ts';
import { hasAddress, readyRanges, SERVICE_CIDRS } from '../../networking/service-ranges.ts';
import { clamp, familyOf, needsClusterIP, others, rangeOf, refuse } from './allocation-words.ts';

/** Random choices come from the upper part of a range first, so that the lower can be asked for by number. */
export const RESERVED_MAX = 256;

export const RESERVED_MIN = 16;

const RESERVED_STEP = 16;

/** A free address: of the first range that has one, anywhere above its reserved part, else in it. */
function freeIP(family: string, taken: ReadonlySet<string>, context: StageContext): string | undefined {
  for (const range of rangesOf(family, context)) {
    const ip = freeIn(range, taken, context);
    if (ip) return ip;
  }
  return undefined;
}

/** The cluster's own range, and then those of its ServiceCIDRs. */
function rangesOf(family: string, context: StageContext): string[] {
  const others = readyRanges(context.view.list(SERVICE_CIDRS) as ServiceCIDR[]);
  const same = others.filter((range) => familyOf(range.split('/')[0] ?? '') === family);
  return [...new Set([rangeOf(family, context), ...same])];
}

function freeIn(range: string, taken: ReadonlySet<string>, context: StageContext): string | undefined {
  const prefix = parseCIDR(range);
  if (!prefix) return undefined;
  const width = (prefix.address.family === 4 ? 32 : 128) - prefix.bits;
  // Without the network's own address and, for IPv4, the broadcast address.
  const size = Math.min(2 ** width, 2 ** 32) - (prefix.address.family === 4 ? 2 : 1);
  const reserved = size < RESERVED_MIN ? 0 : clamp(Math.floor(size / RESERVED_STEP), RESERVED_MIN, RESERVED_MAX);
  const at = (offset: number): string => formatIP(prefix.address.family, prefix.network + BigInt(offset + 1));
  for (const [from, to] of [
    [reserved, size],
    [0, reserved],
  ] as const) {
    if (to <= from) continue;
    const start = context.random.integer(to - from);
    for (let i = 0; i < to - from; i++) {
      const ip = at(from + ((start + i) % (to - from)));
      if (!taken.has(ip)) return ip;
    }
  }
  return undefined;
}

/** What a dry run shows: it does not look for a free one. */
function networkAddress(family: string, context: StageContext): string | undefined {
  const prefix = parseCIDR(rangeOf(family, context));
  return prefix && formatIP(prefix.address.family, prefix.network);
}

export function allocateIPs(service: Service, context: StageContext): void {
  const { spec } = service;
  if (!needsClusterIP(spec) || spec.clusterIPs?.[0] === 'None') return;
  const taken = new Set<string>(others(service, context).flatMap((s) => s.spec?.clusterIPs ?? []));
  const ips: string[] = [...(spec.clusterIPs ?? [])];
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    const asked = ips[i];
    if (asked) {
      const words = unavailable(asked, taken, context);
      if (words) throw refuse(service, [invalid('spec.clusterIPs', ips, `failed to allocate IP ${asked}: ${words}`)]);
      continue;
    }
    const ip = context.dryRun ? networkAddress(family, context) : freeIP(family, taken, context);
    if (!ip)
      throw internalError(`failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`);
    taken.add(ip);
    ips[i] = ip;
  }
  spec.clusterIPs = ips;
  spec.clusterIP = ips[0];
}

function unavailable(ip: string, taken: ReadonlySet<string>, context: StageContext): string | undefined {
  const family = familyOf(ip);
  // A dry run asks one allocator, a write looks for one whose range has the address.
  if (context.dryRun) {
    const cidr = rangeOf(family, context);
    if (hasAddress(cidr, ip)) return undefined;
    return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidr}`;
  }
  if (!rangesOf(family, context).some((range) => hasAddress(range, ip)))
    return 'the provided network does not match the current range';
  return taken.has(ip) ? 'provided IP is already allocated' : undefined;
}
