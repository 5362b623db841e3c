/**
 * The store's vocabulary: etcd v3's own messages, with JavaScript types.
 *
 * Keys are *byte strings*: every UTF-16 unit is one byte (0–255), so binary keys and text keys are one type, and string order is
 * byte order. Values are text where they are valid UTF-8 (all that the API server writes is), and bytes otherwise.
 * Revisions are numbers: 2^53 of them outlive any cluster. Lease ids are decimal strings (int64 on the wire); '0' is none.
 * Source: etcd's rpc.proto, https://etcd.io/docs/v3.6/dev-guide/api_reference_v3/
 */

export type Value = string | Uint8Array;

export interface KeyValue {
  key: string;
  value: Value;
  createRevision: number;
  modRevision: number;
  /** Writes since the key was created; 1 for a new key. */
  version: number;
  lease: string;
}

export interface RangeRequest {
  key: string;
  /** Exclusive end; absent: the one key; '\0': all keys from `key` on. */
  rangeEnd?: string;
  /** 0 or absent: no limit. */
  limit?: number;
  /** Read at this revision; 0 or absent: now. */
  revision?: number;
  sortOrder?: 'NONE' | 'ASCEND' | 'DESCEND' | undefined;
  sortTarget?: 'KEY' | 'VERSION' | 'CREATE' | 'MOD' | 'VALUE' | undefined;
  keysOnly?: boolean;
  countOnly?: boolean;
  minModRevision?: number;
  maxModRevision?: number;
  minCreateRevision?: number;
  maxCreateRevision?: number;
  /** Of our own: characters of values after which the answer is cut, if it is in the order of keys; it has one key at least. */
  maxBytes?: number;
  /** Of our own: the values as one text, if that can be had at once; they are answered as ever where it cannot. */
  splice?: Splice;
}

/** How a value becomes an item of a text: `head`, with which it begins, makes way for `before`, its mod revision and `after`. */
export interface Splice {
  head: string;
  before: string;
  after: string;
  /** Those whose mod revision is not above this are not to be passed on as they are; 0: all are. */
  since: number;
}

/** Values as one text, with commas between them. */
export interface JoinedValues {
  text: string;
  /** Bytes of the values. */
  bytes: number;
  count: number;
  /** The last key; empty where there is none. */
  last: string;
}

export interface RangeResponse {
  /** The store's revision at the time of the answer (etcd's header revision). */
  revision: number;
  kvs: KeyValue[];
  more: boolean;
  /** Keys in the range, the limit aside. In an answer without a limit that is cut for its bytes: those in it. */
  count: number;
  /** It was cut for its bytes. */
  cut?: boolean;
  /** In the place of `kvs`, if that was asked for. */
  joined?: JoinedValues;
}

/** What some keys hold, as one word: as long as it is the same, so are they. See change-mark.ts. */
export interface Mark {
  store: string;
  changes: number;
}

export interface PutRequest {
  key: string;
  value: Value;
  lease?: string;
  prevKv?: boolean;
  ignoreValue?: boolean;
  ignoreLease?: boolean;
}

export interface PutResponse {
  revision: number;
  prevKv?: KeyValue;
}

export interface DeleteRangeRequest {
  key: string;
  rangeEnd?: string;
  prevKv?: boolean;
}

export interface DeleteRangeResponse {
  revision: number;
  deleted: number;
  prevKvs: KeyValue[];
}

export type CompareResult = 'EQUAL' | 'GREATER' | 'LESS' | 'NOT_EQUAL';

/** One guard of a transaction, over one key or a range of keys. */
export type Compare = { key: string; rangeEnd?: string; result: CompareResult } & (
  | { target: 'VERSION' | 'CREATE' | 'MOD'; value: number }
  | { target: 'VALUE'; value: Value }
  | { target: 'LEASE'; value: string }
);

export type RequestOp =
  | { range: RangeRequest }
  | { put: PutRequest }
  | { deleteRange: DeleteRangeRequest }
  | { txn: TxnRequest };

export type ResponseOp =
  | { range: RangeResponse }
  | { put: PutResponse }
  | { deleteRange: DeleteRangeResponse }
  | { txn: TxnResponse };

export interface TxnRequest {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
}

export interface TxnResponse {
  revision: number;
  succeeded: boolean;
  responses: ResponseOp[];
}

export interface WatchEvent {
  type: 'PUT' | 'DELETE';
  /** For DELETE only key and modRevision (the revision of the deletion) are meaningful. */
  kv: KeyValue;
  /** The key before this event, if asked for and not compacted. */
  prevKv?: KeyValue;
}

export interface WatchRequest {
  key: string;
  rangeEnd?: string;
  /** First revision wanted; 0 or absent: from now on. */
  startRevision?: number;
  /** Changes of the start revision that are not wanted, because they were sent before. */
  startSub?: number;
  /** What each key was before: of all events, or only of those that delete it. */
  prevKv?: boolean | 'deletes';
  filters?: ('NOPUT' | 'NODELETE')[];
}

/** Events in order, of whole revisions but where one alone is too large for a batch. */
export interface WatchBatch {
  /** Everything up to it that matches has been sent. */
  revision: number;
  /** Set where the batch ends in the middle of the next revision: that revision's changes before this one have been sent. */
  sub?: number;
  events: WatchEvent[];
  /** Set when the watch is over because its start was compacted away; the smallest revision that can still be watched. */
  compactRevision?: number;
}
