/** The plugin portmap: ports of the host that lead to a pod's. Source: containernetworking/plugins plugins/meta/portmap. */
import type { IPNet } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { routeTo } from '../kernel/routes.ts';
import type { Machine } from '../machine.ts';
import type { Plugin } from '../plugin.ts';
import { convertResult, printResult } from '../result.ts';
import { ALL_VERSIONS } from '../versions.ts';
import { loadPortmapConfig, type PortmapConfig } from './portmap-config.ts';
import { checkByIPTables, forwardByIPTables, unforwardByIPTables } from './portmap-iptables.ts';
import { checkByNFTables, forwardByNFTables, unforwardByNFTables } from './portmap-nftables.ts';

interface Backend {
  forward(machine: Machine, config: PortmapConfig, net: IPNet): void;
  check(machine: Machine, config: PortmapConfig, net: IPNet): void;
  unforward(machine: Machine, config: PortmapConfig): void;
}

const BACKENDS: Record<PortmapConfig['backend'], Backend> = {
  iptables: { forward: forwardByIPTables, check: checkByIPTables, unforward: unforwardByIPTables },
  nftables: { forward: forwardByNFTables, check: checkByNFTables, unforward: unforwardByNFTables },
};

const addressesOf = ({ addresses }: PortmapConfig): IPNet[] => [addresses[4] ?? [], addresses[6] ?? []].flat();

/** What comes from the host's own loopback may be routed to the pod. */
function routeLocalnet({ network: { host } }: Machine, { addresses, snat }: PortmapConfig): void {
  const dev = snat && addresses[4] ? routeTo(host, addresses[4].ip)?.dev : undefined;
  if (dev !== undefined) host.sysctls[`net.ipv4.conf.${dev}.route_localnet`] = '1';
}

export const portmap: Plugin = {
  versions: ALL_VERSIONS,

  add(call) {
    const config = wrapping('failed to parse config', () => loadPortmapConfig(call));
    if (!config.previous) return fail('must be called as chained plugin');
    const { forward } = BACKENDS[config.backend];
    if (config.mappings.length > 0) {
      for (const net of addressesOf(config)) forward(call.machine, config, net);
      routeLocalnet(call.machine, config);
    }
    return printResult(convertResult(config.previous.given, config.cniVersion));
  },

  /** Of both families, whatever the pod had. */
  del(call) {
    const config = wrapping('failed to parse config', () => loadPortmapConfig(call));
    if (config.mappings.length > 0) BACKENDS[config.backend].unforward(call.machine, config);
  },

  check(call) {
    const config = loadPortmapConfig(call);
    if (!config.previous) fail('Required prevResult missing');
    const { check } = BACKENDS[config.backend];
    if (config.mappings.length > 0) for (const net of addressesOf(config)) check(call.machine, config, net);
  },
};
