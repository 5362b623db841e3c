/** What wrangler.toml and the local server give the Worker. */
import type { Cluster } from './cluster.ts';

export interface Env {
  DB: D1Database;
  CLUSTER: DurableObjectNamespace<Cluster>;
  /** Where kubectl reaches a local server that was asked over plain http. */
  LOCAL_HTTPS_ORIGIN?: string;
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
}
