/** Campaigns and votes, with and without asking first. Models raft.go. */
import { hex, say } from './journal.ts';
import { hasSnapshot, isUpToDate, lastEntryId, unapplied } from './log.ts';
import { blankMessage, type Message, type MessageType, NONE } from './message.ts';
import type { VoteResult } from './quorum.ts';
import { type Raft, send } from './raft.ts';
import { becomeCandidate, becomePreCandidate } from './roles.ts';
import { progressOf, recordVote, tallyVotes, voterIds } from './tracker.ts';

export type Campaign = 'CampaignPreElection' | 'CampaignElection' | 'CampaignTransfer';

/** The context of a vote that was asked for by the leader itself: no lease stands against it. */
export const TRANSFER: Campaign = 'CampaignTransfer';

/** Learners do not stand, nor those removed, nor who has a snapshot to apply. */
export function promotable(raft: Raft): boolean {
  const own = progressOf(raft.tracker, raft.id);
  return own !== undefined && !own.isLearner && !hasSnapshot(raft.log);
}

/** An election begins here, if this node may stand. */
export function standForElection(raft: Raft, campaign: Campaign): void {
  const own = hex(raft.id);
  if (raft.role === 'StateLeader') {
    say(raft, 'DEBUG', () => `${own} ignoring MsgHup because already leader`);
  } else if (!promotable(raft)) {
    say(raft, 'WARN', () => `${own} is unpromotable and can not campaign`);
  } else if (unapplied(raft.log).some(({ type }) => type !== 'EntryNormal')) {
    const why = 'since there are still pending configuration changes to apply';
    say(raft, 'WARN', () => `${own} cannot campaign at term ${raft.term} ${why}`);
  } else {
    say(raft, 'INFO', () => `${own} is starting a new election at term ${raft.term}`);
    beginCampaign(raft, campaign);
  }
}

/** The own vote counts when it is on the disk, like any other. */
export function beginCampaign(raft: Raft, campaign: Campaign): void {
  const asksOnly = campaign === 'CampaignPreElection';
  if (asksOnly) becomePreCandidate(raft);
  else becomeCandidate(raft);
  const term = asksOnly ? raft.term + 1 : raft.term;
  const type = asksOnly ? 'MsgPreVote' : 'MsgVote';
  const last = lastEntryId(raft.log);
  for (const id of voterIds(raft.tracker.configuration)) {
    const message = blankMessage(id === raft.id ? answerType(type) : type, id);
    message.term = term;
    if (id !== raft.id) {
      say(raft, 'INFO', () => {
        const log = `[logterm: ${last.term}, index: ${last.index}]`;
        return `${hex(raft.id)} ${log} sent ${type} request to ${hex(id)} at term ${raft.term}`;
      });
      message.index = last.index;
      message.logTerm = last.term;
      message.context = campaign === TRANSFER ? TRANSFER : '';
    }
    send(raft, message);
  }
}

const answerType = (type: MessageType): MessageType => (type === 'MsgVote' ? 'MsgVoteResp' : 'MsgPreVoteResp');

/** Counts a vote, and says how it stands. */
export function poll(raft: Raft, { from, type, reject }: Message): VoteResult {
  say(raft, 'INFO', () => {
    const what = `${type}${reject ? ' rejection' : ''}`;
    return `${hex(raft.id)} received ${what} from ${hex(from)} at term ${raft.term}`;
  });
  recordVote(raft.tracker, from, !reject);
  const { granted, rejected, result } = tallyVotes(raft.tracker);
  const counts = `${granted} ${type} votes and ${rejected} vote rejections`;
  say(raft, 'INFO', () => `${hex(raft.id)} has received ${counts}`);
  return result;
}

/** `1 [logterm: 1, index: 10, vote: 0] VERB MsgVote from 2 [logterm: 1, index: 10] at term 1` */
export function voteNote(raft: Raft, verb: string, message: Message, preposition = 'from'): string {
  const last = lastEntryId(raft.log);
  const own = `${hex(raft.id)} [logterm: ${last.term}, index: ${last.index}, vote: ${hex(raft.vote)}]`;
  const theirs = `${hex(message.from)} [logterm: ${message.logTerm}, index: ${message.index}]`;
  return `${own} ${verb} ${message.type} ${preposition} ${theirs} at term ${raft.term}`;
}

/**
 * A vote is cast once a term, for a log that has all that may be committed. Learners vote too: one may be a voter already and not
 * know it. What is only asked is answered for the term that is asked about.
 */
export function answerVoteRequest(raft: Raft, message: Message): void {
  const free =
    raft.vote === message.from ||
    (raft.vote === NONE && raft.lead === NONE) ||
    (message.type === 'MsgPreVote' && message.term > raft.term);
  const granted = free && isUpToDate(raft.log, { term: message.logTerm, index: message.index });
  const answer = blankMessage(answerType(message.type), message.from);
  answer.term = granted ? message.term : raft.term;
  answer.reject = !granted;
  if (granted) say(raft, 'INFO', () => voteNote(raft, 'cast', message, 'for'));
  else say(raft, 'INFO', () => voteNote(raft, 'rejected', message));
  send(raft, answer);
  if (granted && message.type === 'MsgVote') {
    raft.electionElapsed = 0;
    raft.vote = message.from;
  }
}
