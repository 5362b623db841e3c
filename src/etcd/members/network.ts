/**
 * The links between members, each direction for itself: how long a message takes, how many are lost, and which are cut. Messages on
 * one link arrive in the order in which they were sent, as on a connection, unless it is said to disorder them.
 */
import { type Chance, drawInteger } from '../raft/chance.ts';

export interface Link {
  /** Milliseconds that a message takes at least, and how many more by chance. */
  delay: number;
  jitter: number;
  /** Of a million messages, how many are lost. */
  lossPerMillion: number;
  disorders: boolean;
}

export interface Network {
  /** Of all links that are not named. */
  usual: Link;
  /** By `linkKey`. */
  links: Record<number, Link>;
  /** By member, the group that it is in: members of different groups do not hear of each other. Nobody is in a group while this is empty. */
  groups: Record<number, number>;
  /** Links that are cut in one direction, by `linkKey`. */
  cut: Record<number, true>;
  /** By link, when the last message that was sent arrives. */
  lastArrival: Record<number, number>;
}

export const HEALTHY_LINK: Link = { delay: 1, jitter: 0, lossPerMillion: 0, disorders: false };

export const newNetwork = (usual: Link = HEALTHY_LINK): Network => ({
  usual,
  links: {},
  groups: {},
  cut: {},
  lastArrival: {},
});

/** Ids are below. */
const MANY_IDS = 2 ** 20;

export const linkKey = (from: number, to: number): number => from * MANY_IDS + to;

/** Whoever is in none of the groups is in one with the others who are in none. */
export function partition(network: Network, groups: readonly (readonly number[])[]): void {
  network.groups = {};
  for (const [i, group] of groups.entries()) for (const id of group) network.groups[id] = i + 1;
}

/** All links are as they were at first. What is on its way arrives. */
export function healNetwork(network: Network): void {
  network.links = {};
  network.groups = {};
  network.cut = {};
}

export const isCut = ({ groups, cut }: Network, from: number, to: number): boolean =>
  (groups[from] ?? 0) !== (groups[to] ?? 0) || cut[linkKey(from, to)] === true;

/** When a message that is sent now arrives; undefined if it is lost. */
export function arrivalOf(network: Network, chance: Chance, from: number, to: number, now: number): number | undefined {
  const key = linkKey(from, to);
  const { delay, jitter, lossPerMillion, disorders } = network.links[key] ?? network.usual;
  if (lossPerMillion > 0 && drawInteger(chance, 1_000_000) < lossPerMillion) return undefined;
  const at = now + delay + (jitter > 0 ? drawInteger(chance, jitter + 1) : 0);
  if (disorders) return at;
  const inOrder = Math.max(at, network.lastArrival[key] ?? 0);
  network.lastArrival[key] = inOrder;
  return inOrder;
}
