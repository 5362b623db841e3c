/** Whether what a result says is there: addresses and routes of a pod's interface. Source: containernetworking/plugins pkg/ip/utils_linux.go. */
import { isSameIP, networkOf, printIP, printNet } from '../../ip-addresses.ts';
import { fail } from '../errors.ts';
import { addressesOf, linkNamed } from '../kernel/links.ts';
import { routesFor } from '../kernel/routes.ts';
import type { Namespace } from '../machine.ts';
import type { Route } from '../network-config.ts';
import type { Result } from '../result.ts';
import { printDst } from './configure.ts';

function expectAddresses(namespace: Namespace, ifname: string, { ips }: Result): void {
  for (const { address, gateway } of ips) {
    const link = linkNamed(namespace, ifname) ?? fail(`Cannot find container link ${ifname}`);
    const shown = address ? printNet(address) : '<nil>';
    const found = addressesOf(link).find(
      (other) => address !== undefined && isSameIP(other.ip, address.ip) && other.bits === address.bits,
    );
    const net = found ?? fail(`Failed to match addr ${shown} on interface ${ifname}`);
    if (routesFor(namespace, networkOf(net)).length === 0)
      fail(`Failed to find Gateway ${printIP(gateway)} for interface ${ifname}`);
  }
}

const orNil = (value: number | undefined): string => (value === undefined ? '<nil>' : String(value));

function printRoute({ dst, gw, mtu, advmss, priority, table, scope }: Route): string {
  const [ip, mask] = dst ? printDst(dst).split(' ') : ['<nil>', '<nil>'];
  const metrics = `MTU:${mtu} AdvMSS:${advmss} Priority:${priority} Table:${orNil(table)} Scope:${orNil(scope)}`;
  return `{Dst:{IP:${ip} Mask:${mask}} GW:${printIP(gw)} ${metrics}}`;
}

function expectRoutes(namespace: Namespace, { routes }: Result): void {
  for (const route of routes) {
    const { dst, gw } = route;
    if (!dst) fail(`Invalid static route found ${printRoute(route)}`);
    else {
      const isDefault = dst.bits === 0 && dst.ip.value === 0n;
      if (routesFor(namespace, networkOf(dst), isDefault ? undefined : gw).length === 0)
        fail(`Expected Route ${printRoute(route)} not found in routing table`);
    }
  }
}

/** Throws `CNIError`. */
export function expectResult(namespace: Namespace, ifname: string, result: Result): void {
  expectAddresses(namespace, ifname, result);
  expectRoutes(namespace, result);
}
