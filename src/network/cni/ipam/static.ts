/** The IPAM plugin static: the addresses that the configuration or the runtime say. Source: containernetworking/plugins plugins/ipam/static. */
import { type IP, type IPNet, isIn, isSameIP, networkOf, printIP, readIP, readNet } from '../../ip-addresses.ts';
import { loadArgs } from '../environment.ts';
import { fail } from '../errors.ts';
import { dnsShape, ipShape, NETWORK_FIELDS, routeShape } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, emptyResult, printResult, readPrevResult, toCurrent } from '../result.ts';
import { decode, list, optional, struct, text } from '../shape.ts';
import { ALL_VERSIONS, isAtLeast } from '../versions.ts';

const netShape = struct('main.Net', {
  name: text,
  cniVersion: text,
  ipam: optional(
    struct('main.IPAMConfig', {
      type: text,
      routes: list(routeShape, '[]*types.Route'),
      addresses: list(struct('main.Address', { address: text, gateway: ipShape }), '[]main.Address'),
      dns: dnsShape,
    }),
  ),
  runtimeConfig: struct('struct', { ips: list(text) }),
  args: optional(struct('struct', { cni: optional(struct('main.IPAMArgs', { ips: list(text) })) })),
});

const networkShape = struct('types.PluginConf', NETWORK_FIELDS);

interface Address {
  written: string;
  /** Read at once where it comes from the runtime, else when all are checked. */
  net?: IPNet;
  gateway: IP | undefined;
}

function fromArgs(args: string, addresses: Address[]): void {
  const given = { IP: '', GATEWAY: '' };
  loadArgs(args, {
    IP: (value) => {
      given.IP = value;
    },
    GATEWAY: (value) => {
      given.GATEWAY = value;
    },
  });
  const parts = (value: string): string[] => (value === '' ? [] : value.split(',').map((part) => part.trim()));
  for (const written of parts(given.IP)) {
    const net = readNet(written) ?? fail(`the 'ip' field is expected to be in CIDR notation, got: '${written}'`);
    addresses.push({ written, net, gateway: undefined });
  }
  for (const written of given.GATEWAY === '' ? [] : given.GATEWAY.split(',')) {
    const gateway = readIP(written.trim()) ?? fail(`invalid gateway address: ${written}`);
    for (const address of addresses)
      if (address.net && isIn(networkOf(address.net), gateway)) address.gateway = gateway;
  }
}

const fromList = (written: readonly string[]): Address[] =>
  written.map((one) => {
    const net = readNet(one) ?? fail(`an entry in the 'ips' field is NOT in CIDR notation, got: '${one}'`);
    return { written: one, net, gateway: undefined };
  });

function load({ config, environment }: PluginCall) {
  const { ipam, args, runtimeConfig, cniVersion } = decode(netShape, config);
  if (!ipam) return fail("IPAM config missing 'ipam' key");
  let addresses: Address[] = (ipam.addresses ?? []).map(({ address, gateway }) => ({ written: address, gateway }));
  fromArgs(environment.args, addresses);
  // What comes later replaces what was there.
  for (const given of [args?.cni?.ips, runtimeConfig.ips]) if (given && given.length > 0) addresses = fromList(given);
  const nets = addresses.map(({ written, net, gateway }) => ({
    address:
      net ?? readNet(written) ?? fail(`the 'address' field is expected to be in CIDR notation, got: '${written}'`),
    gateway,
  }));
  const count = (family: 4 | 6): number => nets.filter(({ address }) => address.ip.family === family).length;
  if ((count(4) > 1 || count(6) > 1) && !isAtLeast(cniVersion, '0.3.0'))
    fail(`CNI version ${cniVersion} does not support more than 1 address per family`);
  return { cniVersion, nets, routes: ipam.routes ?? [], dns: ipam.dns };
}

export const staticIPAM: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const { cniVersion, nets, routes, dns } = load(call);
    const ips = nets.map((net) => ({ interface: undefined, ...net }));
    return printResult(convertResult({ ...emptyResult(), ips, routes, dns }, cniVersion));
  },

  check(call) {
    const { nets } = load(call);
    const { cniVersion, prevResult } = decode(networkShape, call.config);
    if (!prevResult) return fail('Required prevResult missing');
    const { ips } = toCurrent(readPrevResult(cniVersion, prevResult));
    for (const { address, gateway } of nets) {
      const found = ips.find((ip) => isSameIP(ip.address?.ip, address.ip));
      if (found && gateway && !isSameIP(gateway, found.gateway))
        fail(`static: Failed to match addr ${printIP(address.ip)} on interface ${call.environment.ifname}`);
    }
    return undefined;
  },

  del() {
    // Nothing was reserved.
  },
};
