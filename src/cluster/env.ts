/** What wrangler.toml and the local server give the Worker. */

import type { ClusterObject } from '../platform/bindings.ts';
import type { LimitBindings } from '../platform/rates/rates.ts';
import type { Assets } from './assets.ts';
import type { ClusterRpc } from './rpc.ts';

export interface Env extends LimitBindings {
  DB: D1Database;
  /** Of `Cluster`. */
  CLUSTER: DurableObjectNamespace<ClusterObject & ClusterRpc & Rpc.DurableObjectBranded>;
  ASSETS: Assets;
  /** PEM of the authority that signed that origin's certificate. */
  LOCAL_CA?: string;
  /** What calls webhooks for a local server: see scripts/local/webhook-service.ts. */
  WEBHOOKS?: { fetch(url: string, init: RequestInit): Promise<Response> };
  /** The process for heavy work, `HeavyWork`; a local server has one. */
  HEAVY?: { fetch(request: Request): Promise<Response> };
}
