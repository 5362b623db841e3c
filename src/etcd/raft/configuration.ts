/**
 * From one configuration to the next: a single step, into a joint one, out of it. What is given is left as it is.
 * Models go.etcd.io/raft/v3/confchange.
 */
import type { ConfChangeSingle, ConfState } from './conf-change.ts';
import { type FlowLimits, newProgress, type Progress } from './progress.ts';
import { emptyTracker, type Tracker, voterIds } from './tracker.ts';

/** Who is in it, and what is known of each. */
export type Members = Pick<Tracker, 'configuration' | 'progress'>;

/** A change that its configuration does not allow. */
export class ConfChangeError extends Error {}

const copied = ({ configuration, progress }: Members): Members => ({
  configuration: {
    voters: [...configuration.voters],
    votersOutgoing: [...configuration.votersOutgoing],
    learners: [...configuration.learners],
    learnersNext: [...configuration.learnersNext],
    autoLeave: false,
  },
  progress: progress.map((one) => ({ ...one })),
});

const isJoint = ({ votersOutgoing }: ConfState): boolean => votersOutgoing.length > 0;

function insert(ids: number[], id: number): void {
  if (ids.includes(id)) return;
  ids.push(id);
  ids.sort((a, b) => a - b);
}

function drop(ids: number[], id: number): void {
  const at = ids.indexOf(id);
  if (at >= 0) ids.splice(at, 1);
}

const find = (members: Members, id: number): Progress | undefined => members.progress.find((one) => one.id === id);

/** One change at a time, on members that are the changer's own. */
class Changer {
  readonly #members: Members;
  readonly #limits: FlowLimits;
  readonly #lastIndex: number;

  constructor(members: Members, limits: FlowLimits, lastIndex: number) {
    this.#members = members;
    this.#limits = limits;
    this.#lastIndex = lastIndex;
  }

  apply(changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      if (nodeId === 0) continue;
      if (type === 'ConfChangeAddNode') this.#makeVoter(nodeId);
      else if (type === 'ConfChangeAddLearnerNode') this.#makeLearner(nodeId);
      else if (type === 'ConfChangeRemoveNode') this.#remove(nodeId);
    }
    if (this.#members.configuration.voters.length === 0) throw new ConfChangeError('removed all voters');
  }

  /** Who is new counts as heard of, so that the next check of the quorum does not count it as gone before it could speak. */
  #track(id: number, isLearner: boolean): void {
    const progress = newProgress(id, Math.max(this.#lastIndex, 1), isLearner, this.#limits);
    progress.recentActive = true;
    this.#members.progress.push(progress);
    this.#members.progress.sort((a, b) => a.id - b.id);
  }

  #makeVoter(id: number): void {
    const { configuration } = this.#members;
    const progress = find(this.#members, id);
    if (progress) progress.isLearner = false;
    else this.#track(id, false);
    drop(configuration.learners, id);
    drop(configuration.learnersNext, id);
    insert(configuration.voters, id);
  }

  /** Who votes in the outgoing half cannot learn yet. */
  #makeLearner(id: number): void {
    const { configuration } = this.#members;
    const progress = find(this.#members, id);
    if (!progress) {
      this.#track(id, true);
      insert(configuration.learners, id);
      return;
    }
    if (progress.isLearner) return;
    drop(configuration.voters, id);
    if (configuration.votersOutgoing.includes(id)) {
      insert(configuration.learnersNext, id);
    } else {
      progress.isLearner = true;
      insert(configuration.learners, id);
    }
  }

  #remove(id: number): void {
    const { configuration, progress } = this.#members;
    if (!find(this.#members, id)) return;
    drop(configuration.voters, id);
    drop(configuration.learners, id);
    drop(configuration.learnersNext, id);
    if (!configuration.votersOutgoing.includes(id)) this.#members.progress = progress.filter((one) => one.id !== id);
  }
}

export function simple(tracker: Tracker, lastIndex: number, changes: readonly ConfChangeSingle[]): Members {
  const before = tracker.configuration;
  if (isJoint(before)) throw new ConfChangeError("can't apply simple config change in joint config");
  const members = copied(tracker);
  new Changer(members, tracker.limits, lastIndex).apply(changes);
  const { voters } = members.configuration;
  const changed =
    voters.filter((id) => !before.voters.includes(id)).length +
    before.voters.filter((id) => !voters.includes(id)).length;
  if (changed > 1) throw new ConfChangeError('more than one voter changed without entering joint config');
  return checked(members);
}

export function enterJoint(
  tracker: Tracker,
  lastIndex: number,
  autoLeave: boolean,
  changes: readonly ConfChangeSingle[],
): Members {
  if (isJoint(tracker.configuration)) throw new ConfChangeError('config is already joint');
  if (tracker.configuration.voters.length === 0) throw new ConfChangeError("can't make a zero-voter config joint");
  const members = copied(tracker);
  members.configuration.votersOutgoing = [...members.configuration.voters];
  new Changer(members, tracker.limits, lastIndex).apply(changes);
  members.configuration.autoLeave = autoLeave;
  return checked(members);
}

export function leaveJoint(tracker: Tracker): Members {
  if (!isJoint(tracker.configuration)) throw new ConfChangeError("can't leave a non-joint config");
  const members = copied(tracker);
  const { configuration } = members;
  for (const id of configuration.learnersNext) {
    insert(configuration.learners, id);
    find(members, id)!.isLearner = true;
  }
  configuration.learnersNext = [];
  configuration.votersOutgoing = [];
  const stays = new Set([...configuration.voters, ...configuration.learners]);
  members.progress = members.progress.filter(({ id }) => stays.has(id));
  return checked(members);
}

/** What holds of every configuration, the empty one included. */
function checked(members: Members): Members {
  const { configuration, progress } = members;
  const { voters, votersOutgoing, learners, learnersNext } = configuration;
  const wrong = (text: string): never => {
    throw new ConfChangeError(text);
  };
  for (const id of [...voterIds(configuration), ...learners, ...learnersNext])
    if (!find(members, id)) wrong(`no progress for ${id}`);
  for (const id of learnersNext) {
    if (!votersOutgoing.includes(id)) wrong(`${id} is in LearnersNext, but not Voters[1]`);
    if (find(members, id)!.isLearner) wrong(`${id} is in LearnersNext, but is already marked as learner`);
  }
  for (const id of learners) {
    if (votersOutgoing.includes(id)) wrong(`${id} is in Learners and Voters[1]`);
    if (voters.includes(id)) wrong(`${id} is in Learners and Voters[0]`);
    if (!find(members, id)!.isLearner) wrong(`${id} is in Learners, but is not marked as learner`);
  }
  if (!isJoint(configuration) && learnersNext.length > 0) wrong('cfg.LearnersNext must be nil when not joint');
  return { configuration, progress };
}

/** The members that a stored configuration means, nothing being known of any. */
export function restored(state: ConfState, lastIndex: number, limits: FlowLimits): Members {
  const add = (id: number): ConfChangeSingle => ({ type: 'ConfChangeAddNode', nodeId: id });
  const learn = (id: number): ConfChangeSingle => ({ type: 'ConfChangeAddLearnerNode', nodeId: id });
  const incoming = [...state.voters.map(add), ...[...state.learners, ...state.learnersNext].map(learn)];
  const tracker = emptyTracker(limits);
  const first = state.votersOutgoing.length > 0 ? state.votersOutgoing.map(add) : incoming;
  for (const change of first) Object.assign(tracker, simple(tracker, lastIndex, [change]));
  if (state.votersOutgoing.length === 0) return tracker;
  const removals = state.votersOutgoing.map((id): ConfChangeSingle => ({ type: 'ConfChangeRemoveNode', nodeId: id }));
  return enterJoint(tracker, lastIndex, state.autoLeave, [...removals, ...incoming]);
}
