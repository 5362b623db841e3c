/**
 * The Durable Object's side of watches: every socket is one watch, and all that must be known of it is its attachment, so the object may
 * hibernate under open watches and go on when it wakes.
 *
 * Invariants:
 * - A socket that is not behind has been sent everything up to the store's revision, or a fan-out has yet to reach it. Fan-outs are two
 *   at the most: one under way, and one that gathers the commits made meanwhile, as far as there is room for them.
 * - A socket that is behind gets no commits. It reads history, a batch for each `next` that its reader sends.
 * - Who has not taken what it was sent falls behind (`watch-flow.ts`); who lets too much pass then is ended.
 */
import type { Holding } from '../simulation/held-bytes.ts';
import type { Commit } from './commits.ts';
import { FanOut } from './fan-out.ts';
import { eventBytes, isWanted, wantsPrevious } from './history.ts';
import type { Store } from './store.ts';
import type { WatchEvent, WatchRequest } from './types.ts';
import { WatchFlow } from './watch-flow.ts';
import { decodeTook, encodeBatch, encodeEvent, encodeOver, NEXT, PROGRESS, WINDOW } from './watch-wire.ts';

/** What is used of a hibernatable WebSocket. */
export interface HubSocket {
  send(message: string): void;
  close(code?: number, reason?: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

export interface WatchAttachment {
  watch: WatchRequest;
  /** The first revision not sent yet, and the first of its changes; undefined when the socket follows the commits. */
  next?: number;
  sub?: number;
  /** It is behind, has taken everything, and waits for its turn. */
  asked?: boolean;
}

/** Of history in a batch. */
const BATCH = { events: 500, bytes: WINDOW / 2 };

/** What is sent before others get their turn, as each message makes work for whoever receives it; and how many watches are looked at. */
export const FAN_OUT = { bytes: 512 * 1024, watches: 100, looks: 5000 };

type Defer = (work: () => void) => void;

export interface HubPorts {
  /** Real time, milliseconds. */
  now?: () => number;
  /** Where what readers have not taken counts. */
  held?: Holding;
  /** Runs work when the current piece of work is done: commits made in one piece reach a watcher as one batch. */
  defer?: Defer;
  /** Runs work when others had their turn. The object must not hibernate meanwhile. */
  later?: Defer;
}

/** What is known of a watch while the object is in memory. */
interface Watching extends WatchAttachment {
  /** What was committed up to this revision concerns it no more: it was sent, or comes as history. */
  upTo?: number;
}

export class WatchHub {
  readonly #store: Store;
  readonly #watches = new Map<HubSocket, Watching>();
  readonly #flow: WatchFlow<HubSocket>;
  /** Behind, with nothing left to take, while the cluster's window is full. */
  readonly #waiting = new Set<HubSocket>();
  readonly #defer: Defer;
  readonly #later: Defer;
  #pending: Commit[] = [];
  #fanOuts: FanOut<HubSocket, Watching>[] = [];
  #isSending = false;
  /** Those that wait are to be served when others had their turn. */
  #isServing = false;

  /** `sockets` are those that are open already, after hibernation. */
  constructor(store: Store, sockets: Iterable<HubSocket>, ports: HubPorts = {}) {
    this.#store = store;
    this.#defer = ports.defer ?? ((work) => queueMicrotask(work));
    this.#later = ports.later ?? ((work) => void setTimeout(work, 0));
    this.#flow = new WatchFlow(ports.now ?? (() => 0), ports.held);
    for (const socket of sockets) {
      const attachment = socket.deserializeAttachment() as Partial<WatchAttachment> | null;
      if (!attachment?.watch) continue;
      this.#watches.set(socket, attachment as WatchAttachment);
      if (attachment.asked) this.#waiting.add(socket);
    }
    store.subscribe((commit) => this.#committed(commit));
    if (this.#waiting.size > 0) this.#defer(() => this.#serveWaiting());
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Starts a watch on a socket that the object has just accepted. */
  accept(socket: HubSocket, watch: WatchRequest): void {
    this.flush();
    const { startSub, ...rest } = watch;
    this.#serve(socket, { watch: rest, next: watch.startRevision || this.#store.revision + 1, sub: startSub ?? 0 });
  }

  /** A message of the Worker's; false if the socket is not a watch. */
  message(socket: HubSocket, message: string): boolean {
    if (!this.#watches.has(socket)) return false;
    this.flush();
    const took = decodeTook(message);
    if (took !== undefined) this.#flow.took(socket, took);
    if (message === NEXT) this.#flow.tookAll(socket);
    const attachment = this.#watches.get(socket);
    if (message === NEXT && attachment?.next !== undefined) this.#serve(socket, attachment);
    if (message === PROGRESS && attachment && attachment.next === undefined) {
      for (const fanOut of this.#fanOuts) this.#sendTo(socket, attachment, fanOut);
      const now = this.#watches.get(socket);
      if (now && now.next === undefined) this.#send(socket, encodeBatch(this.#store.revision, []));
    }
    this.#serveWaiting();
    return true;
  }

  closed(socket: HubSocket): void {
    this.#forget(socket);
    // Whoever closes many closes them one after the other: what the first leaves free is not for the next to take.
    this.#serveLater();
  }

  #forget(socket: HubSocket): void {
    this.#watches.delete(socket);
    this.#waiting.delete(socket);
    this.#flow.forget(socket);
  }

  #remember(socket: HubSocket, attachment: WatchAttachment): void {
    this.#watches.set(socket, { ...attachment, upTo: this.#store.revision });
    socket.serializeAttachment(attachment);
  }

  /** Sends the next batch of history, or lets it wait until there is room. */
  #serve(socket: HubSocket, { watch, next, sub = 0 }: WatchAttachment): void {
    if (this.#flow.isFull) {
      this.#waiting.add(socket);
      this.#remember(socket, { watch, ...(next === undefined ? {} : { next, sub }), asked: true });
      return;
    }
    this.#waiting.delete(socket);
    const batch = this.#store.history(
      { ...watch, ...(next === undefined ? {} : { startRevision: next }), startSub: sub },
      BATCH,
    );
    if (batch.compactRevision !== undefined) {
      this.#send(socket, JSON.stringify(batch));
      this.#forget(socket);
      socket.close(1000, 'compacted');
      return;
    }
    // A watch may start in the future: it stays behind until its revision comes.
    const behind = batch.revision < this.#store.revision;
    const early = next !== undefined && next > this.#store.revision + 1;
    const attachment: WatchAttachment = behind ? { watch, next: batch.revision + 1, sub: batch.sub ?? 0 } : { watch };
    if (early) attachment.watch = { ...watch, startRevision: next };
    this.#remember(socket, attachment);
    const events = batch.events.map((event) => encodeEvent(event, wantsPrevious(watch, event)));
    if (events.length === 0 && !behind) return;
    const place = batch.sub === undefined ? {} : { sub: batch.sub };
    this.#send(socket, encodeBatch(batch.revision, events, { ...place, behind }));
  }

  /** While the cluster's window is full and somebody waits, those who take nothing are ended. The others are served in turns. */
  #serveWaiting(): void {
    if (this.#waiting.size === 0 || this.#isServing) return;
    if (this.#flow.isFull) for (const socket of this.#flow.stalled()) this.#end(socket);
    let { bytes } = FAN_OUT;
    for (const socket of this.#waiting) {
      if (this.#flow.isFull) return;
      if (bytes <= 0) {
        this.#serveLater();
        return;
      }
      const before = this.#flow.untaken(socket);
      this.#serve(socket, this.#watches.get(socket)!);
      bytes -= this.#flow.untaken(socket) - before;
    }
  }

  #serveLater(): void {
    if (this.#waiting.size === 0 || this.#isServing) return;
    this.#isServing = true;
    this.#later(() => {
      this.#isServing = false;
      this.#serveWaiting();
    });
  }

  /** As the real server's watch cache, which closes the stream of a watcher that blocks it. */
  #end(socket: HubSocket): void {
    const { next } = this.#watches.get(socket) ?? {};
    this.#send(socket, encodeOver((next ?? this.#store.revision + 1) - 1));
    this.#forget(socket);
    socket.close(1013, 'too slow');
  }

  #committed(commit: Commit): void {
    if (this.#watches.size === 0) return;
    this.#pending.push(commit);
    if (this.#pending.length === 1) this.#defer(() => this.flush());
  }

  /** Sends what has been committed since the last time: at once to some, to the others in turns. */
  flush(): void {
    const commits = this.#pending;
    if (commits.length === 0) return;
    this.#pending = [];
    const last = this.#fanOuts[this.#fanOuts.length - 1];
    if (last && !last.hasBegun) last.add(commits);
    else this.#fanOuts.push(new FanOut(commits));
    if (this.#isSending) this.#fanOuts[this.#fanOuts.length - 1]!.wait();
    else this.#sendSome();
  }

  #sendSome(): void {
    this.#fanOut();
    this.#serveWaiting();
    this.#isSending = this.#fanOuts.length > 0;
    if (this.#isSending) this.#later(() => this.#sendSome());
  }

  /** Sends what is sent in one turn. */
  #fanOut(): void {
    let { bytes, watches, looks } = FAN_OUT;
    for (let fanOut = this.#fanOuts[0]; fanOut; fanOut = this.#fanOuts[0]) {
      fanOut.begin(this.#watches);
      while (fanOut.left > 0) {
        if (bytes <= 0 || watches <= 0 || looks <= 0) return;
        const reached = fanOut.next();
        if (!reached) break;
        const sent = this.#sendTo(...reached, fanOut);
        bytes -= sent;
        if (sent > 0) watches--;
        looks--;
      }
      this.#fanOuts.shift();
    }
  }

  /** @returns the characters that were sent, 1 at least if it had to be given some; 0 if there is nothing for it. */
  #sendTo(socket: HubSocket, watching: Watching, fanOut: FanOut<HubSocket, Watching>): number {
    const { watch, upTo = 0 } = watching;
    if (upTo >= fanOut.revision) return 0;
    watching.upTo = fanOut.revision;
    // Of what was gathered in the meantime it may have had a part.
    const from = Math.max(fanOut.first, upTo + 1, watch.startRevision ?? 0);
    if (watching.next !== undefined) {
      this.#pass(socket, watching, fanOut.events, from);
      return 0;
    }
    const message = fanOut.messageFor(watch, from);
    if (message === undefined) return 0;
    const before = this.#flow.untaken(socket);
    if (message !== null && message.length <= WINDOW && this.#flow.maySend(socket, message.length))
      this.#send(socket, message);
    else this.#fallBehind(socket, watch, from);
    return Math.max(1, this.#flow.untaken(socket) - before);
  }

  /** It has not taken what it was sent; or this is more than is sent at once, and comes in batches. */
  #fallBehind(socket: HubSocket, watch: WatchRequest, next: number): void {
    const attachment = { watch, next };
    if (this.#flow.untaken(socket) === 0) this.#serve(socket, attachment);
    else {
      this.#remember(socket, attachment);
      this.#send(socket, encodeBatch(next - 1, [], { behind: true }));
    }
  }

  /** Events go past a reader that is behind and has not taken what it was sent before. */
  #pass(socket: HubSocket, { watch, asked }: WatchAttachment, events: readonly WatchEvent[], from: number): void {
    if (asked || this.#flow.untaken(socket) === 0) return;
    let bytes = 0;
    for (const event of events)
      if (event.kv.modRevision >= from && isWanted(watch, event))
        bytes += eventBytes({ type: event.type, kv: event.kv });
    if (bytes > 0 && this.#flow.missed(socket, bytes)) this.#end(socket);
  }

  #send(socket: HubSocket, message: string): void {
    try {
      socket.send(message);
      this.#flow.sent(socket, message.length);
    } catch {
      // The other side is gone, and its close event may come later.
      this.#forget(socket);
    }
  }
}
