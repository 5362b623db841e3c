/** What the gateway stands on, and the shapes that its handlers share. */

import {
  type Holding,
  heldBytes,
  sentCharacters,
  UNTAKEN_LEASE_MS,
  untakenCharacters,
} from '../../simulation/held-bytes.ts';
import { Auth, type Identity } from '../auth.ts';
import type { EtcdError } from '../errors.ts';
import type { MembersConsensus } from '../members/consensus.ts';
import { Members } from '../members.ts';
import type { Store } from '../store.ts';
import type { KeyValue } from '../types.ts';
import { WatchFlow } from '../watch-flow.ts';
import { bytesOfValue, type Message, type MessageType, message } from './proto-json.ts';

/** A WebSocket's server side, accepted. */
export interface GatewaySocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

/** A SHA-256 of what comes piece by piece. */
export interface Digest {
  update(bytes: Uint8Array): void | Promise<void>;
  finish(): Uint8Array | Promise<Uint8Array>;
}

/** A stream whose reader may keep others waiting. */
export interface SlowReader {
  /** Ends it, without what it has not taken. */
  end(): void;
}

export interface GatewayBackend {
  store: Store;
  auth: Auth;
  members: Members;
  /** Where there are several members. */
  consensus?: MembersConsensus;
  /** The cluster's time, milliseconds since 1970. */
  now(): number;
  /** For lease ids, tokens and salts. */
  randomBytes(length: number): Uint8Array;
  newDigest(): Digest;
  /** Called when leases were granted, renewed or revoked: the alarm may have to ring at another time. */
  leasesChanged?(): void;
  /** Turns an upgrade request into a socket and its answer; absent where WebSockets can't be had. */
  acceptWebSocket?(): { socket: GatewaySocket; response: Response };
  /** Real time, milliseconds: how long readers take. */
  realNow?(): number;
  /** Set when the store is gone or is another: all streams end. */
  gone?: AbortSignal;
  /** What streams of lines were given and was not taken. */
  readonly flow: WatchFlow<SlowReader>;
  /** What one request is to hold of bodies and answers. */
  hold(): Holding;
  /** What one WebSocket is to be sent. */
  send(): Holding;
}

/** What differs between hosts of the gateway. */
export type GatewayHost = Omit<GatewayBackend, 'store' | 'auth' | 'members' | 'flow' | 'hold' | 'send'>;

/** `cluster` names the cluster; its ids in the answers' headers are made from it. */
export function createGatewayBackend(store: Store, cluster: string, host: GatewayHost): GatewayBackend {
  const realNow = host.realNow ?? (() => 0);
  return {
    ...host,
    store,
    auth: new Auth(store),
    members: new Members(store, cluster, host.consensus),
    flow: new WatchFlow(realNow, untakenCharacters.open(cluster, realNow, UNTAKEN_LEASE_MS)),
    hold: () => heldBytes.open(cluster, realNow),
    // A socket is there until both sides have closed it, however long that takes.
    send: () => sentCharacters.open(cluster, realNow, Number.POSITIVE_INFINITY),
  };
}

export interface Call {
  backend: GatewayBackend;
  /** The etcd user who asks. */
  user: Identity;
  /** The token is none: a watch says so in its stream, and the stream stays. */
  refusal?: EtcdError;
  /** Set when the client goes away. */
  signal: AbortSignal;
}

export type Answer = Record<string, unknown>;

export interface Unary {
  request: MessageType;
  answer(call: Call, request: Message): Answer | Promise<Answer>;
}

/** One whose answer may be large: it is made when there is room for it. */
export interface Weighed {
  request: MessageType;
  /** `inParts`: whether the answer's text may be made as it is taken. @throws EtcdError for what will not be answered, however much room there is */
  prepare(call: Call, request: Message, inParts: boolean): Prepared;
}

export interface Prepared {
  /** About. */
  bytes: number;
  answer(): Answer | ReadableStream<Uint8Array>;
}

/** One open stream: messages go in as they come, answers out through the `Outlet`. */
export interface Session {
  receive(request: Message): void;
  /** The client has sent all it will. */
  finish(): void;
  /** The client is gone. */
  close(): void;
}

export interface Outlet {
  send(answer: Answer): void;
  /** Resolves when the reader has taken everything and there is room for more, or it is gone; absent where nobody tells. */
  ready?(): Promise<void>;
  /** Whether so much waits for it, or for all readers, that more had better wait elsewhere. */
  isFull?(): boolean;
  fail(error: unknown): void;
  end(): void;
}

export interface Streaming {
  request: MessageType;
  /** It deals with a wrong token by itself. */
  takesRefusal?: boolean;
  open(call: Call, outlet: Outlet): Session;
}

export type Method = Unary | Weighed | Streaming;

export function header(backend: GatewayBackend, revision: number | undefined = backend.store.revision): Answer {
  return message({
    cluster_id: backend.members.clusterId,
    member_id: backend.members.memberId,
    revision: revision === undefined ? undefined : String(revision),
    raft_term: String(backend.members.term),
  });
}

/** The header of answers about members: it has no revision. */
export function memberHeader(backend: GatewayBackend): Answer {
  return header(backend, 0);
}

export function keyValue(kv: KeyValue): Answer {
  return message({
    key: btoa(kv.key),
    create_revision: String(kv.createRevision),
    mod_revision: String(kv.modRevision),
    version: String(kv.version),
    value: btoa(bytesOfValue(kv.value)),
    lease: kv.lease,
  });
}

export const text = (request: Message, field: string): string => (request[field] as string | undefined) ?? '';
export const flag = (request: Message, field: string): boolean => request[field] === true;
export const integer = (request: Message, field: string): number => Number(request[field] ?? 0);
/** An int64 that is a name rather than an amount. */
export const id = (request: Message, field: string): string => (request[field] as string | undefined) ?? '0';
export const inner = (request: Message, field: string): Message | undefined => request[field] as Message | undefined;
