/**
 * One member as a process on a machine: its node of Raft, its disk, and what it has applied. What it has in memory ends with its life;
 * what is on the disk does not.
 */
import type { ConfState } from '../raft/conf-change.ts';
import type { Entry, Snapshot } from '../raft/message.ts';
import type { Node, Ready } from '../raft/node.ts';
import { startNode } from '../raft/node-start.ts';
import type { Settings } from '../raft/settings.ts';
import { newStorage, type Storage } from '../raft/storage.ts';

/** What all entries up to an index have come to. */
export interface Machine {
  index: number;
  confState: ConfState;
  /** The last entry's data, of those that have any, and how many they were. */
  value: string;
  count: number;
}

export interface Disk {
  /** Milliseconds that a write takes. */
  delay: number;
  /** A process that cannot write its log ends. */
  full: boolean;
}

export interface MemberState {
  id: number;
  settings: Settings;
  condition: 'up' | 'paused' | 'down';
  /** Counts its starts. */
  life: number;
  /** While it is up or paused. */
  node: Node | undefined;
  storage: Storage;
  machine: Machine;
  disk: Disk;
  /** What is on its way to the disk. */
  writing: Ready | undefined;
  /** Real milliseconds between two ticks of its clock. */
  tickEvery: number;
  /** It has applied its own removal. */
  removed: boolean;
}

/** What a snapshot has of it. */
export const machineOf = ({ index, confState, data }: Snapshot): Machine => ({
  index,
  confState,
  ...(data === '' ? { value: '', count: 0 } : (JSON.parse(data) as Pick<Machine, 'value' | 'count'>)),
});

export const machineData = ({ value, count }: Machine): string => JSON.stringify({ value, count });

/** The first entries of all members of a new cluster: that they are its members. */
function firstEntries(ids: readonly number[]): Entry[] {
  return ids.map((nodeId, i) => ({
    term: 1,
    index: i + 1,
    type: 'EntryConfChange',
    data: '',
    change: {
      transition: 'ConfChangeTransitionAuto',
      changes: [{ type: 'ConfChangeAddNode', nodeId }],
      context: '',
    },
  }));
}

/** Down, with the members of a new cluster on its disk, or with nothing: who joins is told all by the leader. */
export function newMember(settings: Settings, founders: readonly number[], tickEvery: number): MemberState {
  const storage = newStorage();
  if (founders.length > 0) {
    storage.entries = firstEntries(founders);
    storage.hardState = { term: 1, vote: 0, commit: founders.length };
  }
  return {
    id: settings.id,
    settings,
    condition: 'down',
    life: 0,
    node: undefined,
    storage,
    machine: machineOf(storage.snapshot),
    disk: { delay: 0, full: false },
    writing: undefined,
    tickEvery,
    removed: false,
  };
}

/** A new life from what is on the disk. What was applied is applied again from the newest snapshot on. */
export function startMember(member: MemberState, seed: number): void {
  const { settings, storage } = member;
  member.life++;
  member.condition = 'up';
  member.machine = machineOf(storage.snapshot);
  member.node = startNode({ settings, storage, applied: storage.snapshot.index, seed });
  member.writing = undefined;
}

/** What was in memory, and on its way to the disk, is gone. */
export function stopMember(member: MemberState): void {
  member.condition = 'down';
  member.node = undefined;
  member.writing = undefined;
}
