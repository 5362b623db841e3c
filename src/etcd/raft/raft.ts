/**
 * A node's state, and what all of its parts do to it: send, and begin anew at a term. Plain data: it can be written as JSON at any
 * time and goes on from there. Time passes by ticks only, and chance comes of its own word.
 * Models go.etcd.io/raft/v3/raft.go.
 */
import { type Chance, drawInteger } from './chance.ts';
import { type Journal, panic } from './journal.ts';
import { lastIndex, type RaftLog } from './log.ts';
import { type HardState, type Message, NONE } from './message.ts';
import { newProgress } from './progress.ts';
import { newReads, type ReadState, type Reads } from './reads.ts';
import type { Settings } from './settings.ts';
import type { Tracker } from './tracker.ts';

export type Role = 'StateFollower' | 'StateCandidate' | 'StateLeader' | 'StatePreCandidate';

export interface Raft extends Journal, Chance {
  settings: Settings;
  id: number;
  term: number;
  vote: number;
  role: Role;
  /** The leader, as far as is known here. */
  lead: number;
  /** Whom the leader hands over to. */
  leadTransferee: number;
  isLearner: boolean;
  log: RaftLog;
  tracker: Tracker;
  /** To be sent at once. */
  messages: Message[];
  /** To be sent, or taken by this node itself, when all that is unstable now is on the disk: votes and acknowledgements. */
  messagesAfterAppend: Message[];
  /** No change of the configuration may be proposed before this index is applied. */
  pendingConfIndex: number;
  /** Bytes of what this leader was proposed and has not applied; never too many. */
  uncommittedSize: number;
  reads: Reads;
  readStates: ReadState[];
  /** Reads that wait for the first commit of this leader's term. */
  pendingReads: Message[];
  /** Ticks since the leader was heard of; of a leader: since it last checked its quorum. */
  electionElapsed: number;
  heartbeatElapsed: number;
  randomizedElectionTimeout: number;
}

export interface SoftState {
  lead: number;
  role: Role;
}

export const softState = ({ lead, role }: Raft): SoftState => ({ lead, role });

export const hardState = ({ term, vote, log }: Raft): HardState => ({ term, vote, commit: log.committed });

const isVoteMessage = ({ type }: Message): boolean =>
  type === 'MsgVote' || type === 'MsgVoteResp' || type === 'MsgPreVote' || type === 'MsgPreVoteResp';

/** Whether it promises what must be on the disk before others hear of it. */
const isPromise = ({ type }: Message): boolean =>
  type === 'MsgAppResp' || type === 'MsgVoteResp' || type === 'MsgPreVoteResp';

/** The message is this node's from here on. Those of votes have their term already; what is passed on to the leader has none. */
export function send(raft: Raft, message: Message): void {
  if (message.from === NONE) message.from = raft.id;
  if (isVoteMessage(message)) {
    if (message.term === 0) panic(raft, `term should be set when sending ${message.type}`);
  } else {
    if (message.term !== 0) panic(raft, `term should not be set when sending ${message.type} (was ${message.term})`);
    if (message.type !== 'MsgProp' && message.type !== 'MsgReadIndex') message.term = raft.term;
  }
  if (isPromise(message)) {
    raft.messagesAfterAppend.push(message);
    return;
  }
  if (message.to === raft.id) panic(raft, `message should not be self-addressed when sending ${message.type}`);
  raft.messages.push(message);
}

export const abortLeaderTransfer = (raft: Raft): void => {
  raft.leadTransferee = NONE;
};

/** Begins at a term, which may be the same: nobody leads, nobody has voted for this node, nothing is known of others' logs. */
export function reset(raft: Raft, term: number): void {
  if (raft.term !== term) {
    raft.term = term;
    raft.vote = NONE;
  }
  raft.lead = NONE;
  raft.electionElapsed = 0;
  raft.heartbeatElapsed = 0;
  const { electionTick } = raft.settings;
  raft.randomizedElectionTimeout = electionTick + drawInteger(raft, electionTick);
  abortLeaderTransfer(raft);
  const { tracker } = raft;
  tracker.votes = {};
  const last = lastIndex(raft.log);
  tracker.progress = tracker.progress.map(({ id, isLearner }) => {
    const progress = newProgress(id, last + 1, isLearner, tracker.limits);
    if (id === raft.id) progress.match = last;
    return progress;
  });
  raft.pendingConfIndex = 0;
  raft.uncommittedSize = 0;
  raft.reads = newReads();
}
