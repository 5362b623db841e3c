/** The plugin bandwidth: queues that shape what goes to and from a pod. Source: containernetworking/plugins plugins/meta/bandwidth. */
import { drawMAC, hashedName } from '../draws.ts';
import { fail, PluginCrash, wrapping } from '../errors.ts';
import { openNamespace } from '../interfaces/veth.ts';
import { ERRNO } from '../kernel/errno.ts';
import { deleteLink, linkNamed } from '../kernel/links.ts';
import type { Link, Machine, Qdisc } from '../machine.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, newInterface, printResult, type Result } from '../result.ts';
import { decode, optional, type Read, struct, uint } from '../shape.ts';
import { versionsFrom } from '../versions.ts';
import { previousOf } from './previous.ts';

const IFB_NAME_LENGTH = 15;
const LATENCY_US = 25_000;
const MICROSECONDS = 1_000_000;
/** Of the kernel's clock for queues. */
const TICKS_IN_US = 15.625;
export const MAX_BURST_BYTES = 2 ** 32 - 1;

const LIMITS = { ingressRate: uint, ingressBurst: uint, egressRate: uint, egressBurst: uint };
const limitsShape = struct('main.BandwidthEntry', LIMITS);
type Limits = Read<typeof limitsShape>;

const shape = struct('main.PluginConf', {
  ...NETWORK_FIELDS,
  runtimeConfig: struct('struct', { bandwidth: optional(limitsShape) }),
  ingressRate: optional(uint),
  ingressBurst: optional(uint),
  egressRate: optional(uint),
  egressBurst: optional(uint),
});

function checkLimit(rate: number, burst: number): void {
  if (burst === 0 && rate !== 0) fail('if rate is set, burst must also be set');
  if (rate === 0 && burst !== 0) fail('if burst is set, rate must also be set');
  if (Math.floor(burst / 8) >= MAX_BURST_BYTES) fail('burst cannot be more than 4GB');
}

/** The configuration's own limits count before the runtime's. */
function limitsOf(config: Read<typeof shape>): Limits | undefined {
  const { ingressRate, ingressBurst, egressRate, egressBurst } = config;
  if ([ingressRate, ingressBurst, egressRate, egressBurst].every((value) => value === undefined))
    return config.runtimeConfig.bandwidth;
  return {
    ingressRate: ingressRate ?? 0,
    ingressBurst: ingressBurst ?? 0,
    egressRate: egressRate ?? 0,
    egressBurst: egressBurst ?? 0,
  };
}

function load({ config, environment }: PluginCall) {
  const read = wrapping('failed to parse network configuration', () => decode(shape, config));
  const limits = limitsOf(read);
  if (limits) {
    checkLimit(limits.ingressRate, limits.ingressBurst);
    checkLimit(limits.egressRate, limits.egressBurst);
  }
  const isLimited = limits !== undefined && Object.values(limits).some((value) => value !== 0);
  return {
    cniVersion: read.cniVersion,
    previous: previousOf(read.cniVersion, read.prevResult),
    limits: isLimited ? limits : undefined,
    ifb: hashedName('bwp', read.name + environment.containerID, IFB_NAME_LENGTH),
  };
}

/** A token bucket, with the numbers as `tc` computes them back from what the kernel keeps. `rate`, `burst`: in bits. */
function tokenBucket(rate: number, burst: number): Qdisc {
  const bytesPerSecond = Math.floor(rate / 8);
  const burstBytes = Math.floor(burst / 8);
  const ticks = Math.trunc(Math.trunc((burstBytes * MICROSECONDS) / bytesPerSecond) * TICKS_IN_US);
  const microseconds = Math.trunc(ticks / TICKS_IN_US);
  const limit = Math.trunc((bytesPerSecond * LATENCY_US) / MICROSECONDS) + burstBytes;
  return {
    kind: 'tbf',
    handle: '1:',
    root: true,
    options: {
      rate: bytesPerSecond,
      burst: Math.trunc((bytesPerSecond * microseconds) / MICROSECONDS),
      lat: Math.trunc((MICROSECONDS * limit) / bytesPerSecond - microseconds),
    },
  };
}

const isSameBucket = (a: Qdisc, b: Qdisc): boolean =>
  a.options.rate === b.options.rate && a.options.burst === b.options.burst;

const hasRoot = ({ qdiscs }: Link): boolean => qdiscs?.some(({ root }) => root) ?? false;

function addQdisc(link: Link, qdisc: Qdisc, prefix: string): void {
  const isTaken = qdisc.root ? hasRoot(link) : link.qdiscs?.some(({ kind }) => kind === qdisc.kind);
  if (isTaken) fail(`${prefix}: ${ERRNO.EEXIST}`);
  link.qdiscs = [...(link.qdiscs ?? []), qdisc];
}

/** The host's end of the pod's interface, which must be one of the result's. */
function hostLink({ machine, environment: { netns, ifname } }: PluginCall, { interfaces }: Result): Link {
  const namespace = openNamespace(machine, netns);
  if (interfaces.length === 0) fail('no interfaces provided');
  const inside = linkNamed(namespace, ifname);
  const why = inside
    ? `interface "${ifname}" was not a veth interface`
    : `could not look up "${ifname}": Link not found`;
  if (!inside?.peer) return fail(`container interface ${ifname} has no veth peer: ${why}`);
  const { name } = inside.peer;
  const outside = linkNamed(machine.network.host, name);
  if (!outside || !interfaces.some((one) => one.sandbox === '' && one.name === name))
    return fail('no veth peer of container interface found in host ns');
  return outside;
}

/** What leaves the pod is shaped on a device of its own, to which it is redirected. */
function shapeEgress(machine: Machine, outside: Link, name: string, limits: Limits, result: Result): void {
  const { host } = machine.network;
  if (linkNamed(host, name)) fail(`adding link: ${ERRNO.EEXIST}`);
  const ifb: Link = { name, type: 'ifb', mtu: outside.mtu, mac: drawMAC(machine, name), up: true, addresses: [] };
  host.links.push(ifb);
  result.interfaces.push(newInterface(name, ifb.mac));
  const ingress: Qdisc = { kind: 'ingress', handle: 'ffff:', parent: 'ffff:fff1', options: {} };
  addQdisc(outside, ingress, 'create ingress qdisc');
  addQdisc(ifb, tokenBucket(limits.egressRate, limits.egressBurst), 'create ifb qdisc: create qdisc');
}

function checkBucket(link: Link, rate: number, burst: number): void {
  const expected = tokenBucket(rate, burst);
  for (const qdisc of link.qdiscs ?? []) {
    if (qdisc.kind !== 'tbf') break;
    if (qdisc.options.rate !== expected.options.rate) fail("Rate doesn't match");
    if (qdisc.options.lat !== expected.options.lat) fail("Limit doesn't match");
    if (!isSameBucket(qdisc, expected)) fail("Buffer doesn't match");
  }
}

export const bandwidth: Plugin = {
  versions: versionsFrom('0.3.0'),

  add(call) {
    const { cniVersion, previous, limits, ifb } = load(call);
    if (!limits) {
      // The program follows a pointer to nothing here.
      if (!previous) throw new PluginCrash('no previous result to print');
      return printResult(convertResult(previous.given, cniVersion));
    }
    if (!previous) return fail('must be called as chained plugin');
    const result = { ...previous.current, interfaces: [...previous.current.interfaces] };
    const outside = hostLink(call, result);
    if (limits.ingressRate > 0) addQdisc(outside, tokenBucket(limits.ingressRate, limits.ingressBurst), 'create qdisc');
    if (limits.egressRate > 0) shapeEgress(call.machine, outside, ifb, limits, result);
    return printResult(convertResult(result, cniVersion));
  },

  del(call) {
    const { ifb } = load(call);
    const { machine } = call;
    const link = linkNamed(machine.network.host, ifb);
    if (link) deleteLink(machine, machine.network.host, link);
  },

  check(call) {
    const { previous, limits, ifb } = load(call);
    if (!previous) return fail('must be called as a chained plugin');
    const outside = hostLink(call, previous.current);
    if (!limits) return undefined;
    if (limits.ingressRate > 0) checkBucket(outside, limits.ingressRate, limits.ingressBurst);
    if (limits.egressRate === 0) return undefined;
    const link = linkNamed(call.machine.network.host, ifb) ?? fail('get ifb device: Link not found');
    return checkBucket(link, limits.egressRate, limits.egressBurst);
  },
};
