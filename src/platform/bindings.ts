/** What the platform is given by its surroundings (wrangler.toml; the local server adds the last two). */
import type { D1Database } from '@cloudflare/workers-types';
import type { IssuedToken } from '../apiserver/identity/issued-token.ts';
import type { KeyValue } from '../etcd/types.ts';
import type { Trace, TraceQuestion } from '../network/world/trace.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import type { ClockChange, ClockState } from './clusters/clock-state.ts';
import type { ClusterSpec } from './clusters/cluster-spec.ts';
import type { FaultsAnswer, FaultsChange } from './clusters/faults-change.ts';
import type { ClusterChange, CopyRefusal, Making, PageAnswer, Spent } from './copies/cluster-state.ts';
import type { LimitBindings } from './rates/rates.ts';
import type { StoryAnswer, StoryQuestion } from './story/question.ts';

/** What became of a connection that was tried out; why it could not be. */
export type TraceAnswer = { trace: Trace } | { error: string };
export type { TraceQuestion };

export type PodView = 'calls' | 'runtime';

/** What the platform asks of a cluster's Durable Object. */
export interface ClusterObject {
  create(spec: ClusterSpec): Promise<void>;
  destroy(): Promise<void>;
  /** Also in the directory. */
  change(change: ClusterChange): Promise<void>;
  /** What `reset` brings back is as everything is now. */
  markBeginning(): Promise<void>;
  /** Back to the beginning, with all tokens; not done where none was marked: the cluster is older than beginnings. */
  reset(): Promise<Spent<{ isDone: boolean }>>;
  /** Fulfilled when the cluster has come to rest, or after some seconds. */
  settled(): Promise<void>;
  /** The rules of a node in the form of iptables-save, why they are too many, or that there is no such node. */
  iptables(node: string): Promise<Spent<{ rules: string } | { error: string } | { unknown: true }>>;
  /** The calls of CNI for a pod, or what its node's container runtime holds of it (`SandboxView`), as JSON; or that there is no such pod. */
  podView(view: PodView, namespace: string, name: string): Promise<Spent<{ json: string } | { unknown: true }>>;
  /** A connection that is tried out on the cluster as it is. */
  traceConnection(question: TraceQuestion): Promise<Spent<TraceAnswer>>;
  /** The events of its audit log, one a line; none where it was made without one. */
  auditLog(): Promise<Spent<{ lines?: string }>>;
  /** What of its past it is asked for, as JSON, or why it cannot tell. */
  story(question: StoryQuestion): Promise<Spent<StoryAnswer>>;
  /** Changes what is given, and answers how the clock is then. */
  changeClock(change: ClockChange): Promise<ClockState>;
  /** Breaks or mends what is given, and answers what is broken then; or what of it cannot be. */
  faults(change: FaultsChange): Promise<FaultsAnswer>;
  making(): Promise<Making>;
  /** Keeps a token of less power. @returns whether there was room for it. */
  issueToken(token: IssuedToken): Promise<boolean>;
  /** Those that have not ended, the oldest first. */
  issuedTokens(): Promise<IssuedToken[]>;
  /** @returns whether there was such a token. */
  revokeToken(id: string): Promise<boolean>;
  /**
   * At most `limit` keys from `from` on as they were at a revision (0: now); why not, if that cannot be read. `ended`: the life that the
   * page before was of is over.
   */
  statePage(revision: number, from: string, limit: number, epoch?: string): Promise<PageAnswer>;
  /** A cluster that is being filled with another's state; nobody can use it before `finishCopy`. */
  beginCopy(spec: ClusterSpec): Promise<void>;
  copyPage(kvs: KeyValue[]): Promise<CopyRefusal | undefined>;
  /** `bootstrap`: it gets what an API server makes sure of when it starts. */
  finishCopy(revision: number, bootstrap: boolean): Promise<CopyRefusal | undefined>;
}

/** The clusters' own API, as whoever is outside finds it. */
export interface ClusterDoor {
  serve(request: Request, id: string, pathname: string): Promise<Response>;
  /** Who may enter the cluster has changed: nothing that is remembered of it counts any more. */
  forget(id: string): void;
}

export interface PlatformBindings extends LimitBindings {
  DB: D1Database;
  CLUSTER: { getByName(id: string): ClusterObject };
  /** Handed in by the Worker. */
  DOOR: ClusterDoor;
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
  /** The process for heavy work. */
  HEAVY?: { fetch(request: Request): Promise<Response> };
  /** Within that process: whether the request had the token of a cluster. */
  OPENED?: boolean;
  /** Within that process: what the request is to hold. */
  HOLD?: () => Holding;
}
