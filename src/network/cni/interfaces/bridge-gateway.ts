/** The bridge as its pods' gateway: which addresses that takes, and the bridge getting them. */
import { quoteGo } from '../../../objects/go-quote.ts';
import { firstOf, type IPNet, isIn, networkOf, printNet } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { unlessThere } from '../kernel/errno.ts';
import { addAddress, addressesOf, deleteAddress, pinMAC } from '../kernel/links.ts';
import { FORWARDING, type Link, type Machine } from '../machine.ts';
import type { Result } from '../result.ts';
import type { BridgeConfig } from './bridge-config.ts';
import type { PlannedRoute } from './configure.ts';

/** The pod's interface among those of the result. */
const CONTAINER_INTERFACE = 2;
/** 0.0.0.0 as Go keeps it. */
const V4_ZERO_MASK = '00000000000000000000ffff00000000';

/** Completes the result: the interface of each address, its gateway, default routes. The addresses that the bridge is to have. */
export function planGateways(result: Result, { isGateway, isDefaultGateway }: BridgeConfig): Record<4 | 6, IPNet[]> {
  const planned: Record<4 | 6, IPNet[]> = { 4: [], 6: [] };
  const hasDefault = new Set<4 | 6>();
  for (const ip of result.ips) {
    const { address } = ip;
    if (!address) return fail('Unknown IP object: <nil>');
    const { family } = address.ip;
    ip.interface = CONTAINER_INTERFACE;
    if (!ip.gateway && isGateway) ip.gateway = firstOf(address);
    if (isDefaultGateway && !hasDefault.has(family)) {
      // A default route that leaves the gateway to the address does not count.
      const isThere = result.routes.some(
        ({ dst, gw }) => gw && dst && dst.bits === 0 && dst.ip.value === 0n && dst.ip.family === family,
      );
      if (!isThere) result.routes = [...result.routes, defaultRoute(family, ip.gateway)];
      hasDefault.add(family);
    }
    if (isGateway && ip.gateway) planned[family].push({ ip: ip.gateway, bits: address.bits });
  }
  return planned;
}

const defaultRoute = (family: 4 | 6, gw: PlannedRoute['gw']): PlannedRoute => ({
  dst: { ip: { family, value: 0n }, bits: 0 },
  gw,
  mtu: 0,
  advmss: 0,
  priority: 0,
  table: undefined,
  scope: undefined,
  ...(family === 4 ? { mask: V4_ZERO_MASK } : {}),
});

/** `mac`: what the bridge had before the pod's port came, and keeps from now on. */
function ensureAddress(machine: Machine, bridge: Link, net: IPNet, mac: string, isForced: boolean): void {
  const { host } = machine.network;
  const { family } = net.ip;
  const shown = printNet(net);
  for (const other of addressesOf(bridge, family)) {
    if (printNet(other) === shown) break;
    if (family === 6 && !isIn(networkOf(other), net.ip) && !isIn(networkOf(net), other.ip)) continue;
    if (!isForced) fail(`${quoteGo(bridge.name)} already has an IP address different from ${shown}`);
    deleteAddress(host, bridge, other);
  }
  unlessThere(() => addAddress(host, bridge, net));
  wrapping("could not set bridge's mac", () => pinMAC(machine, bridge, mac));
}

/** Throws `CNIError`. */
export function makeGateway(
  machine: Machine,
  { bridge, mac }: { bridge: Link; mac: string },
  planned: Record<4 | 6, IPNet[]>,
  isForced: boolean,
): void {
  for (const family of [4, 6] as const) {
    for (const net of planned[family])
      wrapping('failed to set bridge addr', () => ensureAddress(machine, bridge, net, mac, isForced));
    if (planned[family].length > 0) machine.network.host.sysctls[FORWARDING[family]] = '1';
  }
}
