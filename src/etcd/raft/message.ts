/**
 * The words that nodes exchange: plain data, never changed once sent. Numbers are whole and below 2^53; ids are small and positive,
 * and whoever has etcd's 64-bit ids maps them.
 * Models go.etcd.io/raft/v3/raftpb.
 */
import type { ConfChange, ConfState } from './conf-change.ts';

/** No node. */
export const NONE = 0;
/** Where asynchronous storage writes are sent to; no nodes. */
export const APPEND_THREAD = -1;
export const APPLY_THREAD = -2;

/** A bound that is none. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export type EntryType = 'EntryNormal' | 'EntryConfChange' | 'EntryConfChangeV2';

export interface Entry {
  term: number;
  index: number;
  type: EntryType;
  data: string;
  /** Of the two types that change the configuration; `EntryConfChange` has one change in it, and no transition. */
  change: ConfChange | undefined;
}

export interface Snapshot {
  index: number;
  term: number;
  confState: ConfState;
  data: string;
}

/** What must be on the disk before a node answers. */
export interface HardState {
  term: number;
  vote: number;
  commit: number;
}

export type MessageType =
  | 'MsgHup'
  | 'MsgBeat'
  | 'MsgProp'
  | 'MsgApp'
  | 'MsgAppResp'
  | 'MsgVote'
  | 'MsgVoteResp'
  | 'MsgSnap'
  | 'MsgHeartbeat'
  | 'MsgHeartbeatResp'
  | 'MsgUnreachable'
  | 'MsgSnapStatus'
  | 'MsgCheckQuorum'
  | 'MsgTransferLeader'
  | 'MsgTimeoutNow'
  | 'MsgReadIndex'
  | 'MsgReadIndexResp'
  | 'MsgPreVote'
  | 'MsgPreVoteResp'
  | 'MsgStorageAppend'
  | 'MsgStorageAppendResp'
  | 'MsgStorageApply'
  | 'MsgStorageApplyResp'
  | 'MsgForgetLeader';

export interface Message {
  type: MessageType;
  to: number;
  from: number;
  /** 0 in what is local, and in what followers pass on to the leader. */
  term: number;
  logTerm: number;
  index: number;
  commit: number;
  vote: number;
  reject: boolean;
  rejectHint: number;
  entries: readonly Entry[];
  context: string;
  snapshot: Snapshot | undefined;
  /** To be delivered when the storage write that this asks for is done. */
  responses: readonly Message[];
}

/** Shared by all messages that carry none. */
const NO_ENTRIES: readonly Entry[] = Object.freeze([]);
const NO_RESPONSES: readonly Message[] = Object.freeze([]);

/** All fields in one order, so that every message has the same shape. */
export function blankMessage(type: MessageType, to: number, from: number = NONE): Message {
  return {
    type,
    to,
    from,
    term: 0,
    logTerm: 0,
    index: 0,
    commit: 0,
    vote: 0,
    reject: false,
    rejectHint: 0,
    entries: NO_ENTRIES,
    context: '',
    snapshot: undefined,
    responses: NO_RESPONSES,
  };
}

/** An entry that is not in a log yet. */
export const normalEntry = (data: string): Entry => ({
  term: 0,
  index: 0,
  type: 'EntryNormal',
  data,
  change: undefined,
});

const LOCAL = new Set<MessageType>([
  'MsgHup',
  'MsgBeat',
  'MsgUnreachable',
  'MsgSnapStatus',
  'MsgCheckQuorum',
  'MsgStorageAppend',
  'MsgStorageAppendResp',
  'MsgStorageApply',
  'MsgStorageApplyResp',
]);

const RESPONSES = new Set<MessageType>([
  'MsgAppResp',
  'MsgVoteResp',
  'MsgHeartbeatResp',
  'MsgUnreachable',
  'MsgReadIndexResp',
  'MsgPreVoteResp',
  'MsgStorageAppendResp',
  'MsgStorageApplyResp',
]);

export const isLocal = (type: MessageType): boolean => LOCAL.has(type);
export const isResponse = (type: MessageType): boolean => RESPONSES.has(type);
export const isStorageThread = (id: number): boolean => id === APPEND_THREAD || id === APPLY_THREAD;
