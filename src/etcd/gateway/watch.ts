/** The gateway's Watch service: many watches on one stream, each created, cancelled and asked for progress by messages. */

import type { Commit } from '../commits.ts';
import { ETCD_ERRORS, EtcdError } from '../errors.ts';
import { isWanted } from '../history.ts';
import { endOf } from '../log.ts';
import { MAX_REQUEST_BYTES } from '../request-check.ts';
import type { WatchEvent, WatchRequest } from '../types.ts';
import {
  type Answer,
  type Call,
  flag,
  header,
  id,
  inner,
  integer,
  keyValue,
  type Method,
  type Outlet,
  type Session,
  text,
} from './backend.ts';
import * as messages from './messages.ts';
import { bytesOfValue, type Message, message } from './proto-json.ts';

interface Watch {
  id: string;
  request: WatchRequest;
  prevKv: boolean;
  fragment: boolean;
  /** The first revision that it has not been sent. */
  next: number;
  /** Compacted: it gets nothing any more, but its id stays taken. */
  over: boolean;
}

const NO_WATCH = '-1';
/** Of history, read at once: it goes out in one message, or where the watch wants it so in several. */
const BATCH_BYTES = 1024 * 1024;
const FRAGMENTED_BATCH_BYTES = 4 * MAX_REQUEST_BYTES;

class WatchSession implements Session {
  readonly #call: Call;
  readonly #outlet: Outlet;
  readonly #watches = new Map<string, Watch>();
  readonly #unsubscribe: () => void;
  #nextId = 0;
  #isCatchingUp = false;
  #isClosed = false;

  constructor(call: Call, outlet: Outlet) {
    this.#call = call;
    this.#outlet = outlet;
    this.#unsubscribe = call.backend.store.subscribe((commit) => this.#committed(commit));
  }

  receive(request: Message): void {
    const create = inner(request, 'create_request');
    const cancel = inner(request, 'cancel_request');
    if (create) this.#create(create);
    else if (cancel) this.#cancel(id(cancel, 'watch_id'));
    else if (inner(request, 'progress_request')) this.#progress();
  }

  /** The stream stays open for events. */
  finish(): void {}

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#watches.clear();
  }

  #send(fields: Record<string, unknown>, revision?: number): void {
    const { backend } = this.#call;
    this.#outlet.send(message({ header: header(backend, revision ?? backend.store.revision), ...fields }));
  }

  #create(create: Message): void {
    const { store } = this.#call.backend;
    const key = text(create, 'key') || '\0';
    const rangeEnd = text(create, 'range_end');
    const startRevision = integer(create, 'start_revision');
    const reason = this.#refusal(create, key, rangeEnd);
    if (reason !== undefined) {
      this.#send({ watch_id: NO_WATCH, created: true, canceled: true, cancel_reason: reason });
      return;
    }
    const filters = ((create.filters as number[] | undefined) ?? []).map((number) => messages.FILTERS[number]!);
    const watch: Watch = {
      id: this.#idFor(id(create, 'watch_id')),
      request: {
        key,
        rangeEnd,
        startRevision: startRevision || store.revision + 1,
        prevKv: flag(create, 'prev_kv'),
        filters,
      },
      prevKv: flag(create, 'prev_kv'),
      fragment: flag(create, 'fragment'),
      next: startRevision || store.revision + 1,
      over: false,
    };
    this.#watches.set(watch.id, watch);
    this.#send({ watch_id: watch.id, created: true });
    void this.#catchUp();
  }

  #refusal(create: Message, key: string, rangeEnd: string): string | undefined {
    if (integer(create, 'start_revision') < 0) return ETCD_ERRORS.compacted().message;
    try {
      if (this.#call.refusal) throw this.#call.refusal;
      this.#call.backend.auth.requireRead(this.#call.user, key, rangeEnd);
    } catch (error) {
      if (error instanceof EtcdError) return `rpc error: code = ${CODE_NAMES[error.code]} desc = ${error.message}`;
      throw error;
    }
    const end = endOf(rangeEnd);
    if (end !== undefined && key >= end) return 'mvcc: watcher range is empty';
    const wanted = id(create, 'watch_id');
    if (wanted !== '0' && this.#watches.has(wanted)) return 'mvcc: duplicate watch ID provided on the WatchStream';
    return undefined;
  }

  #idFor(wanted: string): string {
    if (wanted !== '0') return wanted;
    while (this.#watches.has(String(this.#nextId))) this.#nextId++;
    return String(this.#nextId++);
  }

  /** Brings all watches up to the store's revision, as fast as the reader takes it: what it has not taken stays in the log. */
  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    try {
      for (let watch = this.#behind(); watch && !this.#isClosed; watch = this.#behind()) {
        if (this.#outlet.isFull?.()) await this.#outlet.ready?.();
        else this.#sendHistory(watch);
      }
    } finally {
      this.#isCatchingUp = false;
    }
  }

  #behind(): Watch | undefined {
    const { revision } = this.#call.backend.store;
    for (const watch of this.#watches.values()) if (!watch.over && watch.next <= revision) return watch;
    return undefined;
  }

  /** A revision comes whole, however large it is. */
  #sendHistory(watch: Watch): void {
    const { store } = this.#call.backend;
    const events: WatchEvent[] = [];
    const bytes = watch.fragment ? FRAGMENTED_BATCH_BYTES : BATCH_BYTES;
    for (let startSub: number | undefined = 0; startSub !== undefined; ) {
      const batch = store.history({ ...watch.request, startRevision: watch.next, startSub }, { bytes });
      if (batch.compactRevision !== undefined) {
        watch.over = true;
        this.#send({ watch_id: watch.id, canceled: true, compact_revision: String(batch.compactRevision) }, 0);
        return;
      }
      events.push(...batch.events);
      watch.next = batch.revision + 1;
      startSub = batch.sub;
    }
    if (events.length > 0) this.#sendEvents(watch, events, store.revision);
  }

  #cancel(watchId: string): void {
    if (this.#watches.delete(watchId)) this.#send({ watch_id: watchId, canceled: true });
  }

  /** One answer for all watches, when all have been sent everything. */
  #progress(): void {
    const { store } = this.#call.backend;
    const watches = [...this.#watches.values()];
    if (watches.length === 0) return;
    if (watches.some((watch) => watch.over || watch.next !== store.revision + 1)) return;
    this.#send({ watch_id: NO_WATCH });
  }

  #committed(commit: Commit): void {
    const isFull = this.#outlet.isFull?.() ?? false;
    if (this.#isCatchingUp) return;
    for (const watch of this.#watches.values()) {
      if (watch.over || commit.revision !== watch.next || isFull) continue;
      watch.next = commit.revision + 1;
      const events = commit.events.filter((event) => isWanted(watch.request, event));
      if (events.length > 0) this.#sendEvents(watch, events, commit.revision);
    }
    void this.#catchUp();
  }

  #sendEvents(watch: Watch, events: WatchEvent[], revision: number): void {
    const parts = watch.fragment ? fragments(events) : [events];
    parts.forEach((part, i) => {
      const answers = part.map((event) => eventAnswer(event, watch.prevKv));
      this.#send({ watch_id: watch.id, fragment: i < parts.length - 1, events: answers }, revision);
    });
  }
}

function eventAnswer(event: WatchEvent, prevKv: boolean): Answer {
  return message({
    type: event.type === 'DELETE' ? 'DELETE' : undefined,
    kv: keyValue(event.kv),
    prev_kv: prevKv && event.prevKv ? keyValue(event.prevKv) : undefined,
  });
}

/** Lists of events that each fit into a message of etcd's limit. */
function fragments(events: WatchEvent[]): WatchEvent[][] {
  const parts: WatchEvent[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    const size = event.kv.key.length + bytesOfValue(event.kv.value).length + 32;
    if (bytes + size >= MAX_REQUEST_BYTES && parts[parts.length - 1]!.length > 0) {
      parts.push([]);
      bytes = 0;
    }
    parts[parts.length - 1]!.push(event);
    bytes += size;
  }
  return parts;
}

const CODE_NAMES: Record<number, string> = { 3: 'InvalidArgument', 7: 'PermissionDenied', 16: 'Unauthenticated' };

export const WATCH: Record<string, Method> = {
  watch: { request: messages.WATCH, takesRefusal: true, open: (call, outlet) => new WatchSession(call, outlet) },
};
