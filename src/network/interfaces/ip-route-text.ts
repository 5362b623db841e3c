/** What `ip route`, `ip neigh` and `bridge fdb` print. */

import { familyOfRoute, routeTo } from '../cni/kernel/routes.ts';
import type { KernelRoute } from '../cni/machine.ts';
import { type IP, isIn, printIP } from '../ip-addresses.ts';
import type { Dialect } from './ip-address-text.ts';
import { lines } from './lines.ts';
import { type ForwardingEntry, isOfFamily, type NamespaceView, type Neighbour } from './namespace-view.ts';

function routeLine(route: KernelRoute, family: 4 | 6, dialect: Dialect): string {
  const { dst, gateway, dev, protocol, scope, prefsrc, metric } = route;
  if (dialect === 'busybox') return busyboxRouteLine(route);
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

/** Says nothing of who made it, and has two spaces before the address. */
function busyboxRouteLine({ dst, gateway, dev, scope, prefsrc, metric }: KernelRoute): string {
  const via = gateway === undefined ? '' : `via ${gateway} `;
  const from = prefsrc === undefined ? '' : ` src ${prefsrc} `;
  return `${dst} ${via}dev ${dev} ${scope === undefined ? '' : `scope ${scope} `}${from}${metric === undefined ? '' : ` metric ${metric} `}`;
}

/** `ip route`, or with family 6 `ip -6 route`. */
export const ipRoute = ({ routes }: NamespaceView, family: 4 | 6 = 4, dialect: Dialect = 'iproute2'): string =>
  lines(routes.filter((route) => familyOfRoute(route) === family).map((route) => routeLine(route, family, dialect)));

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

const neighbourLine = ({ address, device, mac, state }: Neighbour, dialect: Dialect): string =>
  dialect === 'busybox'
    ? `${address} dev ${device} lladdr ${mac} ref 1 used 0/0/0 probes 1 ${state}`
    : `${address} dev ${device} lladdr ${mac} ${state} `;

/** `ip neigh`. */
export const ipNeighbour = ({ neighbours }: NamespaceView, family?: 4 | 6, dialect: Dialect = 'iproute2'): string =>
  lines(
    neighbours
      .filter(({ address }) => family === undefined || isOfFamily(address, family))
      .map((neighbour) => neighbourLine(neighbour, dialect)),
  );

function forwardingLine({ mac, device, master, destination, isPermanent }: ForwardingEntry): string {
  const to = destination === undefined ? '' : ` dst ${destination}`;
  const of = master === undefined ? 'self' : `master ${master}`;
  return `${mac} dev ${device}${to} ${of} ${isPermanent ? 'permanent' : ''}`;
}

/** `bridge fdb`. */
export const bridgeForwarding = ({ forwarding }: NamespaceView): string => lines(forwarding.map(forwardingLine));
