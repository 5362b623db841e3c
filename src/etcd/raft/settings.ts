/** How a node is to behave; the same for its whole life. Models go.etcd.io/raft/v3's Config. */
import { NO_LIMIT } from './message.ts';

export type ReadOnlyOption =
  /** A read waits until a quorum has answered a heartbeat. */
  | 'ReadOnlySafe'
  /** A leader answers at once while its lease runs: as right as its clock. */
  | 'ReadOnlyLeaseBased';

export interface Settings {
  id: number;
  /** Ticks without a word of the leader after which an election begins; each node waits up to twice as long, by chance. */
  electionTick: number;
  /** Ticks between two heartbeats; fewer than `electionTick`. */
  heartbeatTick: number;
  /** Bytes of entries in one append; one entry at least is sent. */
  maxSizePerMessage: number;
  /** Bytes of entries that are handed out to be applied, and not done. */
  maxCommittedSizePerReady: number;
  /** Bytes of proposals that a leader holds uncommitted; more are dropped. */
  maxUncommittedSize: number;
  maxInflightMessages: number;
  maxInflightBytes: number;
  checkQuorum: boolean;
  preVote: boolean;
  readOnly: ReadOnlyOption;
  disableProposalForwarding: boolean;
  disableConfChangeValidation: boolean;
  stepDownOnRemoval: boolean;
  /** Storage is written to by messages and their answers, rather than between `ready` and `advance`. */
  asyncStorageWrites: boolean;
}

export const settingsWith = (given: Partial<Settings> & { id: number }): Settings => ({
  electionTick: 10,
  heartbeatTick: 1,
  maxSizePerMessage: NO_LIMIT,
  maxCommittedSizePerReady: given.maxSizePerMessage ?? NO_LIMIT,
  maxUncommittedSize: NO_LIMIT,
  maxInflightMessages: 512,
  maxInflightBytes: NO_LIMIT,
  checkQuorum: false,
  preVote: false,
  readOnly: 'ReadOnlySafe',
  disableProposalForwarding: false,
  disableConfChangeValidation: false,
  stepDownOnRemoval: false,
  asyncStorageWrites: false,
  ...given,
});

/** Throws, in raft's words, on what cannot be. */
export function checkSettings(settings: Settings): void {
  const refuse = (text: string): never => {
    throw new Error(text);
  };
  if (settings.id === 0) refuse('cannot use none as id');
  if (settings.id < 0) refuse('cannot use local target as id');
  if (settings.heartbeatTick <= 0) refuse('heartbeat tick must be greater than 0');
  if (settings.electionTick <= settings.heartbeatTick) refuse('election tick must be greater than heartbeat tick');
  if (settings.maxInflightMessages <= 0) refuse('max inflight messages must be greater than 0');
  if (settings.maxInflightBytes < settings.maxSizePerMessage) refuse('max inflight bytes must be >= max message size');
  if (settings.readOnly === 'ReadOnlyLeaseBased' && !settings.checkQuorum)
    refuse('CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased');
}
