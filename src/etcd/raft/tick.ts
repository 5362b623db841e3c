/** A tick of the clock: the only way in which time passes. Models raft.go. */
import { promotable } from './election.ts';
import { blankMessage, type MessageType, NONE } from './message.ts';
import { abortLeaderTransfer, type Raft } from './raft.ts';
import { step } from './step.ts';

export function tick(raft: Raft): void {
  if (raft.role === 'StateLeader') tickLeader(raft);
  else tickElection(raft);
}

const tell = (raft: Raft, type: MessageType): unknown => step(raft, blankMessage(type, NONE, raft.id));

function tickElection(raft: Raft): void {
  raft.electionElapsed++;
  if (!promotable(raft) || raft.electionElapsed < raft.randomizedElectionTimeout) return;
  raft.electionElapsed = 0;
  tell(raft, 'MsgHup');
}

/** Once an election timeout: is there a quorum, and has whom it hands over to taken over. */
function tickLeader(raft: Raft): void {
  raft.heartbeatElapsed++;
  raft.electionElapsed++;
  if (raft.electionElapsed >= raft.settings.electionTick) {
    raft.electionElapsed = 0;
    if (raft.settings.checkQuorum) tell(raft, 'MsgCheckQuorum');
    if (raft.role === 'StateLeader') abortLeaderTransfer(raft);
  }
  if (raft.role !== 'StateLeader' || raft.heartbeatElapsed < raft.settings.heartbeatTick) return;
  raft.heartbeatElapsed = 0;
  tell(raft, 'MsgBeat');
}
