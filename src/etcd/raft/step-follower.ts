/** What a follower does with a message of its term. Models stepFollower of raft.go. */
import { standForElection, TRANSFER } from './election.ts';
import { handleAppend, handleHeartbeat, handleSnapshot } from './follower-log.ts';
import { hex, say } from './journal.ts';
import { type Message, NONE } from './message.ts';
import { PROPOSAL_DROPPED, type StepError } from './proposals.ts';
import { type Raft, send } from './raft.ts';

export function stepFollower(raft: Raft, message: Message): StepError {
  switch (message.type) {
    case 'MsgProp':
      return passOnProposal(raft, message);
    case 'MsgApp':
      heard(raft, message);
      handleAppend(raft, message);
      break;
    case 'MsgHeartbeat':
      heard(raft, message);
      handleHeartbeat(raft, message);
      break;
    case 'MsgSnap':
      heard(raft, message);
      handleSnapshot(raft, message);
      break;
    case 'MsgTransferLeader':
      passOn(raft, message, 'leader transfer');
      break;
    case 'MsgReadIndex':
      passOn(raft, message, 'index reading');
      break;
    case 'MsgForgetLeader':
      forgetLeader(raft);
      break;
    case 'MsgTimeoutNow':
      say(raft, 'INFO', () => {
        const received = `${hex(raft.id)} [term ${raft.term}] received MsgTimeoutNow from ${hex(message.from)}`;
        return `${received} and starts an election to get leadership.`;
      });
      standForElection(raft, TRANSFER);
      break;
    case 'MsgReadIndexResp':
      readAnswered(raft, message);
      break;
    default:
  }
  return undefined;
}

function heard(raft: Raft, { from }: Message): void {
  raft.electionElapsed = 0;
  raft.lead = from;
}

function passOnProposal(raft: Raft, message: Message): StepError {
  if (raft.lead === NONE) {
    say(raft, 'INFO', () => `${hex(raft.id)} no leader at term ${raft.term}; dropping proposal`);
    return PROPOSAL_DROPPED;
  }
  if (raft.settings.disableProposalForwarding) {
    const refused = `not forwarding to leader ${hex(raft.lead)} at term ${raft.term}`;
    say(raft, 'INFO', () => `${hex(raft.id)} ${refused}; dropping proposal`);
    return PROPOSAL_DROPPED;
  }
  send(raft, { ...message, to: raft.lead });
  return undefined;
}

function passOn(raft: Raft, message: Message, what: string): void {
  if (raft.lead === NONE)
    say(raft, 'INFO', () => `${hex(raft.id)} no leader at term ${raft.term}; dropping ${what} msg`);
  else send(raft, { ...message, to: raft.lead });
}

/** It may vote for another at once. With leases it may not: the leader counts on it. */
function forgetLeader(raft: Raft): void {
  if (raft.settings.readOnly === 'ReadOnlyLeaseBased') {
    say(raft, 'ERROR', () => 'ignoring MsgForgetLeader due to ReadOnlyLeaseBased');
  } else if (raft.lead !== NONE) {
    say(raft, 'INFO', () => `${hex(raft.id)} forgetting leader ${hex(raft.lead)} at term ${raft.term}`);
    raft.lead = NONE;
  }
}

function readAnswered(raft: Raft, { from, index, entries }: Message): void {
  if (entries.length === 1) {
    raft.readStates.push({ index, context: entries[0]!.data });
    return;
  }
  say(raft, 'ERROR', () => {
    const what = `invalid format of MsgReadIndexResp from ${hex(from)}`;
    return `${hex(raft.id)} ${what}, entries count: ${entries.length}`;
  });
}
