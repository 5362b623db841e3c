/**
 * A node from outside: what happens to it, and the loop in which its owner takes what is ready, writes it to the disk, sends the
 * messages, applies what is committed, and says so. Models go.etcd.io/raft/v3/rawnode.go.
 *
 * With `asyncStorageWrites` nothing is said so: writes are messages to a thread of storage, whose answers go where they are sent.
 */
import type { ConfChange, ConfState } from './conf-change.ts';
import { panic } from './journal.ts';
import { acceptApplying, hasNextCommitted, lastEntryId, nextCommitted } from './log.ts';
import { applyConfChange } from './membership.ts';
import {
  APPEND_THREAD,
  APPLY_THREAD,
  blankMessage,
  type Entry,
  type HardState,
  isLocal,
  isResponse,
  isStorageThread,
  type Message,
  type MessageType,
  NONE,
  normalEntry,
  type Snapshot,
} from './message.ts';
import { hardState, type Raft, type SoftState, softState } from './raft.ts';
import type { ReadState } from './reads.ts';
import { entriesSize } from './size.ts';
import { step } from './step.ts';
import { progressOf } from './tracker.ts';
import { acceptInProgress, hasNextEntries, nextEntries, nextSnapshot } from './unstable.ts';

export interface Node {
  raft: Raft;
  /** As they were last handed out. */
  soft: SoftState;
  hard: HardState;
  /** What this node tells itself when its owner says that all is done. */
  stepsOnAdvance: Message[];
}

/** Entries, hard state and snapshot go to the disk before any message is sent, and before `advance`. */
export interface Ready {
  softState: SoftState | undefined;
  hardState: HardState | undefined;
  readStates: ReadState[];
  entries: readonly Entry[];
  snapshot: Snapshot | undefined;
  committedEntries: readonly Entry[];
  messages: Message[];
  /** Whether the disk must have it at once, rather than when it likes. */
  mustSync: boolean;
}

export const STEP_LOCAL_MESSAGE = 'raft: cannot step raft local message';
export const STEP_PEER_NOT_FOUND = 'raft: cannot step as peer not found';

/** A message of another node, or of a thread of storage. Returns an error in raft's words. */
export function receive(node: Node, message: Message): string | undefined {
  const { type, from } = message;
  if (!isStorageThread(from)) {
    if (isLocal(type)) return STEP_LOCAL_MESSAGE;
    if (isResponse(type) && !progressOf(node.raft.tracker, from)) return STEP_PEER_NOT_FOUND;
  }
  return step(node.raft, message);
}

const tell = (node: Node, type: MessageType, from: number = NONE): string | undefined =>
  step(node.raft, blankMessage(type, NONE, from));

export const campaign = (node: Node): string | undefined => tell(node, 'MsgHup');

export function propose(node: Node, data: string): string | undefined {
  const message = blankMessage('MsgProp', NONE, node.raft.id);
  message.entries = [normalEntry(data)];
  return step(node.raft, message);
}

/** `single` makes it an entry of the first form, which has one change in it and no transition. */
export function proposeConfChange(node: Node, change: ConfChange, single = false): string | undefined {
  const message = blankMessage('MsgProp', NONE);
  message.entries = [{ ...normalEntry(''), type: single ? 'EntryConfChange' : 'EntryConfChangeV2', change }];
  return step(node.raft, message);
}

/** The owner applies an entry that changes the configuration. */
export const applyChange = (node: Node, change: ConfChange): ConfState => applyConfChange(node.raft, change);

/** Its answer is among the read states. */
export function readIndex(node: Node, context: string): string | undefined {
  const message = blankMessage('MsgReadIndex', NONE);
  message.entries = [normalEntry(context)];
  return step(node.raft, message);
}

export const reportUnreachable = (node: Node, id: number): unknown => tell(node, 'MsgUnreachable', id);

export function reportSnapshot(node: Node, id: number, failed: boolean): void {
  const message = blankMessage('MsgSnapStatus', NONE, id);
  message.reject = failed;
  step(node.raft, message);
}

export const transferLeadership = (node: Node, to: number): unknown => tell(node, 'MsgTransferLeader', to);

export const forgetLeader = (node: Node): unknown => tell(node, 'MsgForgetLeader');

const sameSoft = (a: SoftState, b: SoftState): boolean => a.lead === b.lead && a.role === b.role;

const sameHard = (a: HardState, b: HardState): boolean =>
  a.term === b.term && a.vote === b.vote && a.commit === b.commit;

export function hasReady({ raft, soft, hard }: Node): boolean {
  const { log } = raft;
  return (
    raft.messages.length > 0 ||
    raft.messagesAfterAppend.length > 0 ||
    hasNextEntries(log.unstable) ||
    hasNextCommitted(log, !raft.settings.asyncStorageWrites) ||
    nextSnapshot(log.unstable) !== undefined ||
    raft.readStates.length > 0 ||
    !sameSoft(softState(raft), soft) ||
    !sameHard(hardState(raft), hard)
  );
}

/** What there is to do now; it counts as handed out. */
export function takeReady(node: Node): Ready {
  const { raft } = node;
  const soft = softState(raft);
  const hard = hardState(raft);
  const entries = nextEntries(raft.log.unstable);
  const ready: Ready = {
    softState: sameSoft(soft, node.soft) ? undefined : soft,
    hardState: sameHard(hard, node.hard) ? undefined : hard,
    readStates: raft.readStates,
    entries,
    snapshot: nextSnapshot(raft.log.unstable),
    committedEntries: nextCommitted(raft.log, !raft.settings.asyncStorageWrites),
    messages: raft.messages,
    mustSync: entries.length > 0 || hard.vote !== node.hard.vote || hard.term !== node.hard.term,
  };
  if (raft.settings.asyncStorageWrites) addStorageMessages(raft, ready);
  else holdBack(node, ready);
  accept(node, ready);
  return ready;
}

function accept(node: Node, ready: Ready): void {
  const { raft } = node;
  if (ready.softState) node.soft = ready.softState;
  if (ready.hardState) node.hard = ready.hardState;
  raft.readStates = [];
  raft.messages = [];
  raft.messagesAfterAppend = [];
  acceptInProgress(raft.log.unstable);
  const { committedEntries } = ready;
  if (committedEntries.length === 0) return;
  const last = committedEntries[committedEntries.length - 1]!.index;
  acceptApplying(raft.log, last, entriesSize(committedEntries), !raft.settings.asyncStorageWrites);
}

/** Promises to others go out with the rest, which is sent after the write; those to itself wait for `advance`. */
function holdBack(node: Node, ready: Ready): void {
  const { raft } = node;
  if (node.stepsOnAdvance.length > 0) panic(raft, 'two accepted Ready structs without call to Advance');
  for (const message of raft.messagesAfterAppend)
    (message.to === raft.id ? node.stepsOnAdvance : ready.messages).push(message);
  const stored = appendDone(raft, ready);
  if (stored) node.stepsOnAdvance.push(stored);
  if (ready.committedEntries.length > 0) node.stepsOnAdvance.push(applyDone(raft, ready));
}

/** All that was ready is on the disk, sent and applied. */
export function advance(node: Node): void {
  const steps = node.stepsOnAdvance;
  node.stepsOnAdvance = [];
  for (const message of steps) step(node.raft, message);
}

/**
 * What storage answers when it has written this and all before it. It speaks of the log's end rather than of these entries: an
 * answer of an earlier term is ignored, and the next one of this term then tells of all.
 */
function appendDone(raft: Raft, { snapshot }: Ready): Message | undefined {
  const unstable = raft.log.unstable.entries.length > 0;
  if (!unstable && !snapshot) return undefined;
  const message = blankMessage('MsgStorageAppendResp', raft.id, APPEND_THREAD);
  message.term = raft.term;
  if (unstable) {
    const last = lastEntryId(raft.log);
    message.index = last.index;
    message.logTerm = last.term;
  }
  message.snapshot = snapshot;
  return message;
}

function applyDone(raft: Raft, { committedEntries }: Ready): Message {
  const message = blankMessage('MsgStorageApplyResp', raft.id, APPLY_THREAD);
  message.entries = committedEntries;
  return message;
}

function addStorageMessages(raft: Raft, ready: Ready): void {
  const { entries, hardState: hard, snapshot, committedEntries } = ready;
  if (entries.length > 0 || hard || snapshot || raft.messagesAfterAppend.length > 0) {
    const append = blankMessage('MsgStorageAppend', APPEND_THREAD, raft.id);
    append.entries = entries;
    if (hard) Object.assign(append, hard);
    append.snapshot = snapshot;
    const stored = appendDone(raft, ready);
    append.responses = stored ? [...raft.messagesAfterAppend, stored] : raft.messagesAfterAppend;
    ready.messages.push(append);
  }
  if (committedEntries.length > 0) {
    const apply = blankMessage('MsgStorageApply', APPLY_THREAD, raft.id);
    apply.entries = committedEntries;
    apply.responses = [applyDone(raft, ready)];
    ready.messages.push(apply);
  }
}
