/** A routing table: the most particular route that there is to an address. */
import { FAMILY_BITS, parseCIDR } from '../../objects/ip.ts';
import type { PacketAddress } from './packet.ts';

export interface TableRoute {
  /** `10.244.1.0/24`; the default route is `0.0.0.0/0` or `::/0`. */
  to: string;
  /** Absent: what it is to is reached by the device itself. */
  via?: PacketAddress;
  device: string;
}

const DEFAULTS = new Set(['0.0.0.0/0', '::/0']);

/** The routes to networks of one size. */
interface Length {
  family: 4 | 6;
  bits: number;
  /** By the network's bits. */
  routes: Map<bigint, TableRoute>;
}

/** The longest prefixes first. */
function byLength(routes: Iterable<TableRoute>): Length[] {
  const lengths = new Map<string, Length>();
  for (const route of routes) {
    const prefix = parseCIDR(route.to);
    if (!prefix) continue;
    const { address, bits, network } = prefix;
    const { family } = address;
    const key = `${family}/${bits}`;
    const length = lengths.get(key) ?? { family, bits, routes: new Map<bigint, TableRoute>() };
    lengths.set(key, length);
    const part = network >> BigInt(FAMILY_BITS[family] - bits);
    if (!length.routes.has(part)) length.routes.set(part, route);
  }
  return [...lengths.values()].sort((a, b) => b.bits - a.bits);
}

export class RouteTable {
  readonly #routes: Iterable<TableRoute>;
  #lengths: Length[] | undefined;

  /** The routes are read when they are first asked for: of many nodes few are on anybody's way. */
  constructor(routes: Iterable<TableRoute>) {
    this.#routes = routes;
  }

  find(address: PacketAddress): TableRoute | undefined {
    this.#lengths ??= byLength(this.#routes);
    for (const { family, bits, routes } of this.#lengths) {
      if (family !== address.family) continue;
      const found = routes.get(address.value >> BigInt(FAMILY_BITS[family] - bits));
      if (found) return found;
    }
    return undefined;
  }
}

/** As `ip route` prints it. */
export const routeText = ({ to, via, device }: TableRoute): string =>
  `${DEFAULTS.has(to) ? 'default' : to}${via ? ` via ${via.text}` : ''} dev ${device}`;
