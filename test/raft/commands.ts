/** The commands of raft's interaction tests, each with what it prints. */
import { type ConfChange, changesFromText, type Transition } from '../../src/etcd/raft/conf-change.ts';
import { blankMessage, type Snapshot } from '../../src/etcd/raft/message.ts';
import {
  campaign,
  forgetLeader,
  propose,
  proposeConfChange,
  reportUnreachable,
  transferLeadership,
} from '../../src/etcd/raft/node.ts';
import { describeProgress } from '../../src/etcd/raft/progress.ts';
import { type Settings, settingsWith } from '../../src/etcd/raft/settings.ts';
import { tick } from '../../src/etcd/raft/tick.ts';
import { voterIds } from '../../src/etcd/raft/tracker.ts';
import type { Environment } from './environment.ts';
import type { Directive } from './script.ts';

type Command = (environment: Environment, directive: Directive) => string | undefined;

const positional = ({ args }: Directive): number[] =>
  args.filter(({ values }) => values.length === 0).map(({ key }) => Number(key));
const named = ({ args }: Directive, name: string): string[] => args.find(({ key }) => key === name)?.values ?? [];
const numbers = (directive: Directive, name: string): number[] => named(directive, name).map(Number);
const isTrue = (directive: Directive, name: string): boolean => named(directive, name)[0] === 'true';

/** As in rafttest: time is short, and nothing is bounded. */
const ELECTION_TICK = 3;
const HEARTBEAT_TICK = 1;
const MAX_INFLIGHT = 2 ** 31 - 1;

function addNodes(environment: Environment, directive: Directive): string | undefined {
  const voters = numbers(directive, 'voters');
  const learners = numbers(directive, 'learners');
  const index = numbers(directive, 'index')[0] ?? 0;
  const data = named(directive, 'content')[0] ?? '';
  const confState = { voters, votersOutgoing: [], learners, learnersNext: [], autoLeave: false };
  const bootstrap = voters.length + learners.length + index + data.length > 0;
  if (bootstrap && index <= 1) return 'index must be specified as > 1 due to bootstrap';
  const snapshot: Snapshot = { index, term: bootstrap ? 1 : 0, confState, data };
  const given: Partial<Settings> = {
    electionTick: ELECTION_TICK,
    heartbeatTick: HEARTBEAT_TICK,
    maxInflightMessages: numbers(directive, 'inflight')[0] ?? MAX_INFLIGHT,
    checkQuorum: isTrue(directive, 'checkquorum'),
    preVote: isTrue(directive, 'prevote'),
    readOnly: named(directive, 'read-only')[0] === 'lease-based' ? 'ReadOnlyLeaseBased' : 'ReadOnlySafe',
    disableConfChangeValidation: isTrue(directive, 'disable-conf-change-validation'),
    stepDownOnRemoval: isTrue(directive, 'step-down-on-removal'),
    asyncStorageWrites: isTrue(directive, 'async-storage-writes'),
  };
  const [perReady] = numbers(directive, 'max-committed-size-per-ready');
  if (perReady !== undefined) given.maxCommittedSizePerReady = perReady;
  for (let i = 0; i < Number(directive.args[0]!.key); i++)
    environment.addNode(settingsWith({ ...given, id: environment.runners.length + 1 }), snapshot);
  return undefined;
}

/** With several nodes each has its title. */
function forEach(
  environment: Environment,
  directive: Directive,
  title: string,
  act: (id: number) => string | undefined,
): string | undefined {
  const ids = positional(directive);
  for (const id of ids) {
    if (ids.length > 1) environment.output.write(`> ${id} ${title}\n`);
    const error = ids.length > 1 ? environment.output.indented(() => act(id)) : act(id);
    if (error) return error;
  }
  return undefined;
}

function deliverMessages(environment: Environment, directive: Directive): string | undefined {
  const [type] = named(directive, 'type');
  let delivered = 0;
  for (const { key, values } of directive.args) {
    if (values.length === 0) delivered += environment.deliver(Number(key), type);
    if (key === 'drop') for (const id of values) delivered += environment.deliver(Number(id), type, true);
  }
  if (delivered === 0) environment.output.write('no messages\n');
  return undefined;
}

const TRANSITIONS: Record<string, Transition> = {
  auto: 'ConfChangeTransitionAuto',
  implicit: 'ConfChangeTransitionJointImplicit',
  explicit: 'ConfChangeTransitionJointExplicit',
};

function proposeChange(environment: Environment, directive: Directive): string | undefined {
  const single = isTrue(directive, 'v1');
  const transition = TRANSITIONS[named(directive, 'transition')[0] ?? 'auto']!;
  const change: ConfChange = { transition, changes: changesFromText(directive.input), context: '' };
  return environment.do(positional(directive)[0]!, (node) => proposeConfChange(node, change, single));
}

function printState(environment: Environment): string | undefined {
  for (const { node } of environment.runners) {
    const { id, role, term, lead, tracker } = node.raft;
    const voter = voterIds(tracker.configuration).includes(id) ? '(Voter)' : '(Non-Voter)';
    environment.output.write(`${id}: ${role} ${voter} Term:${term} Lead:${lead}\n`);
  }
  return undefined;
}

function printStatus(environment: Environment, directive: Directive): string | undefined {
  const { raft } = environment.runner(positional(directive)[0]!).node;
  if (raft.role !== 'StateLeader') return undefined;
  for (const progress of raft.tracker.progress)
    environment.output.write(`${progress.id}: ${describeProgress(progress)}\n`);
  return undefined;
}

function stabilize(environment: Environment, directive: Directive): string | undefined {
  const { output } = environment;
  const before = output.level;
  const [level] = named(directive, 'log-level');
  if (level) output.setLevel(level);
  const ids = positional(directive);
  const error = environment.stabilize(ids.length > 0 ? ids : environment.runners.map(({ node }) => node.raft.id));
  output.level = before;
  return error;
}

const ticks =
  (which: 'electionTick' | 'heartbeatTick'): Command =>
  (environment, directive) => {
    const [id = 0] = positional(directive);
    const count = environment.runner(id).node.raft.settings[which];
    for (let i = 0; i < count; i++) environment.do(id, ({ raft }) => tick(raft));
    return undefined;
  };

const COMMANDS: Record<string, Command> = {
  'add-nodes': addNodes,
  campaign: (environment, directive) => environment.do(positional(directive)[0]!, campaign),
  compact: (environment, directive) => {
    const [id = 0, index = 0] = positional(directive);
    return environment.compact(id, index);
  },
  'deliver-msgs': deliverMessages,
  'forget-leader': (environment, directive) => environment.do(positional(directive)[0]!, forgetLeader),
  'log-level': ({ output }, { args }) => output.setLevel(args[0]!.key),
  'process-append-thread': (environment, directive) =>
    forEach(environment, directive, 'processing append thread', (id) => environment.processThread(id, 'appendWork')),
  'process-apply-thread': (environment, directive) =>
    forEach(environment, directive, 'processing apply thread', (id) => environment.processThread(id, 'applyWork')),
  'process-ready': (environment, directive) =>
    forEach(environment, directive, 'handling Ready', (id) => environment.processReady(id)),
  propose: (environment, { args }) => environment.do(Number(args[0]!.key), (node) => propose(node, args[1]!.key)),
  'propose-conf-change': proposeChange,
  'raft-log': (environment, directive) => void environment.printLog(positional(directive)[0]!),
  'raft-state': printState,
  'report-unreachable': (environment, directive) => {
    const [at = 0, gone = 0] = positional(directive);
    return environment.do(at, (node) => void reportUnreachable(node, gone));
  },
  'send-snapshot': (environment, directive) => {
    const [from = 0, to = 0] = positional(directive);
    environment.sendSnapshot(from, to, blankMessage('MsgSnap', to));
    return undefined;
  },
  'set-randomized-election-timeout': (environment, directive) => {
    const { raft } = environment.runner(positional(directive)[0]!).node;
    raft.randomizedElectionTimeout = numbers(directive, 'timeout')[0]!;
    return undefined;
  },
  stabilize,
  status: printStatus,
  'tick-election': ticks('electionTick'),
  'tick-heartbeat': ticks('heartbeatTick'),
  'transfer-leadership': (environment, directive) => {
    const [to = 0] = numbers(directive, 'to');
    return environment.do(numbers(directive, 'from')[0]!, (node) => void transferLeadership(node, to));
  },
};

/** What the command prints. */
export function run(environment: Environment, directive: Directive): string {
  const command = COMMANDS[directive.command];
  const error = command ? command(environment, directive) : 'unknown command';
  const { output } = environment;
  const printed = output.take();
  if (error && output.quiet) return error;
  return (printed + (error ?? '')).replace(/\n$/, '') || 'ok';
}
