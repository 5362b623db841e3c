/** What `ip route`, `ip neigh` and `bridge fdb` print. */

import { familyOfRoute, routeTo } from '../cni/kernel/routes.ts';
import type { KernelRoute } from '../cni/machine.ts';
import { type IP, isIn, printIP } from '../ip-addresses.ts';
import { lines } from './lines.ts';
import { type ForwardingEntry, isOfFamily, type NamespaceView, type Neighbour } from './namespace-view.ts';

function routeLine(route: KernelRoute, family: 4 | 6): string {
  const { dst, gateway, dev, protocol, scope, prefsrc, metric } = route;
  const words = [
    dst,
    ...(gateway === undefined ? [] : ['via', gateway]),
    'dev',
    dev,
    ...(protocol === undefined ? [] : ['proto', protocol]),
    ...(scope === undefined ? [] : ['scope', scope]),
    ...(prefsrc === undefined ? [] : ['src', prefsrc]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
  ];
  return family === 6 ? `${words.join(' ')} pref medium` : `${words.join(' ')} `;
}

/** `ip route`, or with family 6 `ip -6 route`. */
export const ipRoute = ({ routes }: NamespaceView, family: 4 | 6 = 4): string =>
  lines(routes.filter((route) => familyOfRoute(route) === family).map((route) => routeLine(route, family)));

/** `ip route get`; undefined: there is none, `RTNETLINK answers: Network is unreachable`. */
export function ipRouteGet({ interfaces, routes }: NamespaceView, to: IP): string | undefined {
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ net }) => net.ip));
  const shown = printIP(to);
  if (own.some(({ family, value }) => family === to.family && value === to.value))
    return `local ${shown} dev lo src ${shown} uid 0 \n    cache <local> \n`;
  const route = routeTo({ links: [], routes }, to);
  if (!route) return undefined;
  const source = route.prefsrc ?? sourceFor(interfaces, route, to);
  const via = route.gateway === undefined ? '' : ` via ${route.gateway}`;
  return `${shown}${via} dev ${route.dev}${source === undefined ? '' : ` src ${source}`} uid 0 \n    cache \n`;
}

/** The device's address in the network of whoever is next. */
function sourceFor(interfaces: NamespaceView['interfaces'], { dev }: KernelRoute, to: IP): string | undefined {
  const device = interfaces.find(({ name }) => name === dev);
  const found = device?.addresses.filter(({ net, scope }) => net.ip.family === to.family && scope === 'global') ?? [];
  const near = found.find(({ net }) => isIn(net, to)) ?? found[0];
  return near && printIP(near.net.ip);
}

const neighbourLine = ({ address, device, mac, state }: Neighbour): string =>
  `${address} dev ${device} lladdr ${mac} ${state} `;

/** `ip neigh`. */
export const ipNeighbour = ({ neighbours }: NamespaceView, family?: 4 | 6): string =>
  lines(neighbours.filter(({ address }) => family === undefined || isOfFamily(address, family)).map(neighbourLine));

function forwardingLine({ mac, device, master, destination, isPermanent }: ForwardingEntry): string {
  const to = destination === undefined ? '' : ` dst ${destination}`;
  const of = master === undefined ? 'self' : `master ${master}`;
  return `${mac} dev ${device}${to} ${of} ${isPermanent ? 'permanent' : ''}`;
}

/** `bridge fdb`. */
export const bridgeForwarding = ({ forwarding }: NamespaceView): string => lines(forwarding.map(forwardingLine));
