/** A node begins from what is on its disk: the same with an empty disk, after a restart, and after a crash. Models newRaft of raft.go. */
import { hex, type Journal, panic, say } from './journal.ts';
import { appliedUpTo, lastEntryId, lastIndex, newLog } from './log.ts';
import { restoreConfiguration } from './membership.ts';
import { NONE } from './message.ts';
import type { Node } from './node.ts';
import { hardState, type Raft, softState } from './raft.ts';
import { newReads } from './reads.ts';
import { becomeFollower } from './roles.ts';
import { checkSettings, type Settings } from './settings.ts';
import type { Storage } from './storage.ts';
import { emptyTracker, voterIds } from './tracker.ts';

export interface Beginning {
  settings: Settings;
  storage: Storage;
  /** What the state machine has applied; 0 is what the log begins behind. */
  applied: number;
  /** The configuration comes from the storage's snapshot; this one's chance from here. */
  seed: number;
  notes?: Journal['notes'];
}

export function startNode({ settings, storage, applied, seed, notes }: Beginning): Node {
  checkSettings(settings);
  const raft: Raft = {
    notes,
    chance: seed | 0,
    settings,
    id: settings.id,
    term: 0,
    vote: NONE,
    role: 'StateFollower',
    lead: NONE,
    leadTransferee: NONE,
    isLearner: false,
    log: newLog(storage, settings.maxCommittedSizePerReady),
    tracker: emptyTracker(settings),
    messages: [],
    messagesAfterAppend: [],
    pendingConfIndex: 0,
    uncommittedSize: 0,
    reads: newReads(),
    readStates: [],
    pendingReads: [],
    electionElapsed: 0,
    heartbeatElapsed: 0,
    randomizedElectionTimeout: 0,
  };
  restoreConfiguration(raft, storage.snapshot.confState);
  loadHardState(raft);
  if (applied > 0) appliedUpTo(raft, raft.log, applied, 0);
  becomeFollower(raft, raft.term, NONE);
  say(raft, 'INFO', () => beginningNote(raft));
  return { raft, soft: softState(raft), hard: hardState(raft), stepsOnAdvance: [] };
}

function loadHardState(raft: Raft): void {
  const { term, vote, commit } = raft.log.storage.hardState;
  if (term === 0 && vote === NONE && commit === 0) return;
  const { committed } = raft.log;
  if (commit < committed || commit > lastIndex(raft.log)) {
    const range = `[${committed}, ${lastIndex(raft.log)}]`;
    panic(raft, `${hex(raft.id)} state.commit ${commit} is out of range ${range}`);
  }
  raft.log.committed = commit;
  raft.term = term;
  raft.vote = vote;
}

function beginningNote(raft: Raft): string {
  const last = lastEntryId(raft.log);
  const peers = voterIds(raft.tracker.configuration).map(hex).join(',');
  const indexes = `commit: ${raft.log.committed}, applied: ${raft.log.applied}`;
  return `newRaft ${hex(raft.id)} [peers: [${peers}], term: ${raft.term}, ${indexes}, lastindex: ${last.index}, lastterm: ${last.term}]`;
}
