/**
 * Members, their links and their clocks as one simulation of discrete events: all of it plain data, and a function of its seed and of
 * what is done to it at which instants. Nothing happens but in `advance`; between two events there is nothing to compute.
 */
import { type Chance, drawInteger } from '../raft/chance.ts';
import type { ConfState } from '../raft/conf-change.ts';
import type { Entry, Message } from '../raft/message.ts';
import {
  applyChange,
  hasReady,
  type Node,
  type Ready,
  advance as readyDone,
  receive,
  reportSnapshot,
  reportUnreachable,
  takeReady,
} from '../raft/node.ts';
import type { ReadState } from '../raft/reads.ts';
import { appendStored, applySnapshot, compactStored, createSnapshot } from '../raft/storage.ts';
import { tick } from '../raft/tick.ts';
import { addEvent, type MemberEvent, takeEvent } from './events.ts';
import { type MemberState, machineData, machineOf, startMember, stopMember } from './member.ts';
import { arrivalOf, isCut, type Network } from './network.ts';

/** Milliseconds after which what cannot happen yet is tried again. */
const WAIT = 10;

export interface Pace {
  /** Milliseconds between two ticks of a right clock. */
  tickEvery: number;
  /** Applied entries between two snapshots, and how many of those before it stay in the log for who is a little behind. */
  snapshotEvery: number;
  catchUpEntries: number;
  /** Milliseconds from its own removal until a member stops. */
  stopAfterRemoval: number;
}

export interface Simulation extends Chance {
  /** All up to here has happened. */
  now: number;
  sequence: number;
  events: MemberEvent[];
  members: MemberState[];
  network: Network;
  pace: Pace;
}

/** Told of what happens while it does; must change nothing. */
export interface Observer {
  /** About to be written, sent and applied. */
  ready?(member: MemberState, ready: Ready): void;
  applied?(member: MemberState, entry: Entry): void;
  /** A snapshot has taken the place of the member's state. */
  restored?(member: MemberState): void;
  /** A read may be answered as soon as its index is applied. */
  mayRead?(member: MemberState, read: ReadState): void;
}

export const newSimulation = (now: number, seed: number, network: Network, pace: Pace): Simulation => ({
  chance: seed | 0,
  now,
  sequence: 0,
  events: [],
  members: [],
  network,
  pace,
});

export const memberOf = (simulation: Simulation, id: number): MemberState | undefined =>
  simulation.members.find((member) => member.id === id);

function schedule(
  simulation: Simulation,
  at: number,
  kind: MemberEvent['kind'],
  member: MemberState,
  message?: Message,
): void {
  const { id, life } = member;
  addEvent(simulation.events, { at, sequence: simulation.sequence++, kind, member: id, life, message });
}

/** Its clock begins to tick at an instant of its own. */
export function start(simulation: Simulation, member: MemberState, observer: Observer = {}): void {
  startMember(member, drawInteger(simulation, 2 ** 31));
  const first = 1 + drawInteger(simulation, member.tickEvery);
  schedule(simulation, simulation.now + first, 'tick', member);
  work(simulation, member, observer);
}

/** The process ends between two instructions. */
export const crash = (member: MemberState): void => stopMember(member);

/** The process stands still: it neither hears nor ticks, and does not know it afterwards. */
export function pause(member: MemberState): void {
  if (member.condition === 'up') member.condition = 'paused';
}

export function resume(simulation: Simulation, member: MemberState, observer: Observer = {}): void {
  if (member.condition !== 'paused') return;
  member.condition = 'up';
  work(simulation, member, observer);
}

/** Something is asked of a member's node, which is then given its time. Undefined if it is not up. */
export function ask<T>(
  simulation: Simulation,
  member: MemberState,
  request: (node: Node) => T,
  observer: Observer = {},
): T | undefined {
  if (member.condition !== 'up') return undefined;
  const answer = request(member.node!);
  work(simulation, member, observer);
  return answer;
}

/** Everything that is due up to an instant happens. */
export function advance(simulation: Simulation, to: number, observer: Observer = {}): void {
  const { events } = simulation;
  while (events.length > 0 && events[0]!.at <= to) {
    const event = takeEvent(events);
    simulation.now = event.at;
    happen(simulation, event, observer);
  }
  simulation.now = Math.max(simulation.now, to);
}

function happen(simulation: Simulation, event: MemberEvent, observer: Observer): void {
  const member = memberOf(simulation, event.member);
  if (!member) return;
  if (event.kind === 'arrival') {
    arrive(simulation, member, event.message!, observer);
    return;
  }
  if (event.life !== member.life || member.condition === 'down') return;
  if (event.kind === 'stop') {
    if (member.removed) stopMember(member);
  } else if (event.kind === 'tick') {
    schedule(simulation, event.at + member.tickEvery, 'tick', member);
    if (member.condition === 'paused') return;
    tick(member.node!.raft);
    work(simulation, member, observer);
  } else if (member.condition === 'paused') {
    schedule(simulation, event.at + WAIT, event.kind, member, event.message);
  } else if (event.kind === 'report') {
    const { type, to, reject } = event.message!;
    if (type === 'MsgSnap') reportSnapshot(member.node!, to, reject);
    else reportUnreachable(member.node!, to);
    work(simulation, member, observer);
  } else {
    finishWriting(simulation, member, observer);
    work(simulation, member, observer);
  }
}

/** A snapshot waits for what was committed before it: else its configuration would be changed by what it has in it already. */
const mustWait = ({ writing }: MemberState, { type }: Message): boolean =>
  type === 'MsgSnap' && writing !== undefined && writing.committedEntries.length > 0;

function arrive(simulation: Simulation, member: MemberState, message: Message, observer: Observer): void {
  if (member.condition === 'paused' || mustWait(member, message)) {
    schedule(simulation, simulation.now + WAIT, 'arrival', member, message);
    return;
  }
  const isHere = member.condition === 'up' && !isCut(simulation.network, message.from, message.to);
  report(simulation, message, isHere);
  if (!isHere) return;
  receive(member.node!, message);
  work(simulation, member, observer);
}

/** Whoever sent it finds out, as over a connection: whether a snapshot went through, and that an append did not. */
function report(simulation: Simulation, message: Message, delivered: boolean): void {
  const { type, from } = message;
  const sender = memberOf(simulation, from);
  if (!sender || !(type === 'MsgSnap' || (type === 'MsgApp' && !delivered))) return;
  const reported: Message = { ...message, reject: !delivered };
  schedule(simulation, simulation.now + simulation.network.usual.delay, 'report', sender, reported);
}

/** The member does what is ready, until it waits for its disk or nothing is. */
function work(simulation: Simulation, member: MemberState, observer: Observer): void {
  while (member.node && !member.writing && hasReady(member.node)) {
    const ready = takeReady(member.node);
    observer.ready?.(member, ready);
    member.writing = ready;
    if (!ready.mustSync && !ready.snapshot) {
      finishWriting(simulation, member, observer);
    } else if (member.disk.full) {
      stopMember(member);
    } else if (member.disk.delay > 0) {
      schedule(simulation, simulation.now + member.disk.delay, 'written', member);
    } else {
      finishWriting(simulation, member, observer);
    }
  }
}

/** It is on the disk: now others may hear of it, and what is committed is applied. */
function finishWriting(simulation: Simulation, member: MemberState, observer: Observer): void {
  const ready = member.writing!;
  const { storage, node } = member;
  member.writing = undefined;
  if (ready.hardState) storage.hardState = ready.hardState;
  if (ready.snapshot && applySnapshot(storage, ready.snapshot)) {
    member.machine = machineOf(ready.snapshot);
    observer.restored?.(member);
  }
  appendStored(storage, ready.entries);
  for (const message of ready.messages) if (message.type !== 'MsgSnap') send(simulation, message);
  for (const entry of ready.committedEntries) apply(simulation, member, entry, observer);
  for (const message of ready.messages) if (message.type === 'MsgSnap') sendSnapshot(simulation, member, message);
  takeSnapshot(simulation, member);
  readyDone(node!);
  for (const read of ready.readStates) observer.mayRead?.(member, read);
}

/** What is sent is the state of now, which knows of the member that it is sent to. */
function sendSnapshot(simulation: Simulation, { storage, machine }: MemberState, message: Message): void {
  createSnapshot(storage, machine.index, machine.confState, machineData(machine));
  send(simulation, { ...message, snapshot: storage.snapshot });
}

function send(simulation: Simulation, message: Message): void {
  const { from, to } = message;
  const target = memberOf(simulation, to);
  if (!target) {
    report(simulation, message, false);
    return;
  }
  const at = arrivalOf(simulation.network, simulation, from, to, simulation.now);
  if (at !== undefined) schedule(simulation, at, 'arrival', target, message);
  else report(simulation, message, false);
}

const isIn = ({ voters, votersOutgoing, learners }: ConfState, id: number): boolean =>
  voters.includes(id) || votersOutgoing.includes(id) || learners.includes(id);

function apply(simulation: Simulation, member: MemberState, entry: Entry, observer: Observer): void {
  const { machine, node } = member;
  machine.index = entry.index;
  if (entry.change) {
    const before = machine.confState;
    machine.confState = applyChange(node!, entry.change);
    if (isIn(machine.confState, member.id)) {
      member.removed = false;
    } else if (isIn(before, member.id)) {
      member.removed = true;
      schedule(simulation, simulation.now + simulation.pace.stopAfterRemoval, 'stop', member);
    }
  } else if (entry.data !== '') {
    machine.value = entry.data;
    machine.count++;
  }
  observer.applied?.(member, entry);
}

function takeSnapshot({ pace }: Simulation, { storage, machine }: MemberState): void {
  if (machine.index - storage.snapshot.index < pace.snapshotEvery) return;
  createSnapshot(storage, machine.index, machine.confState, machineData(machine));
  compactStored(storage, machine.index - pace.catchUpEntries);
}
