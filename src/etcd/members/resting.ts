/**
 * What is worth keeping of members when the process under them ends: who they are, who leads in which term, and where the log is. They come
 * back with their logs compacted to that, and the leader leads on.
 */
import type { ConfState } from '../raft/conf-change.ts';
import { campaign } from '../raft/node.ts';
import { newStorage } from '../raft/storage.ts';
import { EtcdMembers } from './etcd-members.ts';
import { newEtcdMembers, settingsOf } from './etcd-members-state.ts';
import { machineData, newMember } from './member.ts';
import { TICK_MS } from './pending.ts';
import type { RosterEntry } from './roster.ts';
import { ask, memberOf, start } from './simulation.ts';

export interface RestingMembers {
  name: string;
  roster: RosterEntry[];
  confState: ConfState;
  term: number;
  /** By its number in Raft; 0 for none. */
  leader: number;
  /** How much further the log is than the store's revisions. */
  ahead: number;
  /** Whose processes run, by their numbers in Raft. */
  running: number[];
}

export interface Waking {
  now: number;
  seed: number;
  /** The store's. */
  revision: number;
}

/** Milliseconds in which the leader is elected again. */
const WAKES_WITHIN = 20;

/** `ahead`: how much further the log is than the store's revisions. */
export function restOf(members: EtcdMembers, ahead: number): RestingMembers {
  const { name, roster, simulation } = members.state;
  const { node, machine } = members.at(members.preferred);
  const { term, lead } = node!.raft;
  const running = simulation.members.filter(({ condition }) => condition !== 'down').map(({ id }) => id);
  return { name, roster, confState: machine.confState, term, leader: lead, ahead, running };
}

/** A term has begun with an election, so there was one before it. */
export function wakeMembers(rest: RestingMembers, { now, seed, revision }: Waking): EtcdMembers {
  const state = newEtcdMembers({ name: rest.name, founders: [], now: now - WAKES_WITHIN, seed });
  state.roster = rest.roster;
  const { simulation } = state;
  const index = Math.max(1, revision + rest.ahead);
  const term = Math.max(1, rest.term - 1);
  const { voters, learners } = rest.confState;
  const members = new EtcdMembers(state);
  for (const { raftId } of rest.roster) {
    if (![...voters, ...learners].includes(raftId) || !rest.running.includes(raftId)) continue;
    const member = newMember(settingsOf(raftId), [], TICK_MS);
    const data = machineData({ ...member.machine, value: '' });
    member.storage = newStorage({ index, term, confState: rest.confState, data });
    member.storage.hardState = { term, vote: 0, commit: index };
    simulation.members.push(member);
  }
  for (const member of simulation.members) start(simulation, member, members.observer);
  members.recorded(index, revision);
  const leader = memberOf(simulation, rest.leader);
  if (leader) ask(simulation, leader, campaign, members.observer);
  members.disturbed();
  members.advance(now);
  return members;
}
