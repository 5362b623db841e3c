/** A request and what all stages must know of it. */
import type { Kind } from '../catalog/kinds.ts';
import type { FieldError } from '../objects/field-error.ts';
import type { JSONObject } from '../objects/json.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import type { Accepted } from './answer/negotiation.ts';
import type { Identity } from './identity/authentication.ts';
import type { TokenAuthority } from './identity/token-authority.ts';
import type { ResourceRequest } from './route.ts';
import type { ClusterConfig, Storage } from './storage/storage.ts';
import type { Pods } from './streams/pods.ts';

/** One request on its way through the stages. */
export interface Exchange extends ResourceRequest {
  request: Request;
  query: URLSearchParams;
  identity: Identity;
  storage: Storage;
  config: ClusterConfig;
  accepted: Accepted;
  /** The `manager` of its managedFields. */
  manager: string;
  dryRun: boolean;
  /** Texts for Warning headers, in order. */
  warnings: string[];
  tokens?: TokenAuthority;
  /** What of the new object's fields was found wrong before anything was decided. */
  examined?: FieldError[];
  timers: Timers;
  /** How pods' machines are reached; undefined: none runs. */
  pods: Pods | undefined;
  /** How webhooks are called; undefined: none can be reached. */
  callWebhook: CallWebhook | undefined;
  /** What an audit log is told beside the request, by its key; undefined: there is none. */
  annotations?: Map<string, string>;
  /** Told of the name of what is made, which no URL has. */
  named?: (name: string) => void;
  /** The resource that is asked for, where what is written is another's. */
  askedKind?: Kind;
  /** Of a deletion: its options, as the client sent them. */
  deleteOptions?: JSONObject;
  /** The cluster's time, milliseconds, for what is told long after anything was read. */
  now: (() => number) | undefined;
}

/** The one way to wait, so that tests can drive it. */
export interface Timers {
  /** Calls back after so many milliseconds; returns a way to take that back. */
  after(milliseconds: number, callback: () => void): () => void;
  /** What they go by, milliseconds: by it one knows how much of a wait is over. */
  time(): number;
}

/** Those of the platform. */
export const PLATFORM_TIMERS: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  time: Date.now,
};
