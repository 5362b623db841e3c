/** A message arrives: first its term, which may end this node's own; then what the node's role makes of it. Models Step of raft.go. */
import { answerVoteRequest, standForElection, TRANSFER, voteNote } from './election.ts';
import { hex, say } from './journal.ts';
import { blankMessage, type Message, NONE } from './message.ts';
import { applied, appliedSnapshot, type StepError } from './proposals.ts';
import { type Raft, send } from './raft.ts';
import { becomeFollower } from './roles.ts';
import { entriesSize, payloadsSize } from './size.ts';
import { stepCandidate } from './step-candidate.ts';
import { stepFollower } from './step-follower.ts';
import { stepLeader } from './step-leader.ts';
import { stableTo } from './unstable.ts';

/** The message is not changed. */
export function step(raft: Raft, message: Message): StepError {
  if (message.term > raft.term) {
    if (!followTerm(raft, message)) return undefined;
  } else if (message.term !== 0 && message.term < raft.term) {
    answerOldTerm(raft, message);
    return undefined;
  }
  switch (message.type) {
    case 'MsgHup':
      standForElection(raft, raft.settings.preVote ? 'CampaignPreElection' : 'CampaignElection');
      return undefined;
    case 'MsgStorageAppendResp':
      if (message.index !== 0) stableTo(raft, raft.log.unstable, message.index, message.logTerm);
      if (message.snapshot) appliedSnapshot(raft, message.snapshot.index);
      return undefined;
    case 'MsgStorageApplyResp':
      entriesApplied(raft, message);
      return undefined;
    case 'MsgVote':
    case 'MsgPreVote':
      answerVoteRequest(raft, message);
      return undefined;
    default:
  }
  if (raft.role === 'StateLeader') return stepLeader(raft, message);
  return raft.role === 'StateFollower' ? stepFollower(raft, message) : stepCandidate(raft, message);
}

function entriesApplied(raft: Raft, { entries }: Message): void {
  if (entries.length === 0) return;
  applied(raft, entries[entries.length - 1]!.index, entriesSize(entries));
  raft.uncommittedSize = Math.max(0, raft.uncommittedSize - payloadsSize(entries));
}

/** Of a later term. False if it is to be ignored: a leader was heard of a moment ago, and has not asked for this vote. */
function followTerm(raft: Raft, message: Message): boolean {
  const { type, from, term, context } = message;
  const { checkQuorum, electionTick } = raft.settings;
  if ((type === 'MsgVote' || type === 'MsgPreVote') && context !== TRANSFER) {
    if (checkQuorum && raft.lead !== NONE && raft.electionElapsed < electionTick) {
      const left = `lease is not expired (remaining ticks: ${electionTick - raft.electionElapsed})`;
      say(raft, 'INFO', () => `${voteNote(raft, 'ignored', message)}: ${left}`);
      return false;
    }
  }
  // To be asked, or to be told yes, is no election yet.
  if (type === 'MsgPreVote' || (type === 'MsgPreVoteResp' && !message.reject)) return true;
  say(raft, 'INFO', () => {
    const received = `received a ${type} message with higher term from ${hex(from)} [term: ${term}]`;
    return `${hex(raft.id)} [term: ${raft.term}] ${received}`;
  });
  const ofLeader = type === 'MsgApp' || type === 'MsgHeartbeat' || type === 'MsgSnap';
  becomeFollower(raft, term, ofLeader ? from : NONE);
  return true;
}

/** Of an earlier term. Who leads no more, and who asks in vain, is told the term; the rest is ignored. */
function answerOldTerm(raft: Raft, message: Message): void {
  const { type, from, term } = message;
  const own = `${hex(raft.id)} [term: ${raft.term}]`;
  if ((raft.settings.checkQuorum || raft.settings.preVote) && (type === 'MsgHeartbeat' || type === 'MsgApp')) {
    send(raft, blankMessage('MsgAppResp', from));
  } else if (type === 'MsgPreVote') {
    say(raft, 'INFO', () => voteNote(raft, 'rejected', message));
    const answer = blankMessage('MsgPreVoteResp', from);
    answer.term = raft.term;
    answer.reject = true;
    send(raft, answer);
  } else if (type === 'MsgStorageAppendResp') {
    // Another term's entries may be on their way to the disk, in the place of these. A snapshot holds for all terms.
    if (message.index !== 0) {
      const ignored = `ignored entry appends from a ${type} message with lower term [term: ${term}]`;
      say(raft, 'INFO', () => `${own} ${ignored}`);
    }
    if (message.snapshot) appliedSnapshot(raft, message.snapshot.index);
  } else {
    say(raft, 'INFO', () => `${own} ignored a ${type} message with lower term from ${hex(from)} [term: ${term}]`);
  }
}
