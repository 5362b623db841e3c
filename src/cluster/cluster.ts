/**
 * The Durable Object of one cluster: a thin shell around the simulated cluster. It stores, orders and watches; after a commit it
 * pumps, and its one alarm stands at the next instant at which time alone changes something. What it consists of while it runs is in
 * `running.ts`, when the pump has its turns in `pumping.ts`, what it answers to whom reads and writes in `answering.ts`. Real time enters
 * a cluster in this folder only.
 */
import { DurableObject } from 'cloudflare:workers';
import { type IssuedToken, isGood } from '../apiserver/identity/issued-token.ts';
import type { TokenKey } from '../apiserver/identity/token-key.ts';
import type { Outcome, Proposal, ReadResult } from '../apiserver/storage/storage.ts';
import { StateTooNew } from '../etcd/errors.ts';
import type { KeyValue, RangeRequest } from '../etcd/types.ts';
import type { WebhookAnswer, WebhookCall } from '../objects/webhook-call.ts';
import type { PodView, TraceAnswer, TraceQuestion } from '../platform/bindings.ts';
import type { ClockChange, ClockState } from '../platform/clusters/clock-state.ts';
import type { ClusterSpec } from '../platform/clusters/cluster-spec.ts';
import type { FaultsAnswer, FaultsChange } from '../platform/clusters/faults-change.ts';
import type { ClusterChange, CopyRefusal, Making, Spent } from '../platform/copies/cluster-state.ts';
import { ratesOf } from '../platform/rates/rates.ts';
import type { StoryAnswer, StoryQuestion } from '../platform/story/question.ts';
import { Answering, answerOf } from './answering.ts';
import { addAuditEvent, auditEvents } from './audit-log.ts';
import { beginningOf, markBeginning, returnToBeginning } from './beginning.ts';
import { changeClock } from './change-clock.ts';
import { Copying, expectPage } from './copying.ts';
import { DirectoryEntry } from './directory-entry.ts';
import { entryOf } from './entry.ts';
import type { Env } from './env.ts';
import { breakOrMend } from './faults.ts';
import { issuedTokens, keepIssued, withoutToken, withToken } from './issued-tokens.ts';
import { isOrphan, type Life, newLife, noCluster, storedLife, storeLife } from './life.ts';
import { makingOf } from './making.ts';
import { isOver, Pumping } from './pumping.ts';
import { whyRefused } from './reachable.ts';
import type { Answer, ClusterRpc, Entry, Refused } from './rpc.ts';
import { endCluster, type Running, startCluster } from './running.ts';
import { Streams } from './streams.ts';
import { WorkBudget } from './work.ts';

/** How often it is looked whether there is code that knows the cluster's state, milliseconds. */
const NEWER_CODE_MS = 24 * 3600 * 1000;

export class Cluster extends DurableObject<Env> implements ClusterRpc {
  #running: Running | undefined;
  #copying: Copying | undefined;
  /** Why the cluster's state is left as it is: a later version has written it. */
  #tooNew: string | undefined;
  readonly #work: WorkBudget;
  readonly #answering: Answering;
  readonly #pumping: Pumping;
  readonly #streams: Streams;
  readonly #entry = new DirectoryEntry();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#work = new WorkBudget(ratesOf(env).work, Date.now());
    this.#answering = new Answering(this.#work);
    this.#pumping = new Pumping({
      running: () => this.#running,
      over: () => void this.destroy(),
      work: this.#work,
      storage: ctx.storage,
    });
    this.#streams = new Streams(ctx, this.#work, () => this.#pumping.afterWork());
    try {
      this.#wake();
    } catch (error) {
      if (!(error instanceof StateTooNew)) throw error;
      this.#tooNew = error.message;
    }
  }

  #wake(): void {
    const life = storedLife(this.ctx.storage);
    if (!life) return;
    this.#running = this.#start(life);
    this.#pumping.awoke(this.#running);
  }

  #start(life: Life): Running {
    const listener = {
      committed: () => this.#pumping.committed(),
      worked: () => this.#pumping.afterWork(),
      changed: () => {
        if (this.#running?.life === life) storeLife(this.ctx.storage, life);
      },
    };
    return startCluster(this.ctx, life, listener, { ...this.env, work: this.#work });
  }

  #alive(): Running {
    if (!this.#running) throw noCluster(this.#tooNew);
    return this.#running;
  }

  // Its life: making, changing, ending.

  async create(spec: ClusterSpec): Promise<void> {
    const life = await newLife(spec, this.env.LOCAL_CA ?? '');
    storeLife(this.ctx.storage, life);
    this.#running = this.#start(life);
    this.#running.cluster.initialize(Date.now());
    await this.markBeginning();
    this.#pumping.afterWork();
  }

  async beginCopy(spec: ClusterSpec): Promise<void> {
    expectPage(this.ctx.storage);
    const life = await newLife(spec, this.env.LOCAL_CA ?? '');
    this.#copying = new Copying(this.#start(life), this.ctx.storage);
  }

  async copyPage(kvs: KeyValue[]): Promise<CopyRefusal | undefined> {
    return this.#copying ? this.#copying.add(kvs) : { ended: true };
  }

  async finishCopy(revision: number, bootstrap: boolean): Promise<CopyRefusal | undefined> {
    const copying = this.#copying;
    if (!copying) return { ended: true };
    this.#copying = undefined;
    this.#running = copying.finish(revision, bootstrap);
    this.#pumping.afterWork();
    return undefined;
  }

  async change({ name, expiresAt }: ClusterChange): Promise<void> {
    const running = this.#alive();
    const { life } = running;
    if (name !== undefined) life.spec.name = name;
    if (expiresAt !== undefined) life.spec.expiresAt = expiresAt;
    storeLife(this.ctx.storage, life);
    this.#pumping.rescheduled(running);
    await this.#entry.tell(this.env.DB, () => this.#running?.life);
  }

  async changeClock(change: ClockChange): Promise<ClockState> {
    return changeClock(this.#alive(), change, () => this.#pumping.afterWork());
  }

  async faults(change: FaultsChange): Promise<FaultsAnswer> {
    const answer = breakOrMend(this.#alive(), change);
    this.#pumping.afterWork();
    return answer;
  }

  async markBeginning(): Promise<void> {
    markBeginning(this.#alive(), this.ctx.storage);
  }

  async reset(): Promise<Spent<{ isDone: boolean }>> {
    const running = this.#alive();
    const beginning = beginningOf(running);
    if (beginning === undefined) return { isDone: false };
    const { revision } = running.cluster.store;
    this.#end('the cluster has gone back to its beginning');
    try {
      returnToBeginning(running, beginning, this.ctx.storage);
    } finally {
      // What cannot be brought back goes on as it was, read anew from what is stored.
      this.#running = this.#start(storedLife(this.ctx.storage)!);
      this.#pumping.afterWork();
    }
    return this.#answering.reset(revision - this.#running.cluster.store.revision);
  }

  async destroy(): Promise<void> {
    this.#end('the cluster is gone');
    this.#copying = undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Ends what goes on with the cluster as it is now. */
  #end(why: string): void {
    this.#streams.endAll(why);
    if (this.#running) endCluster(this.#running);
    this.#running = undefined;
  }

  override async alarm(): Promise<void> {
    if (this.#tooNew !== undefined) return this.ctx.storage.setAlarm(Date.now() + NEWER_CODE_MS);
    this.#pumping.ringing();
    if (await isOrphan(() => this.#running?.life, this.ctx.storage, this.env.DB)) return this.destroy();
    if (this.#running && isOver(this.#running)) return this.destroy();
    const now = Date.now();
    for (const token of this.#running?.life.issued ?? [])
      if (!isGood(token, now)) this.#streams.endThoseOf(token.id, this.#running);
    this.#pumping.rang();
  }

  // Tokens.

  async issuedTokens(): Promise<IssuedToken[]> {
    return issuedTokens(this.#running?.life, Date.now());
  }

  async issueToken(token: IssuedToken): Promise<boolean> {
    const kept = keepIssued(this.#alive().life, withToken(await this.issuedTokens(), token), this.ctx.storage);
    this.#pumping.rescheduled(this.#alive());
    return kept;
  }

  async revokeToken(id: string): Promise<boolean> {
    const kept = keepIssued(this.#alive().life, withoutToken(await this.issuedTokens(), id), this.ctx.storage);
    if (kept) this.#streams.endThoseOf(id, this.#running);
    return kept;
  }

  async tokenKey(epoch: string, make: boolean): Promise<Answer<TokenKey | null>> {
    const known = answerOf(this.#running, epoch, ({ life }) => life.tokenKey ?? null);
    if (!make || !('value' in known) || known.value) return known;
    const made = await this.#alive().keys.tokenKey();
    return answerOf(this.#running, epoch, () => made);
  }

  // What is asked of it.

  async open(): Promise<Entry | Refused | null> {
    if (this.#tooNew !== undefined) return { refused: this.#tooNew };
    return this.#running ? entryOf(this.#running) : null;
  }

  async making(): Promise<Making> {
    return makingOf(this.#alive());
  }

  async statePage(revision: number, from: string, limit: number, epoch = this.#alive().life.epoch) {
    return this.#answering.statePage(this.#running, { revision, from, limit, epoch });
  }

  async iptables(node: string): Promise<Spent<{ rules: string } | { error: string } | { unknown: true }>> {
    return this.#answering.rules(this.#running, node);
  }

  async podView(view: PodView, namespace: string, name: string): Promise<Spent<{ json: string } | { unknown: true }>> {
    return this.#answering.podView(this.#running, view, namespace, name);
  }

  async traceConnection(question: TraceQuestion): Promise<Spent<TraceAnswer>> {
    return this.#answering.trace(this.#running, question);
  }

  async story(question: StoryQuestion): Promise<Spent<StoryAnswer>> {
    return this.#answering.story(this.#running, question);
  }

  /** Fulfilled when nothing is to be done at this instant, or after a while. */
  async settled(): Promise<void> {
    await this.#pumping.settled();
  }

  async read(epoch: string, ranges: RangeRequest[], allowed: number): Promise<Answer<ReadResult | { heavy: number }>> {
    const refusal = whyRefused(this.#running, 'read');
    return (refusal && (await refusal)) ?? this.#answering.read(this.#running, epoch, ranges, allowed);
  }

  async propose(epoch: string, proposal: Proposal): Promise<Answer<Outcome>> {
    const refusal = whyRefused(this.#running, 'write');
    const proposed =
      (refusal && (await refusal)) ?? answerOf(this.#running, epoch, ({ turns }) => turns.propose(proposal));
    this.#pumping.afterWork();
    return this.#answering.outcome(this.#running, proposed, proposal);
  }

  async release(epoch: string, turn: number): Promise<void> {
    answerOf(this.#running, epoch, ({ turns }) => turns.release(turn));
  }

  async audit(epoch: string, event: string): Promise<void> {
    answerOf(this.#running, epoch, () => addAuditEvent(this.ctx.storage.kv, event));
  }

  async auditLog(): Promise<Spent<{ lines?: string }>> {
    return this.#alive().life.spec.audit ? { lines: [...auditEvents(this.ctx.storage.kv)].join('') } : {};
  }

  async callWebhook(epoch: string, call: WebhookCall): Promise<Answer<WebhookAnswer>> {
    const called = answerOf(this.#running, epoch, ({ webhooks }) => webhooks.call(call));
    return 'value' in called ? { value: await called.value } : called;
  }

  // Its streams.

  override fetch(request: Request): Promise<Response> {
    return this.#streams.serve(request, this.#running);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message === 'string') this.#streams.message(this.#running, socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#streams.closed(this.#running, socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#streams.closed(this.#running, socket);
  }
}
