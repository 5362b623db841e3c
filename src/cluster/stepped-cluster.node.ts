/**
 * A whole cluster with its API server in this process, over Node's SQLite, at a time that goes only when it is told to: for tests here, and
 * for those of others through the package `kube-diorama`.
 */

import { admitRequest, type Gate, statusResponse, tokenAuthority } from '../apiserver/gate.ts';
import { tokenHash } from '../apiserver/identity/authentication.ts';
import { issuerOf } from '../apiserver/identity/service-account-token.ts';
import { createTokenKey, type TokenKey } from '../apiserver/identity/token-key.ts';
import type { ProseSource } from '../apiserver/openapi/prose.ts';
import type { Timers } from '../apiserver/pipeline.ts';
import { createApiServer } from '../apiserver/server.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { storeStorage } from '../etcd/local-storage.ts';
import { nodeSql } from '../etcd/sql-node.node.ts';
import type { KubeObject } from '../objects/object.ts';
import { StatusError } from '../objects/status.ts';
import { type CallWebhook, unreachable } from '../objects/webhook-call.ts';
import { heldBytes } from '../simulation/held-bytes.ts';
import type { Work } from '../simulation/work.ts';
import { localPods } from './local-pods.node.ts';
import type { Machines } from './machines.ts';
import type { PodSessions } from './pod-sessions.ts';
import { serviceCalls } from './service-calls.ts';
import { createAuthorities, signaturesOf } from './signatures.ts';
import { createSimulatedCluster, type SimulatedCluster } from './simulated-cluster.ts';
import type { SimulationSpec } from './simulation-spec.ts';

export interface SteppedCluster {
  /** The cluster's own time, milliseconds since 1970. */
  readonly now: number;
  /** A request to its API, as it comes in; what it brings about has not happened yet when it is answered. */
  handle(request: Request): Promise<Response>;
  /** Lets the cluster's time pass, in milliseconds of real time, with all that is due in it; 0 does what is due now. */
  advance(milliseconds: number): Promise<void>;
  /** The machines of its pods. */
  readonly machines: Machines;
  close(): void;
}

export interface SteppedOptions {
  spec: SimulationSpec;
  /** The token of its admin. */
  adminToken: string;
  /** PEM. */
  rootCA: string;
  /** Where it is kept; in memory by default. */
  sql?: ReturnType<typeof nodeSql>;
  /** The kinds that there are at the moment; those that its definitions say, unless said. */
  catalog?: () => Catalog;
  /** What its OpenAPI documents say of types and fields. */
  prose?: ProseSource;
  /** How its webhooks are called; none can be reached unless said. */
  callWebhook?: CallWebhook | undefined;
  /** Told of every reconcile that failed; it is retried all the same. */
  failed?: (work: Work, error: unknown) => void;
  /** See `PumpPorts`. */
  undeclared?: (object: KubeObject) => KubeObject;
  /** As that of a simulated cluster. */
  share?: (object: KubeObject) => void;
}

/** One key for all of a process's clusters: making one takes its time. */
let key: Promise<TokenKey> | undefined;
const tokenKey = (): Promise<TokenKey> => (key ??= createTokenKey());

export async function createSteppedCluster({
  spec,
  adminToken,
  rootCA,
  failed,
  catalog,
  undeclared,
  prose,
  share,
  callWebhook,
  sql = nodeSql(),
}: SteppedOptions): Promise<SteppedCluster> {
  const signer = await tokenKey();
  let authorities: ReturnType<typeof createAuthorities> | undefined;
  const signatures = signaturesOf({
    issuer: issuerOf(spec.id),
    tokenKey: () => signer,
    makeTokenKey: tokenKey,
    authorities: () => (authorities ??= createAuthorities(spec.clock.start)),
  });
  const cluster = createSimulatedCluster({
    sql,
    spec,
    rootCA,
    signatures,
    callWebhook: (call) => calling(call),
    ...(catalog ? { catalog } : {}),
    ...(failed ? { failed } : {}),
    ...(undeclared ? { undeclared } : {}),
    ...(share ? { share } : {}),
  });
  cluster.initialize(spec.createdAt);
  const clock = new SteppedClock(spec.createdAt, cluster);
  const now = (): number => cluster.now(clock.now);
  const { pods, sessions } = localPods(cluster, now);
  const calling = webhooksOf(cluster, { now, clock, sessions, callWebhook });
  const { policy, admission } = cluster;
  const storage = storeStorage(cluster.store, { now, catalog: () => cluster.catalog, policy, admission });
  const gate: Gate = {
    credentials: {
      adminTokenHashes: [await tokenHash(adminToken)],
      tokenKey: { find: tokenKey, make: tokenKey },
      issuer: issuerOf(spec.id),
    },
    storage,
    now,
    realNow: () => clock.now,
  };
  const server = createApiServer({
    storage,
    config: spec,
    timers: clock,
    now,
    tokens: tokenAuthority(gate),
    address: 'https://cluster',
    pods,
    callWebhook: calling,
    ...(prose ? { prose } : {}),
  });
  await clock.advance(0);
  return {
    get now() {
      return now();
    },
    async handle(request) {
      try {
        const url = new URL(request.url);
        const identity = await admitRequest(request, url, gate);
        return await server.handle(request, identity, url);
      } catch (error) {
        if (error instanceof StatusError) return statusResponse(error.status);
        throw error;
      }
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    machines: cluster.machines,
    close: () => sql.close(),
  };
}

interface Calling {
  now(): number;
  clock: SteppedClock;
  sessions: PodSessions;
  callWebhook: CallWebhook | undefined;
}

/** Services of the cluster are called in it, and all else as whoever made it says. */
function webhooksOf(cluster: SimulatedCluster, { now, clock, sessions, callWebhook }: Calling): CallWebhook {
  const services = serviceCalls({
    network: cluster.network,
    reader: () => cluster.reader(),
    machine: (target, at) => cluster.machines.machine(target, at),
    sessions,
    now,
    until: (instant) => Math.max(0, instant - now()),
    timers: clock,
  });
  return async (call) => {
    if (call.service) {
      const held = heldBytes.open(call.service.namespace);
      const answer = await services(call, held);
      held.give();
      return answer;
    }
    return callWebhook ? callWebhook(call) : { error: unreachable(call.url) };
  };
}

/** Reconciles without an end are a fault of a controller. */
export const MAX_TURNS = 10_000;

/** Time and timers that move by hand, and the pump with them. */
export class SteppedClock implements Timers {
  /** Real time, as far as the cluster knows. */
  now: number;
  readonly #cluster: SimulatedCluster;
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

  time(): number {
    return this.now;
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
    for (let turn = 0; !this.#cluster.idle(this.now); turn++) {
      if (turn === MAX_TURNS) throw new Error('the cluster does not come to rest');
      this.#cluster.pumpTurn(this.now);
      if (this.#cluster.idle(this.now)) await this.#cluster.settled();
    }
    await passed();
  }
}

/** Lets everything that waits for a promise run. */
const passed = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
