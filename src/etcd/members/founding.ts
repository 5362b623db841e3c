/** A new cluster's members, which were started together a little before, so that they have a leader. */
import { EtcdMembers } from './etcd-members.ts';
import { type EtcdMembersOptions, newEtcdMembers } from './etcd-members-state.ts';
import { start } from './simulation.ts';

/** Long enough for an election, and for another after a tie. */
const STARTED_BEFORE = 10_000;

export function foundEtcdMembers(options: EtcdMembersOptions): EtcdMembers {
  const state = newEtcdMembers({ ...options, now: options.now - STARTED_BEFORE });
  const members = new EtcdMembers(state);
  for (const member of state.simulation.members) start(state.simulation, member, members.observer);
  members.disturbed();
  members.advance(options.now);
  return members;
}
