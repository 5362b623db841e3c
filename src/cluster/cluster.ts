/**
 * The Durable Object of one cluster: a thin shell around the simulated cluster. It stores, orders and watches; after a commit it
 * pumps, and its one alarm stands at the next instant at which time alone changes something. Here real time enters a cluster, and only here.
 */
import { DurableObject } from 'cloudflare:workers';
import { type IssuedToken, isGood } from '../apiserver/issued-token.ts';
import type { ClusterConfig, Outcome, Proposal, ReadResult } from '../apiserver/storage.ts';
import type { TokenKey } from '../apiserver/token-key.ts';
import { AutoCompaction, type Retention } from '../etcd/auto-compaction.ts';
import { readIfRoom, readWithin } from '../etcd/bounded-read.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { GatewayBackend } from '../etcd/gateway/backend.ts';
import { handleGateway } from '../etcd/gateway/gateway.ts';
import { commitProposal } from '../etcd/propose.ts';
import type { Restore } from '../etcd/restore.ts';
import { durableSql } from '../etcd/sql-durable.ts';
import { Turns } from '../etcd/turns.ts';
import type { KeyValue, RangeRequest, RangeResponse, WatchRequest } from '../etcd/types.ts';
import { WatchHub } from '../etcd/watch-hub.ts';
import { ratesOf } from '../platform/admission.ts';
import type { ClockChange, ClockState } from '../platform/clock.ts';
import type { ClusterSpec } from '../platform/cluster-spec.ts';
import {
  type ClusterChange,
  type CopyRefusal,
  type Making,
  NO_CLUSTER,
  pageOf,
  pageRange,
  type Spent,
  type StatePage,
} from '../platform/cluster-state.ts';
import { changeCluster } from '../platform/directory.ts';
import { MAX_TOKENS, MAX_WATCHES } from '../platform/limits.ts';
import { signaturesOf } from '../platform/notary.ts';
import { isStepping } from '../simulation/clock.ts';
import { clearDueStorage } from '../simulation/due-storage.ts';
import { type Holding, UNTAKEN_LEASE_MS, untakenCharacters } from '../simulation/held-bytes.ts';
import { TURN_LIMITS, TurnBudget } from '../simulation/turn-budget.ts';
import { type LimitedWork, limitedWork, WorkExceeded } from '../simulation/work-budget.ts';
import { ClusterAlarm } from './alarm.ts';
import { ClusterClock, resetClock, storedClock } from './clock.ts';
import type { Env } from './env.ts';
import { durableGateway, endedBy } from './gateway.ts';
import { isUnlisted, LateKeys, type Life, listingTime, newLife } from './life.ts';
import { type Answer, BUSY_HEADER, type ClusterRpc, type Entry, ETCD_PATH } from './rpc.ts';
import { createSimulatedCluster, type SimulatedCluster } from './simulated-cluster.ts';
import { TokenEnds } from './token-ends.ts';
import { hasWebhooks } from './webhook-presence.ts';
import {
  GATEWAY_UNITS,
  MAX_RULE_STEPS,
  proposalUnits,
  RECONCILE_UNITS,
  readUnits,
  resetUnits,
  rulesUnits,
  WATCH_UNITS,
  WorkBudget,
} from './work.ts';

interface Running {
  life: Life;
  keys: LateKeys;
  cluster: SimulatedCluster;
  clock: ClusterClock;
  hub: WatchHub;
  /** What the watches were sent and have not taken. */
  untaken: Holding;
  /** Of those who write through the API server. */
  turns: Turns;
  /** What etcd's gateway stands on. */
  gateway: GatewayBackend;
  /** Ends the gateway's streams. */
  gone: AbortController;
  compaction: AutoCompaction;
}

/** A cluster that is being filled with another's state. */
interface Copying {
  running: Running;
  restore: Restore;
}

/** What stays readable of the past: enough for every lesson, and for a client that was away for a day. */
const RETENTION: Retention = { revisions: 100_000, age: 0 };

/** For how long whoever waits for the cluster to come to rest waits, and how often it is looked, real milliseconds. */
const SETTLE_MS = 5000;
const SETTLE_POLL_MS = 1;
/** Within this time the next page of a copy must come, milliseconds. */
const COPY_PAGE_MS = 60_000;
/** Work that a crash interrupted goes on after so many real milliseconds. Longer than most of it takes, so that few alarms are set. */
const RESUME_MS = 2000;

/** A refusal is part of the simulation and is retried; what the language itself throws is a defect of ours. */
function reportDefect(work: { reconciler: string; key: string }, error: unknown): void {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    console.error(`${work.reconciler} failed on ${work.key}`, error);
}

const resultOf = (cluster: SimulatedCluster, responses: RangeResponse[]): ReadResult => ({
  revision: cluster.store.revision,
  now: cluster.now(Date.now()),
  responses,
});

const readOf = (cluster: SimulatedCluster, ranges: RangeRequest[]): ReadResult =>
  resultOf(
    cluster,
    readWithin((range) => cluster.store.range(range), ranges),
  );

export class Cluster extends DurableObject<Env> implements ClusterRpc {
  #running: Running | undefined;
  #pumping = false;
  readonly #alarm: ClusterAlarm;
  readonly #work: WorkBudget;
  readonly #tokenEnds = new TokenEnds();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#work = new WorkBudget(ratesOf(env).work, Date.now());
    this.#alarm = new ClusterAlarm(ctx.storage);
    const life = ctx.storage.kv.get<Life>('life');
    if (!life) return;
    this.#running = this.#start(life);
    const now = Date.now();
    // An idle cluster's alarm is still set from before.
    if (this.#running.cluster.idle(now)) this.#alarm.isSet(this.#nextAlarm(now));
    // The alarm that was set beforehand is still to ring, if it is not what has brought this object back.
    else this.#pumpSoon();
  }

  #start(life: Life): Running {
    const sql = durableSql(this.ctx.storage);
    const { kv } = this.ctx.storage;
    const clock = storedClock(kv) ?? life.clock;
    const { authorities } = life;
    // What was made for a life is kept as long as that life goes on.
    const keys = new LateKeys(life, () => {
      if (this.#running?.life === life) kv.put('life', life);
    });
    const cluster = createSimulatedCluster({
      sql,
      ...life,
      ...(clock ? { clock } : {}),
      ...(authorities
        ? { authentication: { clientCA: authorities.client.certificate, frontProxyCA: authorities.frontProxyCA } }
        : {}),
      signatures: signaturesOf({
        tokenKey: () => life.tokenKey,
        makeTokenKey: () => keys.tokenKey(),
        authorities: () => keys.authorities(),
      }),
      awoken: () => this.#afterWork(),
      failed: reportDefect,
    });
    cluster.store.subscribe(() => this.#committed());
    const gone = new AbortController();
    const gateway = durableGateway(cluster.store, life.spec.id, {
      gone: gone.signal,
      now: () => cluster.now(Date.now()),
      leasesChanged: () => this.#afterWork(),
    });
    const untaken = untakenCharacters.open(life.spec.id, Date.now, UNTAKEN_LEASE_MS);
    return {
      life,
      keys,
      cluster,
      clock: new ClusterClock(cluster, kv, life.spec.clock.speed),
      hub: new WatchHub(cluster.store, this.ctx.getWebSockets(), { now: Date.now, held: untaken }),
      untaken,
      turns: new Turns({
        commit: (proposal) => commitProposal(cluster.store, proposal),
        read: (ranges) => readOf(cluster, ranges),
        after(milliseconds, callback) {
          const timer = setTimeout(callback, milliseconds);
          return () => clearTimeout(timer);
        },
      }),
      gateway,
      gone,
      compaction: new AutoCompaction(cluster.store, RETENTION),
    };
  }

  async create(spec: ClusterSpec): Promise<void> {
    const life = await newLife(spec, this.env.LOCAL_CA ?? '');
    this.ctx.storage.kv.put('life', life);
    this.#running = this.#start(life);
    this.#running.cluster.initialize(Date.now());
    await this.markBeginning();
    this.#afterWork();
  }

  async changeClock(change: ClockChange): Promise<ClockState> {
    const { clock } = this.#alive();
    if (Object.values(change).some((value) => value !== undefined)) {
      clock.change(change, Date.now());
      this.#afterWork();
    }
    if (change.advance !== undefined) await clock.arrived();
    return clock.state(Date.now());
  }

  async issueToken(token: IssuedToken): Promise<boolean> {
    const issued = await this.issuedTokens();
    if (issued.length >= MAX_TOKENS) return false;
    this.#keepIssued([...issued, token]);
    this.#alarm.ringBy(this.#nextAlarm(Date.now()));
    return true;
  }

  async issuedTokens(): Promise<IssuedToken[]> {
    return this.#issuedAt(Date.now());
  }

  #issuedAt(now: number): IssuedToken[] {
    return (this.#running?.life.issued ?? []).filter((token) => isGood(token, now));
  }

  async revokeToken(id: string): Promise<boolean> {
    const issued = await this.issuedTokens();
    const others = issued.filter((token) => token.id !== id);
    if (others.length === issued.length) return false;
    this.#keepIssued(others);
    this.#endWatchesOf(id);
    return true;
  }

  /** What is watched by a token that is no longer good. Its readers may come again, and have to show one that is. */
  #endWatchesOf(tokenId: string): void {
    this.#tokenEnds.end(tokenId);
    for (const socket of this.ctx.getWebSockets(tokenId)) {
      this.#running?.hub.closed(socket);
      socket.serializeAttachment(null);
      socket.close(1001, 'the token is no longer good');
    }
  }

  #keepIssued(issued: IssuedToken[]): void {
    const { life } = this.#alive();
    life.issued = issued;
    this.ctx.storage.kv.put('life', life);
  }

  #alive(): Running {
    if (!this.#running) throw new Error(NO_CLUSTER);
    return this.#running;
  }

  async making(): Promise<Making> {
    const { life, clock: itsClock } = this.#alive();
    const { name, seed, serviceCIDR, podCIDR, nodePortRange, components, behaviours, baseTime } = life.spec;
    const { speed, paused } = itsClock.state(Date.now());
    return {
      name,
      seed,
      serviceCIDR,
      podCIDR,
      nodePortRange,
      components,
      clock: { start: life.spec.clock.start, speed, paused },
      ...(behaviours ? { behaviours } : {}),
      ...(baseTime === undefined ? {} : { baseTime }),
    };
  }

  async statePage(
    revision: number,
    from: string,
    limit: number,
    epoch = this.#alive().life.epoch,
  ): Promise<Spent<StatePage | { error: string } | { ended: true }>> {
    const answer = this.#answer(epoch, ({ store }, now) => ({
      epoch,
      ...pageOf(store.range(pageRange(revision, from, limit)), revision, now),
    }));
    if ('gone' in answer) return { ended: true };
    const page = 'value' in answer ? answer.value : { error: answer.error.message };
    return this.#withBusy(page, 'kvs' in page ? readUnits([page]) : 1);
  }

  /** A copy in the making is in memory alone but for its keys: without its `life` it is no cluster, and its alarm ends it. */
  #copying: Copying | undefined;

  async beginCopy(spec: ClusterSpec): Promise<void> {
    this.#expectPage();
    const running = this.#start(await newLife(spec, this.env.LOCAL_CA ?? ''));
    this.#copying = { running, restore: running.cluster.store.restore() };
  }

  async copyPage(kvs: KeyValue[]): Promise<CopyRefusal | undefined> {
    if (!this.#copying) return { ended: true };
    const { restore, running } = this.#copying;
    if (running.cluster.store.full) return { full: true };
    this.#expectPage();
    const repeated = this.ctx.storage.transactionSync(() => restore.add(kvs));
    return repeated === undefined ? undefined : { repeated };
  }

  async finishCopy(revision: number, bootstrap: boolean): Promise<CopyRefusal | undefined> {
    if (!this.#copying) return { ended: true };
    const { running, restore } = this.#copying;
    this.#copying = undefined;
    running.life.listedBy = listingTime();
    this.ctx.storage.transactionSync(() => {
      restore.finish(revision);
      if (bootstrap) running.cluster.bootstrap(Date.now());
      running.cluster.store.markBeginning();
      running.life.beginning = running.cluster.now(Date.now());
      this.ctx.storage.kv.put('life', running.life);
    });
    this.#running = running;
    this.#afterWork();
    return undefined;
  }

  /** Whoever makes the copy may be gone before it is whole. */
  #expectPage(): void {
    void this.ctx.storage.setAlarm(Date.now() + COPY_PAGE_MS);
  }

  /** Nobody can ever use a copy that was left unfinished, or a cluster of which its maker was gone before the directory knew it. */
  async #isOrphan(): Promise<boolean> {
    if (!this.#running) return true;
    const { life } = this.#running;
    const { listedBy } = life;
    if (await isUnlisted(life, this.env.DB)) return true;
    if (life.listedBy !== listedBy && this.#running) this.ctx.storage.kv.put('life', life);
    return false;
  }

  async destroy(): Promise<void> {
    this.#end('the cluster is gone');
    this.#copying = undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Ends what goes on with the cluster as it is now. */
  #end(why: string): void {
    for (const socket of this.ctx.getWebSockets()) {
      // It takes a while to be closed, and is nobody's watch meanwhile.
      socket.serializeAttachment(null);
      socket.close(1001, why);
    }
    this.#running?.turns.close();
    this.#running?.clock.close();
    this.#running?.gone.abort();
    this.#running?.untaken.give();
    this.#running = undefined;
  }

  async markBeginning(): Promise<void> {
    const { life, cluster } = this.#alive();
    life.beginning = cluster.now(Date.now());
    this.ctx.storage.transactionSync(() => {
      cluster.store.markBeginning();
      this.ctx.storage.kv.put('life', life);
    });
  }

  async reset(): Promise<Spent<{ isDone: boolean }>> {
    const { life, cluster } = this.#alive();
    const { kv } = this.ctx.storage;
    const { beginning } = life;
    if (beginning === undefined || !cluster.store.hasBeginning) return { isDone: false };
    const { revision } = cluster.store;
    this.#end('the cluster has gone back to its beginning');
    // Another epoch: whoever has read of the time before is to begin anew.
    const again: Life = { ...life, epoch: crypto.randomUUID() };
    try {
      this.ctx.storage.transactionSync(() => {
        cluster.store.returnToBeginning();
        clearDueStorage(cluster.store.sql);
        resetClock(kv, beginning, life.spec.clock, Date.now());
        kv.put('life', again);
      });
    } finally {
      // What cannot be brought back goes on as it was, read anew from what is stored.
      this.#running = this.#start(kv.get<Life>('life')!);
      this.#afterWork();
    }
    return this.#withBusy({ isDone: true }, resetUnits(revision - this.#running.cluster.store.revision));
  }

  async change({ name, expiresAt }: ClusterChange): Promise<void> {
    const { life } = this.#alive();
    if (name !== undefined) life.spec.name = name;
    if (expiresAt !== undefined) life.spec.expiresAt = expiresAt;
    this.ctx.storage.kv.put('life', life);
    this.#alarm.ringBy(this.#nextAlarm(Date.now()));
    await this.#tellDirectory();
  }

  #told: Promise<void> = Promise.resolve();

  /** One after the other, and each time what holds then, so that the directory ends with what the object has. */
  #tellDirectory(): Promise<void> {
    this.#told = this.#told
      .catch(() => undefined)
      .then(async () => {
        if (!this.#running) return;
        const { id, name, expiresAt } = this.#running.life.spec;
        await changeCluster(this.env.DB, id, { name, expiresAt });
      });
    return this.#told;
  }

  /** Fulfilled when nothing is to be done at this instant, or after a while. */
  async settled(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (this.#running && !this.#running.cluster.idle(Date.now()) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }

  async open(): Promise<Entry | null> {
    if (!this.#running) return null;
    const { life, cluster } = this.#running;
    const { id, seed, serviceCIDR, podCIDR, nodePortRange, components } = life.spec;
    const config: ClusterConfig = { id, seed, serviceCIDR, podCIDR, nodePortRange, components };
    return {
      epoch: life.epoch,
      config,
      adminTokenHashes: life.spec.adminTokenHashes,
      issued: life.issued ?? [],
      ...(life.tokenKey ? { tokenKey: life.tokenKey } : {}),
      clock: cluster.clock,
      expiresAt: life.spec.expiresAt,
      webhooks: hasWebhooks(cluster.store),
    };
  }

  async read(epoch: string, ranges: RangeRequest[], allowed: number): Promise<Answer<ReadResult | { heavy: number }>> {
    const answer = this.#answer(epoch, (cluster) => {
      const read = readIfRoom((range) => cluster.store.range(range), ranges, allowed);
      return 'heavy' in read ? read : resultOf(cluster, read);
    });
    const isRead = 'value' in answer && 'responses' in answer.value;
    return this.#spent(answer, isRead ? readUnits((answer.value as ReadResult).responses) : ranges.length);
  }

  async propose(epoch: string, proposal: Proposal): Promise<Answer<Outcome>> {
    const answer = this.#answer(epoch, () => this.#running!.turns.propose(proposal));
    this.#afterWork();
    return this.#outcome(answer, proposalUnits(proposal, this.#running?.hub.size ?? 0));
  }

  /** Apart, so that nobody who waits for a turn holds on to what was proposed. */
  async #outcome(answer: Answer<Promise<Outcome | undefined> | Outcome>, units: number): Promise<Answer<Outcome>> {
    if (!('value' in answer)) return this.#spent(answer, units);
    const value = await answer.value;
    if (!value) return { gone: true };
    return this.#spent({ value }, 'again' in value ? readUnits(value.again.responses) : units);
  }

  async release(epoch: string, turn: number): Promise<void> {
    this.#answer(epoch, () => this.#running!.turns.release(turn));
  }

  #spent<T>(answer: Answer<T>, units: number): Answer<T> {
    return 'gone' in answer ? answer : this.#withBusy(answer, units);
  }

  #withBusy<T extends object>(answer: T, units: number): Spent<T> {
    const busyMs = this.#work.spend(units, Date.now());
    return busyMs > 0 ? { ...answer, busyMs } : answer;
  }

  async tokenKey(epoch: string, make: boolean): Promise<Answer<TokenKey | null>> {
    const known = this.#answer(epoch, () => this.#alive().life.tokenKey ?? null);
    if (!make || !('value' in known) || known.value) return known;
    const made = await this.#alive().keys.tokenKey();
    return this.#answer(epoch, () => made);
  }

  #answer<T>(epoch: string, work: (cluster: SimulatedCluster, now: number) => T): Answer<T> {
    const running = this.#running;
    if (!running || running.life.epoch !== epoch) return { gone: true };
    try {
      return { value: work(running.cluster, running.cluster.now(Date.now())) };
    } catch (error) {
      if (error instanceof EtcdError) return { error: { code: error.code, message: error.message } };
      throw error;
    }
  }

  /** The rules that kube-proxy has on a node. */
  async iptables(node: string): Promise<Spent<{ rules: string } | { error: string } | { unknown: true }>> {
    const work = limitedWork(MAX_RULE_STEPS);
    const answer = this.#rules(node, work);
    return this.#withBusy(answer, rulesUnits(work.spent));
  }

  #rules(node: string, work: LimitedWork): { rules: string } | { error: string } | { unknown: true } {
    try {
      const rules = this.#running?.cluster.iptables(node, work);
      return rules === undefined ? { unknown: true } : { rules };
    } catch (error) {
      if (error instanceof WorkExceeded) return { error: error.message };
      throw error;
    }
  }

  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const running = this.#running;
    if (!running || url.searchParams.get('epoch') !== running.life.epoch) return new Response(null, { status: 410 });
    const token = url.searchParams.get('token');
    if (token !== null && !this.#issuedAt(Date.now()).some(({ id }) => id === token))
      return new Response(null, { status: 410 });
    if (url.pathname === ETCD_PATH) {
      const busyMs = this.#work.spend(GATEWAY_UNITS, Date.now());
      const gateway = token === null ? running.gateway : endedBy(running.gateway, this.#tokenEnds.of(token));
      const response = await handleGateway(request, gateway, url.searchParams.get('path')!);
      this.#afterWork();
      if (busyMs > 0) response.headers.set(BUSY_HEADER, String(busyMs));
      return response;
    }
    if (running.hub.size >= MAX_WATCHES) return new Response(null, { status: 429 });
    const busyMs = this.#work.spend(WATCH_UNITS, Date.now());
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server, token === null ? [] : [token]);
    running.hub.accept(server, JSON.parse(url.searchParams.get('request')!) as WatchRequest);
    const headers: HeadersInit = busyMs > 0 ? { [BUSY_HEADER]: String(busyMs) } : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message === 'string') this.#running?.hub.message(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#running?.hub.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#running?.hub.closed(socket);
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    if (await this.#isOrphan()) return this.destroy();
    if (this.#running && this.#running.life.spec.expiresAt <= Date.now()) return this.destroy();
    const now = Date.now();
    for (const token of this.#running?.life.issued ?? []) if (!isGood(token, now)) this.#endWatchesOf(token.id);
    this.#committed();
    this.#afterWork();
  }

  /**
   * Has the alarm set beforehand, in the very commit that brings work: if the process ends before the pump has had its turn, the alarm
   * goes on with what is left.
   */
  #committed(): void {
    const now = Date.now();
    if (!this.#running || this.#alarm.isSetBy(now + RESUME_MS)) return;
    const { life, cluster } = this.#running;
    if (!cluster.idle(now)) this.#alarm.ringBy(Math.min(now + RESUME_MS, life.spec.expiresAt));
  }

  #isOver(): boolean {
    return this.#alive().life.spec.expiresAt <= Date.now();
  }

  /** Pumps in a task of its own while there is work, so that requests get in between; then sets the alarm for what is due later. */
  #afterWork(): void {
    if (this.#pumping || !this.#running) return;
    const { cluster, compaction } = this.#running;
    const realNow = Date.now();
    compaction.check(cluster.now(realNow));
    if (cluster.idle(realNow)) {
      this.#alarm.ringBy(this.#nextAlarm(realNow));
      return;
    }
    this.#committed();
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    this.#pumping = true;
    setTimeout(() => {
      this.#pumping = false;
      // A cluster that never comes to rest has no alarm that would end it.
      if (this.#running && this.#isOver()) void this.destroy();
      else this.#turn();
    }, this.#work.pause(Date.now()));
  }

  #turn(): void {
    if (!this.#running) return;
    const { cluster, clock, hub } = this.#running;
    const isStep = isStepping(cluster.clock);
    const budget = new TurnBudget(TURN_LIMITS, Date.now);
    cluster.pumpTurn(Date.now(), budget);
    this.#work.spend(budget.pieces * RECONCILE_UNITS, Date.now());
    if (isStep) clock.moved();
    hub.flush();
    this.#afterWork();
  }

  #nextAlarm(now: number): number {
    const { life, cluster } = this.#running!;
    return Math.min(
      cluster.nextDue(now) ?? Number.POSITIVE_INFINITY,
      life.listedBy ?? life.spec.expiresAt,
      life.spec.expiresAt,
      ...this.#issuedAt(now).map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY),
    );
  }
}
