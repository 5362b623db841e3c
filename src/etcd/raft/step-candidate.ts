/** What a candidate does with a message of its term, and one who only asks. Models stepCandidate of raft.go. */
import { beginCampaign, poll } from './election.ts';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-log.ts';
import { hex, say } from './journal.ts';
import { type Message, NONE } from './message.ts';
import { PROPOSAL_DROPPED, type StepError } from './proposals.ts';
import type { Raft } from './raft.ts';
import { broadcastAppend } from './replication.ts';
import { becomeFollower, becomeLeader } from './roles.ts';

export function stepCandidate(raft: Raft, message: Message): StepError {
  switch (message.type) {
    case 'MsgProp':
      say(raft, 'INFO', () => `${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`);
      return PROPOSAL_DROPPED;
    case 'MsgApp':
      becomeFollower(raft, message.term, message.from);
      handleAppend(raft, message);
      break;
    case 'MsgHeartbeat':
      becomeFollower(raft, message.term, message.from);
      handleHeartbeat(raft, message);
      break;
    case 'MsgSnap':
      becomeFollower(raft, message.term, message.from);
      handleSnapshot(raft, message);
      break;
    case 'MsgPreVoteResp':
      if (raft.role === 'StatePreCandidate') countVote(raft, message);
      break;
    case 'MsgVoteResp':
      if (raft.role === 'StateCandidate') countVote(raft, message);
      break;
    case 'MsgTimeoutNow':
      say(raft, 'DEBUG', () => {
        const own = `${hex(raft.id)} [term ${raft.term} state ${raft.role}]`;
        return `${own} ignored MsgTimeoutNow from ${hex(message.from)}`;
      });
      break;
    default:
  }
  return undefined;
}

function countVote(raft: Raft, message: Message): void {
  const result = poll(raft, message);
  if (result === 'VoteLost') {
    becomeFollower(raft, raft.term, NONE);
  } else if (result === 'VoteWon' && raft.role === 'StatePreCandidate') {
    beginCampaign(raft, 'CampaignElection');
  } else if (result === 'VoteWon') {
    becomeLeader(raft);
    broadcastAppend(raft);
  }
}
