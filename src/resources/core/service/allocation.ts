/**
 * Addresses and ports that the API server gives a Service. What is taken is what other Services have: there is no allocator to keep.
 * Source: k8s.io/kubernetes/pkg/registry/core/service/storage (alloc.go, storage.go).
 */

import type { StageContext } from '../../../catalog/strategy.ts';
import { type FieldError, invalid } from '../../../objects/field-error.ts';
import { sameData } from '../../../objects/go-value.ts';
import { formatIP, parseCIDR, parseIP } from '../../../objects/ip.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { invalid as invalidObject, StatusError } from '../../../objects/status.ts';
import { validateClusterIPs } from './addresses.ts';
import { needsHealthCheck } from './validation.ts';

/** Random choices come from the upper part of a range first, so that the lower can be asked for by number. */
const RESERVED_MAX = 256;
const RESERVED_MIN = 16;
const RESERVED_STEP = 16;
const PORTS_RESERVED_MAX = 128;
const PORTS_RESERVED_STEP = 32;
/** A dry run counts from here: it shows a port, and gives none. */
const DRY_RUN_PORT = 32768;

const refuse = (service: KubeObject, errors: FieldError[]): StatusError =>
  invalidObject('', 'Service', service.metadata.name ?? '', errors);

const internal = (words: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${words}`, { causes: [{ message: words }] });

const familyOf = (ip: string): string => (parseIP(ip)?.family === 6 ? 'IPv6' : 'IPv4');

/** Services other than this one. */
function others(service: KubeObject, context: StageContext): KubeObject[] {
  return context.view
    .list('services')
    .filter((s) => s.metadata.name !== service.metadata.name || s.metadata.namespace !== context.namespace);
}

/** The families that the cluster's ranges have, the default first. */
function configuredFamilies(context: StageContext): string[] {
  return context.serviceCIDR.split(',').map((range) => familyOf(range.split('/')[0] ?? ''));
}

function rangeOf(family: string, context: StageContext): string {
  return (
    context.serviceCIDR.split(',').find((range) => familyOf(range.split('/')[0] ?? '') === family) ??
    context.serviceCIDR
  );
}

/** Fills in `clusterIPs` from the older single field. */
function normalizeIPs(service: KubeObject, old: KubeObject | undefined): void {
  const { spec } = service;
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const before = old.spec;
  if (before.clusterIPs?.length && !spec.clusterIPs?.length && before.clusterIP === spec.clusterIP)
    spec.clusterIPs = [...before.clusterIPs];
  if ((before.clusterIP ?? '') === (spec.clusterIP ?? '')) return;
  if (!sameData(before.clusterIPs, spec.clusterIPs)) return;
  if (before.clusterIP && !spec.clusterIP) delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP];
}

const needsClusterIP = (spec: any): boolean => spec.type !== 'ExternalName';
const needsNodePorts = (spec: any): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** What the client left out of an update stays as it was given. */
function keepAllocated(service: KubeObject, old: KubeObject): void {
  const { spec } = service;
  const before = old.spec;
  if (needsClusterIP(before) && needsClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsNodePorts(before) && needsNodePorts(spec)) {
    const ports: any[] = spec.ports ?? [];
    const used = new Set(ports.map((p) => p.nodePort).filter(Boolean));
    for (const port of ports) {
      if (port.nodePort) continue;
      const own = (before.ports ?? []).find((p: any) => (p.name ?? '') === (port.name ?? ''));
      if (own?.nodePort && !used.has(own.nodePort)) port.nodePort = own.nodePort;
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort;
}

function settleFamilies(service: KubeObject, old: KubeObject | undefined, context: StageContext): void {
  const { spec } = service;
  if (!needsClusterIP(spec)) return;
  const configured = configuredFamilies(context);
  const selectorless = spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (selectorless ? 'RequireDualStack' : 'SingleStack');
  const wrong = validateClusterIPs(service, old);
  if (wrong.length > 0) throw refuse(service, wrong);
  const single = spec.ipFamilyPolicy === 'SingleStack';
  const errors: FieldError[] = [];
  const ips: string[] = spec.clusterIPs ?? [];
  if (single && ips.length === 2)
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
      ),
    );
  if (single && spec.ipFamilies?.length === 2)
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ),
    );
  for (const [i, ip] of ips.entries()) {
    if (ip === 'None') break;
    if (i < (spec.ipFamilies?.length ?? 0)) continue;
    const family = familyOf(ip);
    if (configured.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else errors.push(invalid(`spec.clusterIPs[${i}]`, ips, `${family} is not configured on this cluster`));
  }
  if (errors.length > 0) throw refuse(service, errors);
  const other = (family: string): string => (family === 'IPv4' ? 'IPv6' : 'IPv4');
  if (selectorless) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
    if (spec.ipFamilies.length < 2 && !single) spec.ipFamilies = [spec.ipFamilies[0], other(spec.ipFamilies[0])];
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2)
    errors.push(
      invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    );
  for (const [i, family] of (spec.ipFamilies ?? []).entries())
    if (!configured.includes(family))
      errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  if (errors.length > 0) throw refuse(service, errors);
  if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
  if (!single && spec.ipFamilies.length === 1 && configured.length === 2)
    spec.ipFamilies = [spec.ipFamilies[0], other(spec.ipFamilies[0])];
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** A free address: anywhere above the reserved part, else in it. */
function freeIP(family: string, taken: ReadonlySet<string>, context: StageContext): string | undefined {
  const prefix = parseCIDR(rangeOf(family, context));
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

function allocateIPs(service: KubeObject, context: StageContext): void {
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
    if (!ip) throw internal(`failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`);
    taken.add(ip);
    ips[i] = ip;
  }
  spec.clusterIPs = ips;
  spec.clusterIP = ips[0];
}

function unavailable(ip: string, taken: ReadonlySet<string>, context: StageContext): string | undefined {
  const cidr = rangeOf(familyOf(ip), context);
  if (!isUsable(ip, cidr))
    // A dry run asks one allocator, a write looks for one whose range has the address.
    return context.dryRun
      ? `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidr}`
      : 'the provided network does not match the current range';
  return taken.has(ip) && !context.dryRun ? 'provided IP is already allocated' : undefined;
}

/** Inside the range, and neither the network's own address nor, for IPv4, the broadcast address. */
function isUsable(ip: string, cidr: string): boolean {
  const address = parseIP(ip);
  const range = parseCIDR(cidr);
  if (!address || !range || address.family !== range.address.family) return false;
  const width = BigInt((range.address.family === 4 ? 32 : 128) - range.bits);
  if ((address.value >> width) << width !== range.network) return false;
  const last = range.network + (1n << width) - 1n;
  return address.value !== range.network && !(range.address.family === 4 && address.value === last);
}

/** Node ports in use by other Services, and those given out in this request. */
class PortPool {
  readonly #taken: Set<number>;
  readonly #context: StageContext;
  /** The highest that this request has taken. */
  #last: number | undefined;

  constructor(service: KubeObject, context: StageContext) {
    this.#context = context;
    this.#taken = new Set();
    for (const { spec } of others(service, context)) {
      for (const port of spec?.ports ?? []) if (port.nodePort) this.#taken.add(port.nodePort);
      if (spec?.healthCheckNodePort) this.#taken.add(spec.healthCheckNodePort);
    }
  }

  /** A port that the Service has already. */
  keep(port: number): void {
    this.#taken.add(port);
  }

  /** What is wrong with a port that was asked for. */
  take(port: number): string | undefined {
    const [low, high] = this.#context.nodePortRange;
    // A dry run asks for the port only, not for its place in the range.
    if (!this.#context.dryRun && (port < low || port > high))
      return `provided port is not in the valid range. The range of valid ports is ${low}-${high}`;
    if (this.#taken.has(port)) return 'provided port is already allocated';
    this.#taken.add(port);
    this.#last = Math.max(this.#last ?? 0, port);
    return undefined;
  }

  next(): number {
    if (this.#context.dryRun) {
      this.#last = (this.#last ?? DRY_RUN_PORT) + 1;
      return this.#last;
    }
    const [low, high] = this.#context.nodePortRange;
    const size = high - low + 1;
    const reserved =
      size < PORTS_RESERVED_MAX ? 0 : clamp(Math.floor(size / PORTS_RESERVED_STEP), 16, PORTS_RESERVED_MAX);
    for (const [from, to] of [
      [reserved, size],
      [0, reserved],
    ] as const) {
      if (to <= from) continue;
      const start = this.#context.random.integer(to - from);
      for (let i = 0; i < to - from; i++) {
        const port = low + from + ((start + i) % (to - from));
        if (this.#taken.has(port)) continue;
        this.#taken.add(port);
        return port;
      }
    }
    throw internal('failed to allocate a nodePort: range is full');
  }
}

function allocatePorts(service: KubeObject, old: KubeObject | undefined, context: StageContext): void {
  const { spec } = service;
  const pool = new PortPool(service, context);
  const mine = new Set<number>((old?.spec.ports ?? []).map((p: any) => p.nodePort).filter(Boolean));
  for (const port of mine) pool.keep(port);
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    /** Ports of one number, in several protocols, share a node port. */
    const shared = new Map<number, number>();
    for (const [i, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort && !needsNodePorts(spec)) continue;
      const together = old ? undefined : shared.get(port.port);
      const asked: number =
        port.nodePort ||
        together ||
        (old ? 0 : ((spec.ports.find((p: any) => p.port === port.port && p.nodePort)?.nodePort as number) ?? 0));
      if (asked && asked !== together && !mine.has(asked)) {
        const words = pool.take(asked);
        if (words) throw refuse(service, [invalid(`spec.ports[${i}].nodePort`, asked, words)]);
        mine.add(asked);
      }
      port.nodePort = asked || pool.next();
      if (!shared.has(port.port)) shared.set(port.port, port.nodePort);
    }
  }
  if (!needsHealthCheck(spec) || (old && needsHealthCheck(old.spec))) return;
  if (!spec.healthCheckNodePort) {
    spec.healthCheckNodePort = pool.next();
    return;
  }
  const words = pool.take(spec.healthCheckNodePort);
  if (words) throw internal(`failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${words}`);
}

/** Gives the Service its addresses and ports, before it is validated. */
export function allocate(service: KubeObject, old: KubeObject | undefined, context: StageContext): void {
  if (old) keepAllocated(service, old);
  normalizeIPs(service, old);
  settleFamilies(service, old, context);
  if (!old || old.spec.type === 'ExternalName') allocateIPs(service, context);
  allocatePorts(service, old, context);
}
