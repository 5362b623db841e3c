/** What wrangler.toml and the local server give the Worker. */

import type { LimitBindings } from '../platform/rates/rates.ts';
import type { Assets } from './assets.ts';
import type { Cluster } from './cluster.ts';

export interface Env extends LimitBindings {
  DB: D1Database;
  CLUSTER: DurableObjectNamespace<Cluster>;
  ASSETS: Assets;
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
  /** The process for heavy work, `HeavyWork`; a local server has one. */
  HEAVY?: { fetch(request: Request): Promise<Response> };
}
