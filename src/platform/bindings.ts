/** What the platform is given by its surroundings (wrangler.toml; the local server adds the last two). */
import type { D1Database } from '@cloudflare/workers-types';
import type { ClusterSpec } from './cluster-spec.ts';

/** What the platform asks of a cluster's Durable Object. */
export interface ClusterObject {
  create(spec: ClusterSpec): Promise<void>;
  destroy(): Promise<void>;
  /** The rules of a node in the form of iptables-save, or null if there is no such node. */
  iptables(node: string): Promise<string | null>;
}

export interface PlatformBindings {
  DB: D1Database;
  CLUSTER: { getByName(id: string): ClusterObject };
  /** Where kubectl reaches this server if it was asked over plain http, e.g. `https://localhost:8788`. */
  LOCAL_HTTPS_ORIGIN?: string;
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
}
