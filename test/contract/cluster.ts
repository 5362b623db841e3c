/**
 * A cluster in this process for the contract: store, pump and API server, with the components that an area needs. Its clock moves
 * only when told to.
 */
import { tokenHash } from '../../src/apiserver/authentication.ts';
import { admitRequest, type Gate, statusResponse, tokenAuthority } from '../../src/apiserver/gate.ts';
import type { Timers } from '../../src/apiserver/pipeline.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { issuerOf } from '../../src/apiserver/service-account-token.ts';
import { StatusError } from '../../src/apiserver/status.ts';
import { createTokenKey, type TokenKey } from '../../src/apiserver/token-key.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { componentsOf, type Profile } from '../../src/platform/components.ts';
import { createAuthorities, signaturesOf } from '../../src/platform/notary.ts';
import { createSimulatedCluster, type SimulatedCluster, type SimulationSpec } from '../../src/simulated-cluster.ts';

export interface ContractCluster {
  /** `headers` with null take a default away. */
  fetch(method: string, path: string, headers: Record<string, string | null>, body: unknown): Promise<Response>;
  /** Lets the cluster's time pass, with all that is due in it. */
  advance(milliseconds: number): Promise<void>;
  close(): void;
}

/** Which parts run, by area; all others need the API alone. */
const PROFILES: Record<string, Profile> = { scheduler: 'no-kubelet', controllers: 'full', envtest: 'envtest' };

const START = Date.parse('2026-01-05T10:00:00Z');
const ADMIN_TOKEN = 'contract-admin';
const ROOT_CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
/** What a request takes of the cluster's time, milliseconds. */
const REQUEST_TIME = 1;

const CAPACITY = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '500' };
const NODES = ['node-1', 'node-2', 'node-3'].map((name) => ({
  name,
  capacity: CAPACITY,
  labels: name === 'node-1' ? { role: 'one' } : ({} as Record<string, string>),
  taints: [],
}));

function specOf(area: string): SimulationSpec {
  const profile = PROFILES[area] ?? 'api';
  return {
    id: 'contract',
    seed: 'contract',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    components: componentsOf(profile),
    createdAt: START,
    nodes: profile === 'full' ? NODES : [],
    clock: { start: START, speed: 1, paused: false },
    behaviours: [{ match: { labels: { ready: 'never' } }, ready: false }],
  };
}

/** One key for all of a process's clusters: making one takes its time. */
let key: Promise<TokenKey> | undefined;
const tokenKey = (): Promise<TokenKey> => (key ??= createTokenKey());
const authorities = createAuthorities(START);

export async function createContractCluster(area: string): Promise<ContractCluster> {
  const spec = specOf(area);
  const sql = nodeSql();
  const signer = await tokenKey();
  const signatures = signaturesOf({
    tokenKey: () => signer,
    makeTokenKey: tokenKey,
    authorities: () => authorities,
  });
  const cluster = createSimulatedCluster({ sql, spec, rootCA: ROOT_CA, signatures, failed: logFailure });
  cluster.initialize(START);
  const clock = new SteppedClock(START, cluster);
  const storage = storeStorage(cluster.store, () => cluster.now(clock.now));
  const gate: Gate = {
    credentials: {
      adminTokenHashes: [await tokenHash(ADMIN_TOKEN)],
      tokenKey: { find: tokenKey, make: tokenKey },
      issuer: issuerOf(spec.id),
    },
    storage,
    now: () => cluster.now(clock.now),
    realNow: () => clock.now,
  };
  const server = createApiServer({
    storage,
    config: spec,
    timers: clock,
    now: gate.now,
    tokens: tokenAuthority(gate),
    address: 'https://cluster',
  });
  const serve = async (request: Request): Promise<Response> => {
    try {
      const identity = await admitRequest(request, new URL(request.url).pathname, gate);
      return await server.handle(request, identity);
    } catch (error) {
      if (error instanceof StatusError) return statusResponse(error.status);
      throw error;
    }
  };
  await clock.advance(0);
  return {
    async fetch(method, path, headers, body) {
      const response = await serve(makeRequest(method, path, headers, body));
      await clock.advance(REQUEST_TIME);
      return response;
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    close: () => sql.close(),
  };
}

function logFailure(work: { reconciler: string; key: string }, error: unknown): void {
  if (process.env.CONTRACT_FAILURES) console.log(work.reconciler, work.key, error);
}

function makeRequest(method: string, path: string, headers: Record<string, string | null>, body: unknown): Request {
  const sent = new Headers({ accept: 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` });
  for (const [name, value] of Object.entries(headers))
    if (value === null) sent.delete(name);
    else sent.set(name, value);
  const text = body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  if (text !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
  return new Request(`http://cluster${path}`, {
    method,
    headers: sent,
    ...(text === undefined ? {} : { body: text }),
  });
}

/** Reconciles without an end are a fault of a controller, not of the case. */
const MAX_TURNS = 1000;

/** Time and timers that move by hand, and the pump with them. */
class SteppedClock implements Timers {
  now: number;
  #cluster: SimulatedCluster;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(start: number, cluster: SimulatedCluster) {
    this.now = start;
    this.#cluster = cluster;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      await this.#pump();
      const timer = this.#timers.reduce<number>((least, t) => Math.min(least, t.at), Number.POSITIVE_INFINITY);
      const next = Math.min(timer, this.#cluster.nextDue(this.now) ?? Number.POSITIVE_INFINITY);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      const due = this.#timers.filter((t) => t.at <= this.now);
      this.#timers = this.#timers.filter((t) => t.at > this.now);
      for (const { callback } of due) callback();
    }
    this.now = end;
    await this.#pump();
  }

  async #pump(): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS && !this.#cluster.idle(this.now); turn++) {
      this.#cluster.pumpTurn(this.now);
      if (this.#cluster.idle(this.now)) await this.#cluster.settled();
    }
    await settle();
  }
}

/** Lets everything that waits for a promise run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
