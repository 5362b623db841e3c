/** A leader hands over: it lets the other catch up, and then tells it to stand at once. Models raft.go; thesis, 3.10. */
import { hex, say } from './journal.ts';
import { lastIndex } from './log.ts';
import { blankMessage, NONE } from './message.ts';
import type { Progress } from './progress.ts';
import { abortLeaderTransfer, type Raft, send } from './raft.ts';
import { maybeSendAppend } from './replication.ts';

const tellToStand = (raft: Raft, to: number): void => send(raft, blankMessage('MsgTimeoutNow', to));

/** Until it is done, or an election timeout has passed, nothing is proposed. */
export function transferLeader(raft: Raft, progress: Progress): void {
  const to = progress.id;
  const own = `${hex(raft.id)} [term ${raft.term}]`;
  if (progress.isLearner) {
    say(raft, 'DEBUG', () => `${hex(raft.id)} is learner. Ignored transferring leadership`);
    return;
  }
  const before = raft.leadTransferee;
  if (before === to) {
    const ignored = `ignores request to same node ${hex(to)}`;
    say(raft, 'INFO', () => `${own} transfer leadership to ${hex(to)} is in progress, ${ignored}`);
    return;
  }
  if (before !== NONE) {
    abortLeaderTransfer(raft);
    say(raft, 'INFO', () => `${own} abort previous transferring leadership to ${hex(before)}`);
  }
  if (to === raft.id) {
    say(raft, 'DEBUG', () => `${hex(raft.id)} is already leader. Ignored transferring leadership to self`);
    return;
  }
  say(raft, 'INFO', () => `${own} starts to transfer leadership to ${hex(to)}`);
  raft.electionElapsed = 0;
  raft.leadTransferee = to;
  if (progress.match !== lastIndex(raft.log)) {
    maybeSendAppend(raft, to, true);
    return;
  }
  tellToStand(raft, to);
  say(raft, 'INFO', () => {
    const why = `as ${hex(to)} already has up-to-date log`;
    return `${hex(raft.id)} sends MsgTimeoutNow to ${hex(to)} immediately ${why}`;
  });
}

/** The other has acknowledged an append: perhaps it has all now. */
export function continueTransfer(raft: Raft, progress: Progress): void {
  if (progress.id !== raft.leadTransferee || progress.match !== lastIndex(raft.log)) return;
  say(raft, 'INFO', () => `${hex(raft.id)} sent MsgTimeoutNow to ${hex(progress.id)} after received MsgAppResp`);
  tellToStand(raft, progress.id);
}
