/** The API server's `Storage` in the Worker, and its way to pods: RPC to the cluster's Durable Object, and a WebSocket for each watch, session and followed log. */
import { tooManyRequests } from '../apiserver/answer/flow-control.ts';
import type { TokenKey } from '../apiserver/identity/token-key.ts';
import type { Outcome, Proposal, ReadResult, Storage, WatchStream } from '../apiserver/storage/storage.ts';
import type { LogRequest } from '../apiserver/streams/log-wire.ts';
import type { Pods } from '../apiserver/streams/pods.ts';
import type { SessionRequest } from '../apiserver/streams/session-wire.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { bytesRead, MAX_READ_BYTES, readRest } from '../etcd/bounded-read.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { RangeRequest, RangeResponse, WatchRequest } from '../etcd/types.ts';
import { watchOver } from '../etcd/watch-client.ts';
import { StatusError } from '../objects/status.ts';
import { LOST_ANSWER, type WebhookAnswer, type WebhookCall } from '../objects/webhook-call.ts';
import type { Draws } from '../simulation/draws.ts';
import { type Holding, LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { KnownKinds, wholeRanges } from './known-kinds.ts';
import { type Answer, busyOf, type ClusterRpc, logUrl, sessionUrl, UNSERVED, watchUrl } from './rpc.ts';

/** The cluster is not there, or not the one that was opened: what the Worker remembers of it is stale. */
export class ClusterGone extends Error {}

/** What the Durable Object's stub offers. */
export interface ClusterStub extends ClusterRpc {
  fetch(request: Request): Promise<Response>;
}

export class RemoteStorage implements Storage, Pods {
  /** Whether the object has said that it is gone; the API server tells its client of any error, so nobody else would know. */
  gone = false;
  /** Whether it has as many watches as it may. */
  full = false;
  /** The token of less power by which it is asked, by its id: what is watched ends with it. */
  token: string | undefined;
  readonly draws: Draws;
  readonly held: Holding;
  /** Bytes of values that the largest answer had, and what was held before it. */
  bytes = 0;
  /** Answers of more bytes are not read, as long as nothing was written; like `gone`, `tooMuch` says so. */
  maxBytes = Number.POSITIVE_INFINITY;
  tooMuch = false;
  /** What is held of answers that go on. */
  #kept = 0;
  /** What will be read, and what has been read of it. */
  #foreseen: RangeRequest | undefined;
  #brought: { asked: string; result: ReadResult } | undefined;
  readonly #stub: ClusterStub;
  readonly #epoch: string;
  readonly #busy: (milliseconds: number) => void;
  readonly #kinds: KnownKinds;

  /**
   * `busy` is told for how long the object is to be let alone: it has done more than its budget. `held`: what the request holds. `kinds`:
   * what is known of those of this life of the cluster.
   */
  constructor(
    stub: ClusterStub,
    epoch: string,
    {
      draws,
      held,
      busy,
      kinds = new KnownKinds(),
    }: { draws: Draws; held: Holding; busy: (milliseconds: number) => void; kinds?: KnownKinds },
  ) {
    this.#stub = stub;
    this.#epoch = epoch;
    this.draws = draws;
    this.held = held;
    this.#busy = busy;
    this.#kinds = kinds;
  }

  foresee(range: RangeRequest): void {
    this.#foreseen = range;
  }

  async read(ranges: RangeRequest[]): Promise<ReadResult> {
    return this.#takeBrought(ranges) ?? (await this.#readBringing(ranges)) ?? (await this.#readWhole(ranges));
  }

  /** What an earlier read has brought along, if that is all that is asked for now. */
  #takeBrought(ranges: RangeRequest[]): ReadResult | undefined {
    const brought = this.#brought;
    this.#brought = undefined;
    const [range] = ranges;
    if (!brought || ranges.length !== 1 || JSON.stringify(range) !== brought.asked) return undefined;
    this.bytes = Math.max(this.bytes, bytesRead(brought.result.responses));
    return brought.result;
  }

  /** Reads with these ranges the one that is foreseen, unless that is too much to be read before anybody may have it. */
  async #readBringing(ranges: RangeRequest[]): Promise<ReadResult | undefined> {
    const foreseen = this.#foreseen;
    this.#foreseen = undefined;
    if (!foreseen) return undefined;
    const result = this.#unwrap(await this.#stub.read(this.#epoch, [...ranges, foreseen], LIGHT_BYTES));
    if ('heavy' in result || result.responses.some(({ cut }) => cut)) return undefined;
    const responses = result.responses.splice(ranges.length);
    this.#brought = { asked: JSON.stringify(foreseen), result: { ...result, responses } };
    return result;
  }

  async #readWhole(ranges: RangeRequest[]): Promise<ReadResult> {
    const result = await this.#readOnce(ranges);
    if (!result.responses.some(({ cut }, i) => cut && ranges[i]!.maxBytes === undefined)) return result;
    this.#kept += bytesRead(result.responses);
    const one = async (range: RangeRequest): Promise<RangeResponse> => {
      const { responses } = await this.#readOnce([range]);
      this.#kept += bytesRead(responses);
      return responses[0]!;
    };
    const responses: RangeResponse[] = [];
    for (const [i, first] of result.responses.entries())
      responses.push(await readRest(ranges[i]!, first, result.revision, one));
    return { ...result, responses };
  }

  /** An answer that is large is read when there is room for it. What is read part by part needs the room of one. @throws StatusError 429 */
  async #readOnce(ranges: RangeRequest[]): Promise<ReadResult> {
    for (let guessed = false; ; guessed = true) {
      const room = this.held.bytes - this.#kept;
      const result = this.#unwrap(await this.#stub.read(this.#epoch, ranges, Math.max(LIGHT_BYTES, room)));
      this.held.renew();
      if (!('heavy' in result)) {
        const bytes = bytesRead(result.responses);
        this.bytes = Math.max(this.bytes, this.#kept + bytes);
        if (guessed && room > bytes) this.held.give(room - bytes);
        return result;
      }
      // Nobody waits with what others wait for.
      this.held.give(room);
      this.tooMuch = result.heavy > this.maxBytes;
      if (this.tooMuch || !(await this.held.wait(result.heavy))) throw tooManyRequests(1);
    }
  }

  async propose(proposal: Proposal): Promise<Outcome> {
    this.maxBytes = Number.POSITIVE_INFINITY;
    return this.#unwrap(await this.#stub.propose(this.#epoch, proposal));
  }

  get catalog(): Catalog {
    return this.#kinds.catalog;
  }

  /** What is read for it is nobody's answer: it is remembered, and has a bound of its own. */
  renewCatalog(catalogRevision: number): Promise<void> {
    const part = async (ranges: RangeRequest[]): Promise<ReadResult> => {
      const result = this.#unwrap(await this.#stub.read(this.#epoch, ranges, MAX_READ_BYTES));
      if ('heavy' in result) throw tooManyRequests(1);
      return result;
    };
    return this.#kinds.renew(wholeRanges(part), catalogRevision);
  }

  async release(turn: number): Promise<void> {
    await this.#stub.release(this.#epoch, turn);
  }

  async tokenKey(make: boolean): Promise<TokenKey | undefined> {
    return this.#unwrap(await this.#stub.tokenKey(this.#epoch, make)) ?? undefined;
  }

  /** Keeps an event of the audit log; of a cluster that is gone there is none. */
  async audit(event: string): Promise<void> {
    await this.#stub.audit(this.#epoch, event).catch(() => undefined);
  }

  /** Whoever waits for others computes nothing: the object's answer says nothing of its budget. */
  async callWebhook(call: WebhookCall): Promise<WebhookAnswer> {
    // An object that ended meanwhile has nothing to say of it.
    const answer = await this.#stub.callWebhook(this.#epoch, call).catch(() => ({ value: LOST_ANSWER }));
    return this.#unwrap(answer);
  }

  async log(request: LogRequest): Promise<ReadableStream<Uint8Array> | null> {
    const response = await this.#stub.fetch(new Request(logUrl(this.#epoch, request)));
    const busyMs = busyOf(response);
    if (busyMs > 0) this.#busy(busyMs);
    return response.ok ? response.body : this.#refuse();
  }

  followLog(request: LogRequest): Promise<WebSocket> {
    return this.#socket(logUrl(this.#epoch, request, this.token));
  }

  connect(request: SessionRequest): Promise<WebSocket> {
    return this.#socket(sessionUrl(this.#epoch, request, this.token));
  }

  watch(request: WatchRequest): Promise<WatchStream> {
    return watchOver((from) => this.#connect(from), request);
  }

  async #connect(request: WatchRequest): Promise<WebSocket> {
    const socket = await this.#socket(watchUrl(this.#epoch, request, this.token));
    socket.accept();
    return socket;
  }

  async #socket(url: string): Promise<WebSocket> {
    const response = await this.#stub.fetch(new Request(url, { headers: { upgrade: 'websocket' } }));
    const busyMs = busyOf(response);
    if (busyMs > 0) this.#busy(busyMs);
    const socket = response.webSocket;
    if (!socket && response.status === 429) {
      this.full = true;
      throw tooManyRequests(1);
    }
    return socket ?? this.#refuse();
  }

  #unwrap<T>(answer: Answer<T>): T {
    if ('gone' in answer) return this.#refuse();
    if (answer.busyMs !== undefined) this.#busy(answer.busyMs);
    if ('value' in answer) return answer.value;
    if (answer.error.message === UNSERVED.message) throw new StatusError(503, 'ServiceUnavailable', UNSERVED.message);
    throw new EtcdError(answer.error.code, answer.error.message);
  }

  #refuse(): never {
    this.gone = true;
    throw new ClusterGone();
  }
}
