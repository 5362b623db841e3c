/** A routing table: the most particular route that there is to an address. */
import { type Prefix, parseCIDR } from '../../objects/ip.ts';
import type { PacketAddress } from './packet.ts';

export interface TableRoute {
  /** `10.244.1.0/24`; the default route is `0.0.0.0/0` or `::/0`. */
  to: string;
  /** Absent: what it is to is reached by the device itself. */
  via?: PacketAddress;
  device: string;
}

const WIDTH = { 4: 32, 6: 128 };
const DEFAULTS = new Set(['0.0.0.0/0', '::/0']);

export class RouteTable {
  /** By family and length of the prefix, the longest first; then by the network's bits. */
  readonly #lengths = new Map<string, { family: 4 | 6; bits: number; routes: Map<bigint, TableRoute> }>();
  readonly #ordered: { family: 4 | 6; bits: number; routes: Map<bigint, TableRoute> }[];

  constructor(routes: Iterable<TableRoute>) {
    for (const route of routes) {
      const prefix = parseCIDR(route.to);
      if (prefix) this.#add(prefix, route);
    }
    this.#ordered = [...this.#lengths.values()].sort((a, b) => b.bits - a.bits);
  }

  #add({ address: { family }, bits, network }: Prefix, route: TableRoute): void {
    const key = `${family}/${bits}`;
    const length = this.#lengths.get(key) ?? { family, bits, routes: new Map<bigint, TableRoute>() };
    this.#lengths.set(key, length);
    const part = network >> BigInt(WIDTH[family] - bits);
    if (!length.routes.has(part)) length.routes.set(part, route);
  }

  find(address: PacketAddress): TableRoute | undefined {
    for (const { family, bits, routes } of this.#ordered) {
      if (family !== address.family) continue;
      const found = routes.get(address.value >> BigInt(WIDTH[family] - bits));
      if (found) return found;
    }
    return undefined;
  }
}

/** As `ip route` prints it. */
export const routeText = ({ to, via, device }: TableRoute): string =>
  `${DEFAULTS.has(to) ? 'default' : to}${via ? ` via ${via.text}` : ''} dev ${device}`;
