/** Routing tables as the kernel keeps them: what it adds by itself for an address, and what it refuses. */
import { alone, type IP, type IPNet, isIn, networkOf, printIP, printNet, readIP, readNet } from '../../ip-addresses.ts';
import { fail } from '../errors.ts';
import type { KernelRoute, Link, Namespace } from '../machine.ts';
import { Errno } from './errno.ts';

/** Of IPv6 routes that say none. */
const DEFAULT_V6_METRIC = 1024;
const CONNECTED_V6_METRIC = 256;

const SCOPE = { universe: 0, link: 253, host: 254, nowhere: 255 } as const;
const SCOPE_NAMES: Record<number, string> = { 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };
export const scopeName = (scope: number): string => (scope === 0 ? 'universe' : (SCOPE_NAMES[scope] ?? 'unknown'));

const TABLE_NAMES: Record<number, string> = { 253: 'default' };
const MAIN_TABLE = 254;
/** The kernel's own, which `ip route` does not list. */
const LOCAL_TABLE = 255;

/** What a program asks for. */
export interface RouteRequest {
  /** undefined: everywhere. */
  dst: IPNet | undefined;
  /** Which family's table, where neither destination nor gateway say it. */
  family: 4 | 6;
  dev: string;
  gateway?: IP | undefined;
  source?: IP | undefined;
  scope?: number | undefined;
  table?: number | undefined;
  priority?: number | undefined;
  /** A second route to the same destination is refused, rather than only the very same. */
  exclusive?: boolean;
}

/** Everywhere is `default`, one address has no prefix. */
const printDst = (dst: IPNet | undefined): string => {
  if (!dst || (dst.bits === 0 && dst.ip.value === 0n)) return 'default';
  return dst.bits === alone(dst.ip).bits ? printIP(dst.ip) : printNet(networkOf(dst));
};

export const familyOfRoute = ({ dst, gateway, prefsrc, metric }: KernelRoute): 4 | 6 => {
  const text = dst === 'default' ? (gateway ?? prefsrc) : dst;
  // Only of IPv6 has a route without any address always a metric.
  if (text === undefined) return metric === undefined ? 4 : 6;
  return text.includes(':') ? 6 : 4;
};

/** The destination as a network. */
export const dstOfRoute = (route: KernelRoute): IPNet => {
  const family = familyOfRoute(route);
  if (route.dst === 'default') return { ip: { family, value: 0n }, bits: 0 };
  const ip = readIP(route.dst);
  return ip ? alone(ip) : (readNet(route.dst) ?? { ip: { family, value: 0n }, bits: 0 });
};

const isMain = ({ table }: KernelRoute): boolean => table === undefined;

/** The main table's most specific route. */
export function routeTo({ routes }: Namespace, ip: IP): KernelRoute | undefined {
  let best: { route: KernelRoute; bits: number } | undefined;
  for (const route of routes) {
    const dst = dstOfRoute(route);
    if (isMain(route) && dst.ip.family === ip.family && isIn(dst, ip) && (!best || dst.bits > best.bits))
      best = { route, bits: dst.bits };
  }
  return best?.route;
}

/** Routes of the main table to a destination, by it alone or by it and a gateway. */
export const routesFor = ({ routes }: Namespace, dst: IPNet, gateway?: IP): KernelRoute[] => {
  const wanted = printDst(dst);
  return routes.filter(
    (route) =>
      isMain(route) &&
      route.dst === wanted &&
      (wanted !== 'default' || familyOfRoute(route) === dst.ip.family) &&
      (gateway === undefined || route.gateway === printIP(gateway)),
  );
};

/** The route to an address's own network, which the kernel adds when the link is up. */
export function connectedRoute(dev: string, net: IPNet): KernelRoute | undefined {
  if (net.ip.family === 6)
    return { dst: printDst(networkOf(net)), dev, protocol: 'kernel', metric: CONNECTED_V6_METRIC };
  if (net.bits === 32) return undefined;
  return { dst: printDst(networkOf(net)), dev, protocol: 'kernel', scope: 'link', prefsrc: printIP(net.ip) };
}

export function addConnectedRoute(namespace: Namespace, dev: string, net: IPNet): void {
  const route = connectedRoute(dev, net);
  if (route && !namespace.routes.some((other) => isSameRoute(other, route))) namespace.routes.push(route);
}

const FIELDS = ['dst', 'gateway', 'dev', 'table', 'protocol', 'scope', 'prefsrc', 'metric'] as const;
const isSameRoute = (a: KernelRoute, b: KernelRoute): boolean => FIELDS.every((field) => a[field] === b[field]);
const hasSameKey = (a: KernelRoute, b: KernelRoute): boolean =>
  a.dst === b.dst && a.table === b.table && a.metric === b.metric && familyOfRoute(a) === familyOfRoute(b);

function checkGateway(namespace: Namespace, gateway: IP, scope: number): void {
  if (scope === SCOPE.host) throw new Errno('EINVAL');
  const isOnLink = (route: KernelRoute): boolean =>
    isMain(route) && route.gateway === undefined && isIn(dstOfRoute(route), gateway);
  if (scope >= SCOPE.link || !namespace.routes.some(isOnLink))
    throw new Errno(gateway.family === 4 ? 'ENETUNREACH' : 'EHOSTUNREACH');
}

/** What the library refuses before it asks the kernel. */
function checkFamilies({ dst, source, gateway }: RouteRequest): void {
  if (dst && source && dst.ip.family !== source.family) fail('source and destination ip are not the same IP family');
  const family = dst?.ip.family ?? source?.family ?? gateway?.family;
  if (gateway && gateway.family !== family) fail('gateway, source, and destination ip are not the same IP family');
}

/** Throws `CNIError`, or `Errno` where it is the kernel that refuses. */
export function addRoute(namespace: Namespace, request: RouteRequest): void {
  const { dst, dev, gateway, source, scope = SCOPE.universe, table, priority } = request;
  const link = namespace.links.find(({ name }) => name === dev);
  if (!link?.up) throw new Errno('ENETDOWN');
  const family = dst || !gateway ? request.family : gateway.family;
  checkFamilies(request);
  if (family === 4 && dst && dst.ip.value !== networkOf(dst).ip.value) throw new Errno('EINVAL');
  // Scopes are of IPv4.
  if (gateway) checkGateway(namespace, gateway, family === 4 ? scope : SCOPE.universe);
  if (table === LOCAL_TABLE) return;
  const metric = priority || (family === 6 ? DEFAULT_V6_METRIC : undefined);
  const route: KernelRoute = {
    dst: printDst(dst),
    ...(gateway ? { gateway: printIP(gateway) } : {}),
    dev,
    ...(table && table !== MAIN_TABLE ? { table: TABLE_NAMES[table] ?? String(table) } : {}),
    ...(scope !== SCOPE.universe && family === 4 ? { scope: SCOPE_NAMES[scope] ?? String(scope) } : {}),
    ...(source ? { prefsrc: printIP(source) } : {}),
    ...(metric === undefined ? {} : { metric }),
  };
  const isThere = request.exclusive ? hasSameKey : isSameRoute;
  if (namespace.routes.some((other) => isThere(other, route))) throw new Errno('EEXIST');
  namespace.routes.push(route);
}

export const LINK_SCOPE = SCOPE.link;
export const HOST_SCOPE = SCOPE.host;

/** The first route over a device to a network. Throws `Errno` where there is none. */
export function deleteRoute(namespace: Namespace, dev: string, net: IPNet): void {
  const dst = printDst(networkOf(net));
  const at = namespace.routes.findIndex((route) => isMain(route) && route.dev === dev && route.dst === dst);
  if (at < 0) throw new Errno('ESRCH');
  namespace.routes.splice(at, 1);
}

export function deleteRoutesOf(namespace: Namespace, { name }: Link): void {
  namespace.routes = namespace.routes.filter(({ dev }) => dev !== name);
}
