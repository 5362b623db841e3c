/** What the platform is given by its surroundings (wrangler.toml; the local server adds the last two). */
import type { D1Database } from '@cloudflare/workers-types';
import type { KeyValue } from '../etcd/types.ts';
import type { LimitBindings } from './admission.ts';
import type { ClockChange, ClockState } from './clock.ts';
import type { ClusterSpec } from './cluster-spec.ts';
import type { CopyRefusal, Making, Spent, StatePage } from './cluster-state.ts';

/** What the platform asks of a cluster's Durable Object. */
export interface ClusterObject {
  create(spec: ClusterSpec): Promise<void>;
  destroy(): Promise<void>;
  /** The rules of a node in the form of iptables-save, why they are too many, or that there is no such node. */
  iptables(node: string): Promise<Spent<{ rules: string } | { error: string } | { unknown: true }>>;
  /** Changes what is given, and answers how the clock is then. */
  changeClock(change: ClockChange): Promise<ClockState>;
  making(): Promise<Making>;
  /** At most `limit` keys from `from` on as they were at a revision (0: now); why not, if that cannot be read. */
  statePage(revision: number, from: string, limit: number): Promise<Spent<StatePage | { error: string }>>;
  /** A cluster that is being filled with another's state; nobody can use it before `finishCopy`. */
  beginCopy(spec: ClusterSpec): Promise<void>;
  copyPage(kvs: KeyValue[]): Promise<CopyRefusal | undefined>;
  finishCopy(revision: number): Promise<CopyRefusal | undefined>;
}

export interface PlatformBindings extends LimitBindings {
  DB: D1Database;
  CLUSTER: { getByName(id: string): ClusterObject };
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
  /** The process for heavy work. */
  HEAVY?: { fetch(request: Request): Promise<Response> };
  /** Within that process: whether the request had the token of a cluster. */
  OPENED?: boolean;
}
