/** What is broken, done to etcd's members. */
import type { MembersConsensus } from '../etcd/members/consensus.ts';
import type { EtcdMembers } from '../etcd/members/etcd-members.ts';
import {
  conditionOf,
  killMember,
  mendMachines,
  partitionMembers,
  pauseMember,
  skewClock,
  startMember,
  worsenDisk,
  worsenLinks,
} from '../etcd/members/faults.ts';
import { HEALTHY_LINK } from '../etcd/members/network.ts';
import type { ControlPlane } from './control-plane.ts';

const PER_PERCENT = 10_000;

/** The members are as `controlPlane` says that they are. */
export function breakMembers({ members, now }: MembersConsensus, controlPlane: ControlPlane): void {
  const { faults } = controlPlane;
  const idOf = (name: string): string | undefined => members.state.roster.find((entry) => entry.name === name)?.id;
  const ids = (names: readonly string[]): string[] => names.flatMap((name) => idOf(name) ?? []);
  for (const name of controlPlane.members) {
    const id = idOf(name);
    if (id !== undefined) bring(members, now, id, controlPlane.memberIs(name));
  }
  mendMachines(members, now);
  if (faults.partition.length > 0) partitionMembers(members, now, faults.partition.map(ids));
  for (const { between, delay = 0, loss = 0 } of faults.links) {
    const [a, b] = ids(between);
    const link = { delay: HEALTHY_LINK.delay + delay, lossPerMillion: loss * PER_PERCENT };
    if (a !== undefined) worsenLinks(members, now, a, link, b);
  }
  for (const [name, { slow = 0, full = false }] of Object.entries(faults.disks)) {
    const id = idOf(name);
    if (id !== undefined) worsenDisk(members, now, id, { delay: slow, full });
  }
  for (const [name, speed] of Object.entries(faults.clocks)) {
    const id = idOf(name);
    if (id !== undefined) skewClock(members, now, id, speed);
  }
}

function bring(members: EtcdMembers, now: number, id: string, to: 'up' | 'killed' | 'paused'): void {
  const is = conditionOf(members, id);
  if (to === 'killed') {
    if (is !== 'down') killMember(members, now, id);
  } else if (to === 'paused') {
    if (is === 'up') pauseMember(members, now, id);
  } else if (is !== 'up') startMember(members, now, id);
}
