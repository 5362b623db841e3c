/** host-local's configuration: its own part, and the addresses that are asked for in three places. */
import { type IP, readIP, readNet } from '../../ip-addresses.ts';
import { loadArgs } from '../environment.ts';
import { fail, PluginCrash } from '../errors.ts';
import { type Route, routeShape } from '../network-config.ts';
import type { PluginCall } from '../plugin.ts';
import { decode, list, optional, type Read, struct, text, textual } from '../shape.ts';
import { isAtLeast } from '../versions.ts';
import { completeSets, RANGE_FIELDS, type RangeSet, rangeSetsShape } from './range.ts';

const refusal = (value: string): string => `invalid IP address ${value}`;
/** With or without a prefix. */
const readWanted = (value: string): IP | undefined => (value.includes('/') ? readNet(value)?.ip : readIP(value));
const wantedShape = list(textual('ip.IP', readWanted, refusal), '[]*ip.IP');

const ipamShape = struct('allocator.IPAMConfig', {
  ...RANGE_FIELDS,
  name: text,
  type: text,
  routes: list(routeShape, '[]*types.Route'),
  dataDir: text,
  resolvConf: text,
  ranges: rangeSetsShape,
});

const netShape = struct('allocator.Net', {
  name: text,
  cniVersion: text,
  ipam: optional(ipamShape),
  runtimeConfig: struct('struct', { ipRanges: rangeSetsShape, ips: wantedShape }),
  args: optional(struct('struct', { cni: optional(struct('allocator.IPAMArgs', { ips: wantedShape })) })),
});

export interface HostLocalConfig {
  cniVersion: string;
  name: string;
  dataDir: string;
  resolvConf: string;
  ranges: RangeSet[];
  routes: Route[];
  wanted: IP[];
}

type Net = Read<typeof netShape>;
type IPAM = NonNullable<Net['ipam']>;

function readNetConfig(config: unknown): Omit<Net, 'ipam'> & { ipam: IPAM } {
  const { ipam, ...net } = decode(netShape, config);
  return ipam ? { ...net, ipam } : fail("IPAM config missing 'ipam' key");
}

/** From CNI_ARGS, from `args`, and from the runtime, in this order. */
function wantedIPs({ args, runtimeConfig }: Pick<Net, 'args' | 'runtimeConfig'>, cniArgs: string): IP[] {
  const wanted: (IP | undefined)[] = [];
  loadArgs(cniArgs, {
    IP(value) {
      if (value !== '') wanted.push(readWanted(value) ?? fail(refusal(value)));
    },
  });
  wanted.push(...(args?.cni?.ips ?? []), ...(runtimeConfig.ips ?? []));
  return wanted.map((ip) => {
    // The program follows a pointer to nothing here.
    if (!ip) throw new PluginCrash('an address that is null');
    return ip;
  });
}

/** Throws `CNIError`. */
export function loadHostLocalConfig({ config, environment, machine }: PluginCall): HostLocalConfig {
  const net = readNetConfig(config);
  const { ipam, cniVersion } = net;
  const wanted = wantedIPs(net, environment.args);
  const { rangeStart, rangeEnd, subnet, gateway } = ipam;
  const written = [
    ...(net.runtimeConfig.ipRanges ?? []),
    ...(subnet ? [[{ rangeStart, rangeEnd, subnet, gateway }]] : []),
    ...(ipam.ranges ?? []),
  ];
  if (written.length === 0) fail('no IP ranges specified');
  const supportsMany = (): boolean =>
    isAtLeast(cniVersion, '0.3.0') || fail(`CNI version ${cniVersion} does not support more than 1 address per family`);
  return {
    cniVersion,
    name: net.name,
    dataDir: ipam.dataDir,
    resolvConf: ipam.resolvConf,
    ranges: completeSets(written, supportsMany, machine.work),
    routes: ipam.routes ?? [],
    wanted,
  };
}
