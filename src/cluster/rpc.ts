/**
 * What the Worker and a cluster's Durable Object say to each other. Errors cross as values, because an exception loses its class
 * on the way. `epoch` names one life of the object: the Worker caches who may enter, and a stale cache is refused by it.
 */
import type { IssuedToken } from '../apiserver/identity/issued-token.ts';
import type { TokenKey } from '../apiserver/identity/token-key.ts';
import type { ClusterConfig, Outcome, Proposal, ReadResult } from '../apiserver/storage/storage.ts';
import type { LogRequest } from '../apiserver/streams/log-wire.ts';
import type { SessionRequest } from '../apiserver/streams/session-wire.ts';
import type { RangeRequest, WatchRequest } from '../etcd/types.ts';
import type { WebhookAnswer, WebhookCall } from '../objects/webhook-call.ts';
import type { Flow } from '../resources/flowcontrol/classification.ts';
import type { Behaviour } from '../simulation/behaviours.ts';
import type { Clock } from '../simulation/clock.ts';

/** What the Worker must know of a cluster before it can serve a request; cached by the Worker. */
export interface Entry {
  epoch: string;
  config: ClusterConfig;
  /** SHA-256 hex digests of the tokens that are the cluster's admin. */
  adminTokenHashes: string[];
  /** Tokens of less power. */
  issued: IssuedToken[];
  /** What signs the service account tokens, once one was asked for. */
  tokenKey?: TokenKey;
  /** PEM of the authority of its clients' certificates; absent from clusters that are older than those. */
  clientCA?: string;
  clock: Clock;
  /** By which flow schemas its requests are counted. */
  flows: Flow[];
  /** How its containers behave, unless as by default. */
  behaviours?: Behaviour[];
  /** Milliseconds since 1970, real time, after which the cluster is gone. */
  expiresAt: number;
}

/** The cluster is there and is not served, for this reason. */
export interface Refused {
  refused: string;
}

/** `busyMs`: the object has done more than its budget, and is to be let alone for so long. */
export type Answer<T> =
  | { value: T; busyMs?: number }
  | { error: { code: number; message: string }; busyMs?: number }
  | { gone: true };

/** Where the object's answers to `fetch` have `busyMs`. It is between the object and its Worker. */
export const BUSY_HEADER = 'x-diorama-busy-ms';

export const busyOf = (response: Response): number => Number(response.headers.get(BUSY_HEADER) ?? 0);

export interface ClusterRpc {
  open(): Promise<Entry | Refused | null>;
  /** Values of more bytes than are `allowed` are not answered, but how many they are: the reader has to find room for them. */
  read(epoch: string, ranges: RangeRequest[], allowed: number): Promise<Answer<ReadResult | { heavy: number }>>;
  propose(epoch: string, proposal: Proposal): Promise<Answer<Outcome>>;
  release(epoch: string, turn: number): Promise<void>;
  /** `make`: makes the key if there is none. */
  tokenKey(epoch: string, make: boolean): Promise<Answer<TokenKey | null>>;
  /** Keeps an event of the audit log. */
  audit(epoch: string, event: string): Promise<void>;
  /** Waits for the webhook's answer. */
  callWebhook(epoch: string, call: WebhookCall): Promise<Answer<WebhookAnswer>>;
}

/** What stands for the answer of a machine on which no API server listens; the code is gRPC's for what cannot be reached. */
export const UNSERVED = { code: 14, message: 'no API server of the cluster can be reached' };

const ownUrl = (path: string, query: Record<string, string>, token: string | undefined): string =>
  `https://cluster${path}?${new URLSearchParams({ ...query, ...(token === undefined ? {} : { token }) })}`;

/**
 * The object's own address of a watch: only the Worker calls it, and only with an upgrade to a WebSocket. `token`: the id of one of less
 * power, with which it ends.
 */
export const watchUrl = (epoch: string, request: WatchRequest, token?: string): string =>
  ownUrl('/watch', { epoch, request: JSON.stringify(request) }, token);

/** The same of a session with a pod's machine, and of a log: all of it without an upgrade, followed with one. */
export const SESSION_PATH = '/session';

export const sessionUrl = (epoch: string, request: SessionRequest, token?: string): string =>
  ownUrl(SESSION_PATH, { epoch, request: JSON.stringify(request) }, token);

export const LOG_PATH = '/log';

export const logUrl = (epoch: string, request: LogRequest, token?: string): string =>
  ownUrl(LOG_PATH, { epoch, request: JSON.stringify(request) }, token);

/** Where a bridge for webhooks is accepted, with the URLs that it stands for. */
export const BRIDGE_PATH = '/bridge/webhooks';

export const bridgeUrl = (epoch: string, to: readonly string[], token?: string): string =>
  ownUrl(BRIDGE_PATH, { epoch, to: JSON.stringify(to) }, token);

export const ETCD_PATH = '/etcd';

/** The same of a path of etcd's gateway (`/v3/kv/range`, `/health`). */
export const etcdUrl = (epoch: string, path: string, token?: string): string =>
  ownUrl(ETCD_PATH, { epoch, path }, token);
