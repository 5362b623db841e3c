/** What may befall members, their disks, clocks and links, and how all of it is undone. Each at an instant; what is due before it happens first. */
import type { EtcdMembers } from './etcd-members.ts';
import { type MemberState, newMember } from './member.ts';
import { HEALTHY_LINK, healNetwork, type Link, linkKey, partition } from './network.ts';
import { TICK_MS } from './pending.ts';
import type { RosterEntry } from './roster.ts';
import { crash, memberOf, pause, resume, start } from './simulation.ts';

/** Of a right clock's speed, how much slower or faster one may go. */
export const MIN_CLOCK_SPEED = 0.1;
export const MAX_CLOCK_SPEED = 10;

function entryOf({ state }: EtcdMembers, id: string): RosterEntry {
  const entry = state.roster.find((candidate) => candidate.id === id);
  if (!entry) throw new Error(`there is no member ${id}`);
  return entry;
}

function change(members: EtcdMembers, now: number, act: () => void): void {
  members.advance(now);
  act();
  members.disturbed();
}

const processOf = (members: EtcdMembers, id: string): MemberState | undefined =>
  memberOf(members.state.simulation, entryOf(members, id).raftId);

export function killMember(members: EtcdMembers, now: number, id: string): void {
  change(members, now, () => {
    const member = processOf(members, id);
    if (member) crash(member);
  });
}

export function pauseMember(members: EtcdMembers, now: number, id: string): void {
  change(members, now, () => {
    const member = processOf(members, id);
    if (member) pause(member);
  });
}

/** Starts one that is down, for the first time too, and goes on with one that is paused. Who was removed does not come back. */
export function startMember(members: EtcdMembers, now: number, id: string, name = '', clientURLs: string[] = []): void {
  change(members, now, () => {
    const { simulation } = members.state;
    const entry = entryOf(members, id);
    if (name !== '') Object.assign(entry, { name, clientURLs });
    let member = memberOf(simulation, entry.raftId);
    if (!member) {
      const settings = { ...simulation.members[0]!.settings, id: entry.raftId };
      member = newMember(settings, [], TICK_MS);
      simulation.members.push(member);
    }
    if (member.condition === 'paused') resume(simulation, member, members.observer);
    else if (member.condition === 'down' && !member.removed) start(simulation, member, members.observer);
  });
}

/** Members of different groups do not hear of each other; those who are named in none are together. */
export function partitionMembers(members: EtcdMembers, now: number, groups: readonly (readonly string[])[]): void {
  change(members, now, () => {
    const ids = groups.map((group) => group.map((id) => entryOf(members, id).raftId));
    partition(members.state.simulation.network, ids);
  });
}

/** Of all links of a member, or of those between two, in both directions. */
export function worsenLinks(members: EtcdMembers, now: number, a: string, link: Partial<Link>, b?: string): void {
  change(members, now, () => {
    const { network } = members.state.simulation;
    const one = entryOf(members, a).raftId;
    const others = b ? [entryOf(members, b).raftId] : members.state.roster.map(({ raftId }) => raftId);
    for (const other of others) {
      if (other === one) continue;
      for (const key of [linkKey(one, other), linkKey(other, one)])
        network.links[key] = { ...(network.links[key] ?? HEALTHY_LINK), ...link };
    }
  });
}

/** Milliseconds that a write takes; a member whose disk is full ends with its next write. */
export function worsenDisk(members: EtcdMembers, now: number, id: string, disk: Partial<MemberState['disk']>): void {
  change(members, now, () => {
    const member = processOf(members, id);
    if (member) Object.assign(member.disk, disk);
  });
}

/** How fast its clock goes: 1 is right, 2 twice as fast. */
export function skewClock(members: EtcdMembers, now: number, id: string, speed: number): void {
  const bounded = Math.min(Math.max(speed, MIN_CLOCK_SPEED), MAX_CLOCK_SPEED);
  change(members, now, () => {
    const member = processOf(members, id);
    if (member) member.tickEvery = Math.round(TICK_MS / bounded);
  });
}

/** Links, disks and clocks are right. */
export function mendMachines(members: EtcdMembers, now: number): void {
  change(members, now, () => {
    const { simulation } = members.state;
    healNetwork(simulation.network);
    for (const member of simulation.members) {
      member.disk = { delay: 0, full: false };
      member.tickEvery = TICK_MS;
    }
  });
}

/** The same, and everybody runs who is not removed. */
export function healMembers(members: EtcdMembers, now: number): void {
  mendMachines(members, now);
  for (const { id, raftId } of members.state.roster)
    if (memberOf(members.state.simulation, raftId)) startMember(members, now, id);
}

/** What runs of a member; undefined: it is not one any more, or has never been started. */
export const conditionOf = (members: EtcdMembers, id: string): MemberState['condition'] | undefined =>
  processOf(members, id)?.condition;
