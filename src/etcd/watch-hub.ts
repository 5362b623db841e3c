/**
 * The Durable Object's side of watches: every socket is one watch, and all that is known of it is its attachment, so the object may
 * hibernate under open watches and go on when it wakes.
 *
 * Invariant: a socket that is not behind has been sent everything up to the store's revision before the event that committed it ends.
 * A socket that is behind reads history, a batch for each `next` it sends, and gets no commits meanwhile.
 */
import { isWanted } from './history.ts';
import type { Commit, Store } from './store.ts';
import type { WatchEvent, WatchRequest } from './types.ts';
import { encodeBatch, encodeEvent, NEXT, PROGRESS } from './watch-wire.ts';

/** What is used of a hibernatable WebSocket. */
export interface HubSocket {
  send(message: string): void;
  close(code?: number, reason?: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

export interface WatchAttachment {
  watch: WatchRequest;
  /** The first revision not sent yet; undefined when the socket follows the commits. */
  next?: number;
}

/** Events of history in a batch. */
const BATCH_EVENTS = 500;

export class WatchHub {
  readonly #store: Store;
  readonly #watches = new Map<HubSocket, WatchAttachment>();
  readonly #defer: (work: () => void) => void;
  #pending: Commit[] = [];

  /**
   * `sockets` are those that are open already, after hibernation. `defer` runs work when the current piece of work is done: commits
   * made in one piece reach a watcher as one batch.
   */
  constructor(
    store: Store,
    sockets: Iterable<HubSocket>,
    defer: (work: () => void) => void = (work) => queueMicrotask(work),
  ) {
    this.#store = store;
    this.#defer = defer;
    for (const socket of sockets) {
      const attachment = socket.deserializeAttachment() as Partial<WatchAttachment> | null;
      if (attachment?.watch) this.#watches.set(socket, attachment as WatchAttachment);
    }
    store.subscribe((commit) => this.#committed(commit));
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Starts a watch on a socket that the object has just accepted. */
  accept(socket: HubSocket, watch: WatchRequest): void {
    this.flush();
    const next = watch.startRevision || this.#store.revision + 1;
    this.#catchUp(socket, { watch, next });
  }

  /** A message of the Worker's; false if the socket is not a watch. */
  message(socket: HubSocket, message: string): boolean {
    const attachment = this.#watches.get(socket);
    if (!attachment) return false;
    this.flush();
    if (message === NEXT && attachment.next !== undefined) this.#catchUp(socket, attachment);
    if (message === PROGRESS && attachment.next === undefined)
      this.#send(socket, encodeBatch(this.#store.revision, []));
    return true;
  }

  closed(socket: HubSocket): void {
    this.#watches.delete(socket);
  }

  #catchUp(socket: HubSocket, { watch, next }: WatchAttachment): void {
    const batch = this.#store.history({ ...watch, startRevision: next }, BATCH_EVENTS);
    if (batch.compactRevision !== undefined) {
      this.#watches.delete(socket);
      this.#send(socket, JSON.stringify(batch));
      socket.close(1000, 'compacted');
      return;
    }
    // A watch may start in the future: it stays behind until its revision comes.
    const behind = batch.revision < this.#store.revision;
    const early = next !== undefined && next > this.#store.revision + 1;
    const attachment: WatchAttachment = behind ? { watch, next: batch.revision + 1 } : { watch };
    if (early) attachment.watch = { ...watch, startRevision: next };
    this.#watches.set(socket, attachment);
    socket.serializeAttachment(attachment);
    const events = batch.events.map((event) => encodeEvent(event, watch.prevKv === true));
    if (events.length > 0 || behind) this.#send(socket, encodeBatch(batch.revision, events, behind));
  }

  #committed(commit: Commit): void {
    if (this.#watches.size === 0) return;
    this.#pending.push(commit);
    if (this.#pending.length === 1) this.#defer(() => this.flush());
  }

  /** Sends what has been committed since the last time. */
  flush(): void {
    const commits = this.#pending;
    if (commits.length === 0) return;
    this.#pending = [];
    const revision = commits[commits.length - 1]!.revision;
    const events = commits.flatMap((commit) => commit.events);
    const encoded: EncodedEvents = [[], []];
    // Many watchers of a thing want the same message.
    const messages = new Map<string, string | undefined>();
    for (const [socket, { watch, next }] of this.#watches) {
      if (next !== undefined) continue;
      const { key, rangeEnd, startRevision, prevKv, filters } = watch;
      const early = (startRevision ?? 0) > events[0]!.kv.modRevision ? startRevision : 0;
      const name = JSON.stringify([key, rangeEnd, early, prevKv, filters]);
      if (!messages.has(name)) messages.set(name, messageFor(watch, revision, events, encoded));
      const message = messages.get(name);
      if (message !== undefined) this.#send(socket, message);
    }
  }

  #send(socket: HubSocket, message: string): void {
    try {
      socket.send(message);
    } catch {
      // The other side is gone, and its close event may come later.
      this.#watches.delete(socket);
    }
  }
}

/** The events' texts as far as they were needed: without what was before, and with it. */
type EncodedEvents = [plain: (string | undefined)[], withPrevious: (string | undefined)[]];

/** What a watch is sent of commits; undefined: nothing. */
function messageFor(
  watch: WatchRequest,
  revision: number,
  events: WatchEvent[],
  encoded: EncodedEvents,
): string | undefined {
  const texts = encoded[watch.prevKv ? 1 : 0];
  const wanted: string[] = [];
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event.kv.modRevision < (watch.startRevision ?? 0) || !isWanted(watch, event)) continue;
    texts[i] ??= encodeEvent(event, watch.prevKv === true);
    wanted.push(texts[i]!);
  }
  return wanted.length > 0 ? encodeBatch(revision, wanted) : undefined;
}
