/** An interface in a pod's namespace gets the addresses and routes of a result. Source: containernetworking/plugins pkg/ipam/ipam_linux.go. */
import { quoteGo } from '../../../objects/go-quote.ts';
import { FAMILY_BITS, type IP, type IPNet, printIP, printNet } from '../../ip-addresses.ts';
import { fail, wrapping } from '../errors.ts';
import { addAddress, linkNamed, setUp } from '../kernel/links.ts';
import { addRoute, scopeName } from '../kernel/routes.ts';
import type { Link, Namespace } from '../machine.ts';
import type { Route } from '../network-config.ts';
import type { Result, ResultIP } from '../result.ts';

const hexBytes = (value: bigint, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');

/** As Go prints a struct of an address and a mask. `mask`: where it is no mask that a prefix would have. */
export function printDst(dst: IPNet, mask?: string): string {
  const width = FAMILY_BITS[dst.ip.family];
  const ones = ((1n << BigInt(dst.bits)) - 1n) << BigInt(width - dst.bits);
  return `${printIP(dst.ip)} ${mask ?? hexBytes(ones, width / 8)}`;
}

/** A default route that bridge makes itself: its mask is an address of IPv4 as Go keeps it, in sixteen bytes. */
export interface PlannedRoute extends Route {
  mask?: string;
}

function addresses(namespace: Namespace, link: Link, result: Result): { gateways: Record<4 | 6, IP | undefined> } {
  const gateways: Record<4 | 6, IP | undefined> = { 4: undefined, 6: undefined };
  for (const ip of result.ips) {
    if (ip.interface === undefined) continue;
    const prefix = `failed to add IP addr ${printResultIP(ip)} to ${quoteGo(link.name)}`;
    if (result.interfaces[ip.interface]?.name !== link.name) fail(`${prefix}: invalid interface index`);
    wrapping(prefix, () => addAddress(namespace, link, ip.address));
    if (ip.gateway) gateways[ip.gateway.family] ??= ip.gateway;
  }
  return { gateways };
}

const printResultIP = ({ interface: index, address, gateway }: ResultIP): string =>
  `{Interface:${index ?? '<nil>'} Address:{IP:${address ? printNet(address).replace('/', ' Mask:') : '<nil>'}} Gateway:${printIP(gateway)}}`;

/** Throws `CNIError`. */
export function configureInterface(namespace: Namespace, ifname: string, result: Result): void {
  if (result.interfaces.length === 0) fail('no interfaces to configure');
  const link = linkNamed(namespace, ifname) ?? fail(`failed to lookup ${quoteGo(ifname)}: Link not found`);
  const { gateways } = addresses(namespace, link, result);
  setUp(namespace, link);
  for (const route of result.routes as PlannedRoute[]) {
    const { dst, gw, priority, scope, table, mask } = route;
    const family = dst?.ip.family ?? 6;
    const gateway = gw ?? gateways[family];
    const about = `via ${printIP(gateway)} dev ${ifname} metric ${priority}`;
    const where = `(Scope: ${scopeName(scope ?? 0)}, Table: ${table ?? 0})`;
    wrapping(`failed to add route '{${dst ? printDst(dst, mask) : '<nil> <nil>'}} ${about} ${where}'`, () =>
      addRoute(namespace, { dst, family, dev: ifname, gateway, priority, scope, table }),
    );
  }
}
