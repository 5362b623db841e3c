/** What a running cluster consists of beside its store, and how it is started and ended. */

import { MAX_OUTSIDE_MS } from '../apiserver/dynamic-admission/patience.ts';
import { PLATFORM_TIMERS } from '../apiserver/exchange.ts';
import { issuerOf } from '../apiserver/identity/service-account-token.ts';
import { AutoCompaction, type Retention } from '../etcd/auto-compaction.ts';
import type { GatewayBackend } from '../etcd/gateway/backend.ts';
import { commitProposal } from '../etcd/propose.ts';
import { durableSql } from '../etcd/sql-durable.ts';
import { Turns } from '../etcd/turns.ts';
import { WatchHub } from '../etcd/watch-hub.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import { type LimitBindings, ratesOf } from '../platform/rates/rates.ts';
import { type Holding, heldBytes, UNTAKEN_LEASE_MS, untakenCharacters } from '../simulation/held-bytes.ts';
import { ClusterClock, storedClock } from './clock.ts';
import { durableGateway } from './durable-gateway.ts';
import type { Env } from './env.ts';
import { etcdMembersOf } from './etcd-members.ts';
import { Flows } from './flows.ts';
import { LateKeys, type Life } from './life.ts';
import { LOG_TAG } from './pod-logs.ts';
import { type PodStreams, podStreams } from './pod-streams.ts';
import { readOf } from './read-result.ts';
import { serviceCalls } from './service-calls.ts';
import { signaturesOf } from './signatures.ts';
import { createSimulatedCluster, type SimulatedCluster } from './simulated-cluster.ts';
import { BRIDGE_TAG, WebhookBridges } from './webhook-bridges.ts';
import { WebhookCalls } from './webhook-calls.ts';
import { wayOf } from './webhook-ways.ts';
import type { WorkBudget } from './work.ts';

export interface Running {
  life: Life;
  keys: LateKeys;
  cluster: SimulatedCluster;
  clock: ClusterClock;
  hub: WatchHub;
  /** What the watches were sent and have not taken. */
  untaken: Holding;
  flows: Flows;
  /** Of those who write through the API server. */
  turns: Turns;
  /** What etcd's gateway stands on. */
  gateway: GatewayBackend;
  /** Ends the gateway's streams. */
  gone: AbortController;
  compaction: AutoCompaction;
  webhooks: WebhookCalls;
  bridges: WebhookBridges;
  /** What goes on with the machines of its pods. */
  pods: PodStreams;
}

/** What a running cluster tells its object. */
interface Listener {
  /** A commit: it may bring work. */
  committed(): void;
  /** Something came outside of the pump that may bring work. */
  worked(): void;
  /** The life has got something that is to be kept as long as it goes on. */
  changed(life: Life): void;
}

/** How the platform's own calls to webhooks go out. */
type Ways = Pick<Env, 'WEBHOOKS'> & LimitBindings & { work: WorkBudget };

/** What stays readable of the past: enough for every lesson, and for a client that was away for a day. */
const RETENTION: Retention = { revisions: 100_000, age: 0 };

/** Starts a cluster on what `ctx` stores, with the watches that slept under it. */
export function startCluster(ctx: DurableObjectState, life: Life, listener: Listener, ways: Ways): Running {
  const bridges = new WebhookBridges(() => ctx.getWebSockets(BRIDGE_TAG));
  const keys = new LateKeys(life, () => listener.changed(life));
  const webhooks = new WebhookCalls({
    allowed: () => life.spec.webhooks?.allow ?? [],
    bridge: (url) => bridges.to(url),
    way: wayOf(ways.WEBHOOKS),
    services: (call, held) => services(call, held),
    hold: () => heldBytes.open(life.spec.id),
    rate: ratesOf(ways).webhooks,
    now: Date.now,
  });
  const now = (): number => cluster.now(Date.now());
  const cluster = simulated(ctx.storage, life, keys, {
    ...listener,
    callWebhook: (call) => webhooks.call(call),
    keyMade: () => pods.changed(),
  });
  cluster.store.subscribe(() => listener.committed());
  const consensus = etcdMembersOf(cluster.store, life.spec, now);
  const pods = podStreams(cluster, cluster.machines, ways.work, () => ctx.getWebSockets(LOG_TAG));
  const services = serviceCalls({
    network: cluster.network,
    reader: () => cluster.reader(),
    machine: (target, at) => cluster.machines.machine(target, at),
    sessions: pods.sessions,
    now,
    until: pods.until,
    timers: PLATFORM_TIMERS,
  });
  const gone = new AbortController();
  const untaken = untakenCharacters.open(life.spec.id, Date.now, UNTAKEN_LEASE_MS);
  return {
    life,
    keys,
    cluster,
    clock: new ClusterClock(cluster, ctx.storage.kv, life.spec.clock.speed, () => pods.changed()),
    hub: new WatchHub(cluster.store, ctx.getWebSockets(), { now: Date.now, held: untaken }),
    untaken,
    flows: new Flows(cluster.store),
    turns: new Turns({
      commit: (proposal) => commitProposal(cluster.store, proposal),
      read: (ranges) => readOf(cluster, ranges),
      after(milliseconds, callback) {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    }),
    gateway: durableGateway(cluster.store, life.spec.id, {
      gone: gone.signal,
      now,
      ...(consensus ? { consensus } : {}),
      leasesChanged: () => listener.worked(),
    }),
    gone,
    compaction: new AutoCompaction(cluster.store, RETENTION),
    webhooks,
    bridges,
    pods,
  };
}

/** A refusal is part of the simulation and is retried; what the language itself throws is a defect of ours. */
function reportDefect(work: { reconciler: string; key: string }, error: unknown): void {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    console.error(`${work.reconciler} failed on ${work.key}`, error);
}

function simulated(
  storage: DurableObjectStorage,
  life: Life,
  keys: LateKeys,
  { worked, callWebhook, keyMade }: Pick<Listener, 'worked'> & { callWebhook: CallWebhook; keyMade(): void },
): SimulatedCluster {
  const clock = storedClock(storage.kv) ?? life.clock;
  const { authorities } = life;
  return createSimulatedCluster({
    sql: durableSql(storage),
    ...life,
    ...(clock ? { clock } : {}),
    ...(authorities
      ? { authentication: { clientCA: authorities.client.certificate, frontProxyCA: authorities.frontProxyCA } }
      : {}),
    signatures: signaturesOf({
      issuer: issuerOf(life.spec.id),
      tokenKey: () => life.tokenKey,
      async makeTokenKey() {
        const key = await keys.tokenKey();
        // Commands that wait to read a token look again.
        setTimeout(keyMade);
        return key;
      },
      authorities: () => keys.authorities(),
    }),
    awoken: () => worked(),
    callWebhook,
    hold: () => heldBytes.open(life.spec.id, Date.now, MAX_OUTSIDE_MS),
    failed: reportDefect,
  });
}

/** Whoever waits for it is let go. */
export function endCluster({ turns, clock, gone, untaken, pods }: Running): void {
  pods.sessions.endAll();
  turns.close();
  clock.close();
  gone.abort();
  untaken.give();
}
