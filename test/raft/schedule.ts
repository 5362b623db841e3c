/**
 * A schedule of faults, elections, changes of the membership and requests, which is a function of its seed. All invariants are checked
 * at every step; at the end all is healed, and a write must succeed in time.
 */

import { addEvent } from '../../src/etcd/members/events.ts';
import { type MemberState, newMember } from '../../src/etcd/members/member.ts';
import { HEALTHY_LINK, healNetwork, linkKey, newNetwork, partition } from '../../src/etcd/members/network.ts';
import {
  advance,
  ask,
  crash,
  newSimulation,
  type Observer,
  pause,
  resume,
  type Simulation,
  start,
} from '../../src/etcd/members/simulation.ts';
import { type Chance, drawInteger } from '../../src/etcd/raft/chance.ts';
import { type ConfChangeSingle, LEAVE_JOINT, type Transition } from '../../src/etcd/raft/conf-change.ts';
import { NO_LIMIT } from '../../src/etcd/raft/message.ts';
import { campaign, forgetLeader, proposeConfChange, transferLeadership } from '../../src/etcd/raft/node.ts';
import { type Settings, settingsWith } from '../../src/etcd/raft/settings.ts';
import { Clients } from './clients.ts';
import { Invariants, Violation } from './invariants.ts';

const TICK = 10;
/** Election timeouts from its removal until a member stops: until then it still votes, and others hear from it that it is removed. */
const STOP_AFTER_REMOVAL = 3;
/** How many members there ever are beside the first. */
const MOST_JOINED = 3;
/**
 * Election timeouts after healing within which a write must succeed, where candidates ask first, as etcd's do. Without, those who
 * cannot win keep putting off those who can, and only chance ends it.
 */
export const LIVE_WITHIN = 10;
export const LIVE_WITHIN_WITHOUT_PREVOTE = 100;

export interface Outcome {
  members: number;
  preVote: boolean;
  writes: number;
  reads: number;
  elections: number;
  changes: number;
  /** Election timeouts from healing to the first write. */
  liveAfter: number;
}

/** Once in `n` times. */
const oneIn = (chance: Chance, n: number): boolean => drawInteger(chance, n) === 0;
const pick = <T>(chance: Chance, choices: readonly T[]): T => choices[drawInteger(chance, choices.length)]!;

type Action = (schedule: Schedule) => void;

export class Schedule {
  readonly chance: Chance;
  readonly simulation: Simulation;
  readonly invariants = new Invariants();
  readonly clients = new Clients();
  readonly observer: Observer;
  readonly settings: Partial<Settings>;
  readonly founders: number;
  changes = 0;

  constructor(seed: number) {
    this.chance = { chance: seed | 0 };
    const { chance, invariants, clients } = this;
    this.founders = pick(chance, [3, 5, 7]);
    this.settings = randomSettings(chance);
    const jitter = pick(chance, [0, 0, TICK >> 1, 2 * TICK]);
    const link = { delay: 1, jitter, lossPerMillion: 0, disorders: oneIn(chance, 3) };
    this.simulation = newSimulation(0, seed, newNetwork(link), {
      tickEvery: TICK,
      snapshotEvery: pick(chance, [3, 8, 1000]),
      catchUpEntries: pick(chance, [0, 2]),
      stopAfterRemoval: STOP_AFTER_REMOVAL * this.settings.electionTick! * TICK,
    });
    this.observer = {
      ready: (member, ready) => invariants.ready(member, ready),
      restored: (member) => invariants.restored(member),
      applied(member, entry) {
        invariants.applied(member, entry);
        clients.applied(member, entry);
      },
      mayRead: (member, read) => clients.mayRead(member, read),
    };
    const ids = Array.from({ length: this.founders }, (_, i) => i + 1);
    for (const id of ids) this.join(id, ids);
  }

  join(id: number, founders: readonly number[]): void {
    const member = newMember(settingsWith({ ...this.settings, id }), founders, TICK);
    if (oneIn(this.chance, 4)) member.disk.delay = 1 + drawInteger(this.chance, TICK);
    this.simulation.members.push(member);
    start(this.simulation, member, this.observer);
  }

  get anyone(): MemberState {
    return pick(this.chance, this.simulation.members);
  }

  get leader(): MemberState | undefined {
    return this.simulation.members.find(
      ({ node, condition }) => condition === 'up' && node!.raft.role === 'StateLeader',
    );
  }

  pass(milliseconds: number): void {
    advance(this.simulation, this.simulation.now + milliseconds, this.observer);
  }

  /** Everything is as it was at first, but for who is a member. */
  heal(): void {
    const { simulation, observer } = this;
    healNetwork(simulation.network);
    simulation.network.usual = HEALTHY_LINK;
    for (const member of simulation.members) {
      member.disk = { delay: 0, full: false };
      member.tickEvery = TICK;
      if (member.condition === 'paused') resume(simulation, member, observer);
      // Others may not know it, and need its vote.
      if (member.removed) crash(member);
      if (member.condition === 'down') start(simulation, member, observer);
    }
  }

  /** Election timeouts until a write succeeds. */
  untilLive(): number {
    const within = this.settings.preVote ? LIVE_WITHIN : LIVE_WITHIN_WITHOUT_PREVOTE;
    const electionTimeout = this.settings.electionTick! * TICK;
    const from = this.simulation.now;
    const written: string[] = [];
    for (let ticks = 0; ticks < (within * electionTimeout) / TICK; ticks++) {
      for (const member of this.simulation.members) {
        if (member.node?.raft.role !== 'StateLeader') continue;
        const name = this.clients.write(this.simulation, member, this.observer);
        if (name) written.push(name);
      }
      this.pass(TICK);
      if (written.some((one) => this.clients.isDone(one))) return (this.simulation.now - from) / electionTimeout;
    }
    throw new Violation(`liveness: nothing is written ${within} election timeouts after healing`);
  }
}

function randomSettings(chance: Chance): Partial<Settings> {
  return {
    electionTick: pick(chance, [5, 10]),
    heartbeatTick: 1,
    maxSizePerMessage: pick(chance, [0, 20, NO_LIMIT]),
    maxInflightMessages: pick(chance, [1, 2, 256]),
    maxCommittedSizePerReady: pick(chance, [1, 50, NO_LIMIT]),
    checkQuorum: !oneIn(chance, 3),
    preVote: !oneIn(chance, 3),
    stepDownOnRemoval: oneIn(chance, 2),
  };
}

function isolateOneWay({ chance, simulation, anyone: { id: from } }: Schedule): void {
  for (const { id } of simulation.members)
    if (id !== from && oneIn(chance, 2)) simulation.network.cut[linkKey(from, id)] = true;
}

function split({ chance, simulation }: Schedule): void {
  const groups: number[][] = [[], [], []];
  const many = pick(chance, [2, 2, 3]);
  for (const { id } of simulation.members) groups[drawInteger(chance, many)]!.push(id);
  partition(simulation.network, groups);
}

/** One change, or several with a joint configuration; one at a time, at the leader, of the configuration that it has. */
function changeMembers(schedule: Schedule): void {
  const { chance, simulation, leader, observer } = schedule;
  if (!leader) return;
  const { configuration } = leader.node!.raft.tracker;
  const transition = pick<Transition>(chance, [
    'ConfChangeTransitionAuto',
    'ConfChangeTransitionAuto',
    'ConfChangeTransitionJointImplicit',
    'ConfChangeTransitionJointExplicit',
  ]);
  if (configuration.votersOutgoing.length > 0) {
    ask(simulation, leader, (node) => proposeConfChange(node, LEAVE_JOINT), observer);
    return;
  }
  const changes: ConfChangeSingle[] = [];
  let voters = configuration.voters.length;
  for (const times = pick(chance, [1, 1, 2]); changes.length < times; ) {
    const change = randomChange(schedule, voters);
    if (!change) break;
    if (change.type !== 'ConfChangeAddNode' && configuration.voters.includes(change.nodeId)) voters--;
    changes.push(change);
  }
  if (changes.length === 0) return;
  schedule.changes++;
  ask(simulation, leader, (node) => proposeConfChange(node, { transition, changes, context: '' }), observer);
}

function randomChange(schedule: Schedule, voters: number): ConfChangeSingle | undefined {
  const { chance, simulation, founders } = schedule;
  const { members } = simulation;
  const kind = drawInteger(chance, 3);
  if (kind === 0) {
    const ids = members.map(({ id }) => id);
    if (members.length < founders + MOST_JOINED && oneIn(chance, 2)) {
      const id = members.length + 1;
      schedule.join(id, []);
      ids.push(id);
    }
    return { type: 'ConfChangeAddNode', nodeId: pick(chance, ids) };
  }
  // At most half of them go, so that the rest can always go on.
  if (voters <= 2) return undefined;
  const { id } = schedule.anyone;
  return { type: kind === 1 ? 'ConfChangeRemoveNode' : 'ConfChangeAddLearnerNode', nodeId: id };
}

/** A message that is on its way arrives twice; proposals and reads come on connections, and do not. */
function duplicate({ chance, simulation }: Schedule): void {
  const event = simulation.events.length > 0 ? pick(chance, simulation.events) : undefined;
  if (event?.kind !== 'arrival' || event.message!.type === 'MsgProp' || event.message!.type === 'MsgSnap') return;
  addEvent(simulation.events, {
    ...event,
    at: event.at + drawInteger(chance, 4 * TICK),
    sequence: simulation.sequence++,
  });
}

const ACTIONS: [number, Action][] = [
  [40, ({ clients, simulation, anyone, observer }) => void clients.write(simulation, anyone, observer)],
  [12, ({ clients, simulation, leader, observer }) => void (leader && clients.write(simulation, leader, observer))],
  [24, ({ clients, simulation, anyone, observer }) => clients.read(simulation, anyone, observer)],
  [6, ({ anyone }) => crash(anyone)],
  [2, ({ leader }) => leader && crash(leader)],
  [
    9,
    ({ simulation, observer }) => {
      const down = simulation.members.find(({ condition }) => condition === 'down');
      if (down) start(simulation, down, observer);
    },
  ],
  [3, ({ anyone }) => pause(anyone)],
  [
    5,
    ({ simulation, observer }) => {
      for (const member of simulation.members) resume(simulation, member, observer);
    },
  ],
  [4, split],
  [3, isolateOneWay],
  [5, ({ simulation }) => healNetwork(simulation.network)],
  [
    3,
    ({ chance, simulation: { network } }) => {
      network.usual = { ...network.usual, lossPerMillion: pick(chance, [0, 50_000, 300_000]) };
    },
  ],
  [
    3,
    ({ chance, anyone }) => {
      anyone.tickEvery = pick(chance, [TICK, TICK, 7, 13, 2 * TICK]);
    },
  ],
  [3, ({ simulation, anyone, observer }) => void ask(simulation, anyone, campaign, observer)],
  [1, ({ simulation, anyone, observer }) => void ask(simulation, anyone, forgetLeader, observer)],
  [
    3,
    ({ simulation, leader, anyone, observer }) => {
      if (leader) ask(simulation, leader, (node) => transferLeadership(node, anyone.id), observer);
    },
  ],
  [8, changeMembers],
  [6, duplicate],
];

/** Each as often as its weight says. */
const WEIGHED: Action[] = ACTIONS.flatMap(([weight, action]) => Array.from({ length: weight }, () => action));

/** Throws a `Violation`. */
export function runSchedule(seed: number, steps: number): Outcome {
  const schedule = new Schedule(seed);
  const { chance, invariants, clients } = schedule;
  for (let step = 0; step < steps; step++) {
    schedule.pass(drawInteger(chance, oneIn(chance, 8) ? 20 * TICK : 2 * TICK));
    pick(chance, WEIGHED)(schedule);
  }
  schedule.heal();
  const liveAfter = schedule.untilLive();
  return {
    members: schedule.founders,
    preVote: schedule.settings.preVote!,
    writes: clients.writes,
    reads: clients.reads,
    elections: invariants.elections,
    changes: schedule.changes,
    liveAfter,
  };
}
