/** The IPAM plugin host-local: addresses from ranges, kept in files. Source: containernetworking/plugins plugins/ipam/host-local. */
import { type IP, isSameIP, printIP } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { NETWORK_FIELDS } from '../network-config.ts';
import type { Plugin, PluginCall } from '../plugin.ts';
import { convertResult, emptyResult, NO_DNS, printResult, type ResultIP } from '../result.ts';
import { decode, struct } from '../shape.ts';
import { ALL_VERSIONS } from '../versions.ts';
import { allocate } from './allocation.ts';
import { type HostLocalConfig, loadHostLocalConfig } from './host-local-config.ts';
import { contains } from './range.ts';
import { Reservations } from './reservations.ts';
import { readResolvConf } from './resolv-conf.ts';

const netConfShape = struct('types.PluginConf', NETWORK_FIELDS);

function dnsOf({ resolvConf }: HostLocalConfig, { machine }: PluginCall) {
  if (resolvConf === '') return NO_DNS;
  const text = Object.hasOwn(machine.files, resolvConf) ? machine.files[resolvConf] : undefined;
  return text === undefined ? fail(`open ${resolvConf}: no such file or directory`) : readResolvConf(text);
}

/** One address of each set; those that are asked for go to the sets that have them. */
function allocateAll(config: HostLocalConfig, call: PluginCall, store: Reservations): ResultIP[] {
  const { containerID, ifname } = call.environment;
  let wanted = config.wanted.filter((ip, i, all) => all.findIndex((other) => isSameIP(other, ip)) === i);
  const ips: ResultIP[] = [];
  const release = (): void => {
    if (ips.length > 0) store.release(containerID, ifname);
  };
  for (const [set, ranges] of config.ranges.entries()) {
    const own: IP | undefined = wanted.find((ip) => ranges.some((range) => contains(range, ip)));
    wanted = wanted.filter((ip) => ip !== own);
    try {
      const given = wrapping(`failed to allocate for range ${set}`, () =>
        allocate(store, ranges, { containerID, ifname, set }, own),
      );
      ips.push({ interface: undefined, ...given });
    } catch (error) {
      release();
      throw error;
    }
  }
  if (wanted.length > 0) {
    release();
    fail(`failed to allocate all requested IPs: ${wanted.map(printIP).join(' ')}`);
  }
  return ips;
}

const storeOf = ({ name, dataDir }: HostLocalConfig, { machine }: PluginCall): Reservations =>
  new Reservations(machine, dataDir, name);

export const hostLocal: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const config = loadHostLocalConfig(call);
    const dns = dnsOf(config, call);
    const ips = allocateAll(config, call, storeOf(config, call));
    return printResult(convertResult({ ...emptyResult(), ips, routes: config.routes, dns }, config.cniVersion));
  },

  /** Whatever is reserved for the container will do. */
  check(call) {
    const { containerID, ifname } = call.environment;
    if (!storeOf(loadHostLocalConfig(call), call).has(containerID, ifname))
      fail(`host-local: Failed to find address added by container ${containerID}`);
  },

  del(call) {
    const { containerID, ifname } = call.environment;
    const config = loadHostLocalConfig(call);
    const store = storeOf(config, call);
    for (const _set of config.ranges) store.release(containerID, ifname);
  },

  gc(call) {
    const store = storeOf(loadHostLocalConfig(call), call);
    const net = wrapping('failed to parse network config', () => decode(netConfShape, call.config));
    store.releaseExcept(net['cni.dev/valid-attachments'] ?? []);
  },
};
