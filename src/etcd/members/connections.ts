/** Since when members are connected, which is what etcd judges a member's health by. Models rafthttp's `ActiveSince`. */
import type { MemberState } from './member.ts';
import { isCut, linkKey, type Network } from './network.ts';

/** By `linkKey`: since when, for those that are. */
export type Connections = Record<number, number>;

const isConnected = (network: Network, a: MemberState, b: MemberState): boolean =>
  a.condition === 'up' && b.condition === 'up' && !isCut(network, a.id, b.id) && !isCut(network, b.id, a.id);

/** After whatever may have changed it. */
export function updateConnections(
  connections: Connections,
  network: Network,
  members: readonly MemberState[],
  now: number,
): void {
  for (const a of members) {
    for (const b of members) {
      const key = linkKey(a.id, b.id);
      if (a === b || !isConnected(network, a, b)) delete connections[key];
      else connections[key] ??= now;
    }
  }
}

/** Whether `from` has been connected to `to` since an instant; to itself it always is. */
export const connectedSince = (connections: Connections, from: number, to: number, since: number): boolean =>
  from === to || (connections[linkKey(from, to)] ?? Number.POSITIVE_INFINITY) <= since;

export const isConnectedTo = (connections: Connections, from: number, to: number): boolean =>
  from === to || connections[linkKey(from, to)] !== undefined;
