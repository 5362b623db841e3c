/** All that there is of a cluster's members, as it is stored: plain data. */
import { type Settings, settingsWith } from '../raft/settings.ts';
import type { Connections } from './connections.ts';
import { hash64 } from './ids.ts';
import { newMember } from './member.ts';
import { newNetwork } from './network.ts';
import { ELECTION_TICKS, type Ending, type Leadership, type PendingRequest, TICK_MS } from './pending.ts';
import type { Run } from './revisions.ts';
import type { RosterEntry } from './roster.ts';
import { newSimulation, type Simulation } from './simulation.ts';

export interface EtcdMembersState {
  name: string;
  simulation: Simulation;
  roster: RosterEntry[];
  requests: PendingRequest[];
  endings: Record<string, Ending>;
  requestCount: number;
  runs: Run[];
  leadership: Record<number, Leadership>;
  connections: Connections;
  /** When something was last asked, or done to them: long after that they rest. */
  disturbedAt: number;
}

export interface Founder {
  name: string;
  peerURL: string;
  clientURL: string;
}

export interface EtcdMembersOptions {
  /** The cluster's, from which ids are made. */
  name: string;
  founders: readonly Founder[];
  now: number;
  seed: number;
}

/**
 * A removed member stops after a second, as etcd's do. A snapshot of Raft's log is taken ten times as often as there: what it has in it is
 * small, and the log is what a member weighs here.
 */
const PACE = { tickEvery: TICK_MS, snapshotEvery: 1_000, catchUpEntries: 500, stopAfterRemoval: 1_000 };

export const settingsOf = (id: number): Settings =>
  settingsWith({
    id,
    electionTick: ELECTION_TICKS,
    maxSizePerMessage: 1024 * 1024,
    checkQuorum: true,
    preVote: true,
  });

export const rosterId = (cluster: string, peerURLs: readonly string[]): string =>
  hash64(`${cluster} ${peerURLs.join(',')}`);

/** None is started yet; they know of each other. */
export function newEtcdMembers({ name, founders, now, seed }: EtcdMembersOptions): EtcdMembersState {
  const simulation = newSimulation(now, seed, newNetwork(), PACE);
  const ids = founders.map((_, i) => i + 1);
  simulation.members = ids.map((id) => newMember(settingsOf(id), ids, TICK_MS));
  return {
    name,
    simulation,
    roster: founders.map(({ name: member, peerURL, clientURL }, i) => ({
      raftId: i + 1,
      id: rosterId(name, [peerURL]),
      name: member,
      peerURLs: [peerURL],
      clientURLs: [clientURL],
    })),
    requests: [],
    endings: {},
    requestCount: 0,
    runs: [],
    leadership: {},
    connections: {},
    disturbedAt: now,
  };
}
