/**
 * Members whom nothing happens to need no computing: all that is due is put off by as much as passes. A state that is right at one instant
 * is right at any other.
 */
import { lastIndex } from '../raft/log.ts';
import type { Simulation } from './simulation.ts';

/** Whether everybody runs, hears the same leader, has all that it has, and nothing is slow: the same will be so at any later time. */
export function areAtRest({ members, network }: Simulation): boolean {
  for (const _ in network.groups) return false;
  for (const _ in network.cut) return false;
  for (const _ in network.links) return false;
  const leader = members.find(({ node }) => node?.raft.role === 'StateLeader');
  if (!leader || leader.node!.raft.leadTransferee !== 0) return false;
  const last = lastIndex(leader.node!.raft.log);
  if (leader.node!.raft.tracker.progress.some(({ match }) => match !== last)) return false;
  return members.every(
    ({ condition, removed, machine, disk, writing, node }) =>
      condition === 'up' &&
      !removed &&
      !writing &&
      disk.delay === 0 &&
      machine.index === last &&
      node!.raft.lead === leader.id &&
      node!.raft.term === leader.node!.raft.term,
  );
}

/** Milliseconds after which members that nobody asks anything have come to rest: a leader is elected, or there will be none. */
export const SETTLES_WITHIN = 20_000;

/** Everything that is due is so much later, and was always to be. */
export function putOff(simulation: Simulation, milliseconds: number): void {
  simulation.now += milliseconds;
  for (const event of simulation.events) event.at += milliseconds;
  const { lastArrival } = simulation.network;
  for (const key of Object.keys(lastArrival).map(Number)) lastArrival[key]! += milliseconds;
}
