/** A simulated cluster with its API server in this process, at a clock that only `advance` moves. */
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import type { TokenAuthority } from '../../src/apiserver/identity/token-authority.ts';
import type { Timers } from '../../src/apiserver/pipeline.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createSimulatedCluster, type SimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import type { SimulationSpec } from '../../src/cluster/simulation-spec.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import type { CallWebhook } from '../../src/objects/webhook-call.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import type { Behaviour } from '../../src/simulation/behaviours.ts';
import { frozen } from '../../src/simulation/frozen.ts';
import type { Holding } from '../../src/simulation/held-bytes.ts';
import type { Signatures } from '../../src/simulation/notary.ts';
import { mistake } from '../mistake.ts';
import { undeclared } from './undeclared.ts';

export interface Sandbox {
  readonly cluster: SimulatedCluster;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Errors of reconciles so far. */
  readonly errors: string[];
  request(method: string, path: string, body?: unknown): Promise<any>;
  /** The same with headers of its own, and the whole answer. */
  respond(method: string, path: string, headers?: Record<string, string>, body?: unknown): Promise<Response>;
  /** Runs everything that is due, as time goes by. */
  advance(milliseconds: number): void;
  /** Starts the cluster anew from what is stored, as after an eviction. */
  evict(): void;
}

const START = Date.parse('2026-01-05T10:00:00Z');
const MAX_TURNS = 200;

interface SandboxOptions {
  quotaBytes?: number;
  podCIDR?: string;
  serviceCIDR?: string;
  /** Without, the spec has none either, as in clusters that are older than rules. */
  behaviours?: Behaviour[];
  /** Parts on or off by name. */
  components?: Record<string, boolean>;
  signatures?: Signatures;
  /** The kinds that there are at the moment; the built-in ones unless said. */
  catalog?: () => Catalog;
  /** How the API server waits; for ever unless said. */
  timers?: Timers;
  /** How webhooks are called; none can be reached unless said. */
  callWebhook?: CallWebhook;
  /** What a request holds; nothing is counted unless said. */
  held?: () => Holding;
  /** Who signs tokens; nobody unless said. */
  tokens?: TokenAuthority;
  /** Statements that make the database of a cluster which has come so far in time (milliseconds since 1970), instead of a new cluster. */
  stored?: { sql: string; now: number };
}

export function createSandbox(nodes = 3, options: SandboxOptions = {}): Sandbox {
  const spec: SimulationSpec = {
    id: 'sandbox',
    seed: 'sandbox',
    serviceCIDR: options.serviceCIDR ?? '10.96.0.0/16',
    podCIDR: options.podCIDR ?? '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    components: componentsOf('full', options.components),
    createdAt: START,
    clock: { start: START, speed: 1, paused: false },
    ...(options.behaviours ? { behaviours: options.behaviours } : {}),
    nodes: Array.from({ length: nodes }, (_, i) => ({
      name: `node-${i + 1}`,
      capacity: { cpu: '16', memory: '64Gi', pods: '500' },
      labels: {},
      taints: [],
    })),
  };
  const sql = nodeSql();
  for (const statement of options.stored?.sql.split(/;\n/) ?? []) if (statement.trim()) sql.exec(statement);
  const errors: string[] = [];
  let now = options.stored?.now ?? START;
  const start = (): SimulatedCluster =>
    createSimulatedCluster({
      sql,
      spec,
      rootCA: 'PEM',
      ...(options.catalog ? { catalog: options.catalog } : {}),
      ...(options.signatures ? { signatures: options.signatures } : {}),
      ...(options.callWebhook ? { callWebhook: options.callWebhook } : {}),
      ...(options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes }),
      undeclared,
      share: frozen,
      failed(work, error) {
        mistake(error);
        errors.push(`${work.reconciler} ${work.key}: ${error}`);
      },
    });
  let cluster = start();
  if (!options.stored) cluster.initialize(now);

  function settle(): void {
    for (let turn = 0; !cluster.idle(now); turn++) {
      if (turn > MAX_TURNS) throw new Error('the pump does not come to rest');
      cluster.pumpTurn(now);
    }
  }
  settle();

  function respond(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ): Promise<Response> {
    const storage = storeStorage(cluster.store, {
      now: () => now,
      catalog: () => cluster.catalog,
      policy: cluster.policy,
      admission: cluster.admission,
    });
    const held = options.held ? { held: options.held() } : {};
    const { callWebhook } = options;
    const timers = options.timers ?? { after: () => () => undefined, time: () => 0 };
    const server = createApiServer({
      storage: Object.assign(storage, held),
      config: spec,
      timers,
      ...(callWebhook ? { callWebhook } : {}),
      ...(options.tokens ? { tokens: options.tokens } : {}),
      ...(options.behaviours ? { behaviours: options.behaviours } : {}),
    });
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const init = { method, headers: { accept: 'application/json', 'content-type': type, ...headers } };
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) };
    return server.handle(new Request(`http://cluster${path}`, sent), ADMIN);
  }

  return {
    get cluster() {
      return cluster;
    },
    get now() {
      return now;
    },
    errors,
    respond,
    async request(method, path, body) {
      return (await respond(method, path, {}, body)).json();
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      settle();
      for (let due = cluster.nextDue(now); due !== undefined && due <= end; due = cluster.nextDue(now)) {
        now = Math.max(now, due);
        settle();
      }
      now = end;
    },
    evict() {
      cluster = start();
    },
  };
}
