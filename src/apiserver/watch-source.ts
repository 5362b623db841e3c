/**
 * The events of a watch, whatever carries them to the client: what is there at the start where that is asked for, then every change
 * once and in order, as the selectors see it. Source: k8s.io/apiserver/pkg/storage/cacher.
 */

import { apiVersionOf, storagePrefix } from '../catalog/kinds.ts';
import { findSchema } from '../catalog/schema.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { KeyValue, RangeRequest, RangeResponse, WatchBatch, WatchEvent } from '../etcd/types.ts';
import type { KubeObject } from '../objects/object.ts';
import { StatusError } from '../objects/status.ts';
import { decodeValue } from './codec/decode.ts';
import { encodeProtobuf, encodeWatchFrame } from './codec/protobuf.ts';
import { partial, table } from './encode.ts';
import type { Format } from './negotiation.ts';
import { type ListOptions, listOptions, parseMinimumRevision } from './options.ts';
import { afterPrefix, type Exchange } from './pipeline.ts';
import { type Selector, selectorOf } from './selection.ts';
import type { ReadResult, Storage, WatchStream } from './storage.ts';
import { objectText, parseStored, withHead } from './stored.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchItem {
  type: EventType;
  /** JSON. */
  object: string;
}

/** Items that come together; never none. Who makes something of them empties the list, so that they are not held twice. */
export interface WatchSource extends AsyncIterable<WatchItem[]> {
  close(): void;
  /** Fulfilled when it was ended because nothing was taken for too long. */
  readonly tooSlow: Promise<void>;
}

/** Between two bookmarks, milliseconds. */
const BOOKMARK_INTERVAL = 60_000;
/** A watch without `timeoutSeconds` ends after this and a random part as long. */
const MIN_TIMEOUT = 1_800_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type Message = { batch: WatchBatch } | 'bookmark' | 'end';

/** Opens the watch. Throws `StatusError` for what the client asked wrong. */
export async function openWatch(exchange: Exchange): Promise<WatchSource> {
  const { kind, namespace, storage, query, timers } = exchange;
  const options = listOptions(query);
  const selector = selectorOf(exchange, options);
  const writer = new EventWriter(exchange, selector);
  const prefix = storagePrefix(kind, namespace);
  const range = selector.key ? { key: selector.key } : { key: prefix, rangeEnd: afterPrefix(prefix) };
  const asked = parseMinimumRevision(options.resourceVersion);
  let parts: InitialParts | undefined;
  let refusal: StatusError | undefined;
  let revision = asked;
  if (wantsInitialEvents(options, asked)) {
    parts = await InitialParts.begin(storage, range);
    ({ revision, now: writer.now } = parts);
  } else if (asked === 0 || exchange.accepted.as === 'Table') {
    const read = await storage.read([]);
    if (asked === 0) revision = read.revision;
    writer.now = read.now;
  } else if (asked === FIRST_REVISION && !(await isThereFromTheFirst(storage, range))) {
    const current = (await storage.read([])).revision;
    if (current > FIRST_REVISION) refusal = tooOld(asked, current);
  }
  const stream = await storage.watch({
    ...range,
    startRevision: revision + 1,
    // Only a selector must know what an object was before it changed.
    prevKv: selector.matchesAll ? 'deletes' : true,
  });
  const mailbox = new Mailbox();
  const timeout = options.timeoutSeconds ? options.timeoutSeconds * 1000 : MIN_TIMEOUT + (revision % 1800) * 1000;
  const cancels = [timers.after(timeout, () => mailbox.end())];
  if (options.allowWatchBookmarks) ringBookmarks(exchange, mailbox, cancels);
  const close = (): void => {
    for (const cancel of cancels) cancel();
    stream.close();
    storage.held?.give();
    mailbox.end();
  };
  async function* all(): AsyncGenerator<WatchItem[]> {
    try {
      for await (const kvs of parts ?? []) {
        const items = kvs
          .splice(0)
          .map((kv) => writer.added(kv))
          .filter((item) => item !== undefined);
        if (items.length > 0) yield items;
        if (mailbox.isOver) return;
      }
      storage.held?.give();
      if (parts && options.allowWatchBookmarks) yield [writer.bookmark(revision, true)];
      if (refusal) yield [writer.error(refusal)];
      else yield* events(stream, mailbox, writer, revision, asked);
    } catch (error) {
      // The state that the watch began with is gone before it was sent: the client begins anew.
      if (!(error instanceof EtcdError)) throw error;
      yield [writer.error(tooOld(revision, revision))];
    } finally {
      close();
    }
  }
  return { close, tooSlow: stream.tooSlow, [Symbol.asyncIterator]: () => all() };
}

/** Characters of values that one watch reads at a time of the state that it begins with. */
const INITIAL_PART_BYTES = 512 * 1024;

/** All that is there at the start, part by part as the reader takes it, as of one revision. Who takes a part empties it. */
class InitialParts implements AsyncIterable<KeyValue[]> {
  readonly revision: number;
  readonly now: number;
  readonly #storage: Storage;
  readonly #range: RangeRequest;
  readonly #first: RangeResponse;

  private constructor(storage: Storage, range: RangeRequest, { revision, now, responses }: ReadResult) {
    this.#storage = storage;
    this.#range = range;
    this.revision = revision;
    this.now = now;
    this.#first = responses[0]!;
  }

  static async begin(storage: Storage, range: RangeRequest): Promise<InitialParts> {
    const bounded = { ...range, maxBytes: INITIAL_PART_BYTES };
    return new InitialParts(storage, bounded, await storage.read([bounded]));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KeyValue[]> {
    for (let response = this.#first; ; ) {
      const last = response.kvs.at(-1)?.key;
      yield response.kvs;
      if (!response.more || last === undefined) return;
      const rest = { ...this.#range, key: `${last}\0`, revision: this.revision };
      response = (await this.#storage.read([rest])).responses[0]!;
    }
  }
}

/** No watch cache goes back to the beginning: its window opens when the server starts, after the first writes. */
const FIRST_REVISION = 1;

/** Whether the default objects have any of the range: theirs is the one version so old that a client may have read. */
async function isThereFromTheFirst(storage: Storage, range: RangeRequest): Promise<boolean> {
  try {
    const { responses } = await storage.read([{ ...range, revision: FIRST_REVISION, limit: 1 }]);
    return responses[0]!.kvs.length > 0;
  } catch (error) {
    if (error instanceof EtcdError) return false;
    throw error;
  }
}

const tooOld = (asked: number, oldest: number): StatusError =>
  new StatusError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);

/** Without a version, or from any, a watch begins with all that is there, unless the client says no. */
const wantsInitialEvents = (options: ListOptions, asked: number): boolean => options.sendInitialEvents ?? asked === 0;

function ringBookmarks(exchange: Exchange, mailbox: Mailbox, cancels: (() => void)[]): void {
  const ring = (): void => {
    mailbox.bookmark();
    cancels[1] = exchange.timers.after(BOOKMARK_INTERVAL, ring);
  };
  cancels[1] = exchange.timers.after(BOOKMARK_INTERVAL, ring);
}

async function* events(
  stream: WatchStream,
  mailbox: Mailbox,
  writer: EventWriter,
  from: number,
  asked: number,
): AsyncGenerator<WatchItem[]> {
  void mailbox.fill(stream);
  let revision = from;
  let told = from;
  for (;;) {
    const message = await mailbox.next();
    if (message === 'end') return;
    if (message === 'bookmark') {
      if (revision > told) yield [writer.bookmark(revision, false)];
      told = revision;
      continue;
    }
    const { batch } = message;
    if (batch.compactRevision !== undefined) {
      yield [writer.error(tooOld(asked, batch.compactRevision))];
      return;
    }
    const items = batch.events.map((event) => writer.event(event)).filter((item) => item !== undefined);
    if (items.length > 0) yield items;
    revision = Math.max(revision, batch.revision);
  }
}

/** What waits for the reader: a batch at the most, and the newest bookmark. The next batch is asked for when this one is taken. */
class Mailbox {
  #batch: WatchBatch | undefined;
  #bookmark = false;
  #over = false;
  #wake = (): void => {};
  #isGiven = false;
  #taken = (): void => {};

  get isOver(): boolean {
    return this.#over;
  }

  /** Hands on the stream's batches until it ends. */
  async fill(stream: WatchStream): Promise<void> {
    try {
      for await (const batch of stream) {
        this.#batch = batch;
        this.#wake();
        await new Promise<void>((resolve) => {
          this.#taken = resolve;
        });
      }
    } catch {
      // The store is gone: the client resumes elsewhere.
    }
    this.end();
  }

  bookmark(): void {
    this.#bookmark = true;
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
    this.#taken();
  }

  /** The batch that came before has been dealt with. */
  async next(): Promise<Message> {
    if (this.#isGiven) this.#taken();
    this.#isGiven = false;
    for (;;) {
      const batch = this.#batch;
      this.#batch = undefined;
      if (batch) {
        this.#isGiven = true;
        return { batch };
      }
      if (this.#over) return 'end';
      if (this.#bookmark) {
        this.#bookmark = false;
        return 'bookmark';
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Makes the JSON of events in the form that was negotiated. */
class EventWriter {
  now = 0;
  #exchange: Exchange;
  #selector: Selector;
  #hasHeaders = false;

  constructor(exchange: Exchange, selector: Selector) {
    this.#exchange = exchange;
    this.#selector = selector;
  }

  /** Undefined where the selectors see nothing. */
  added(kv: KeyValue): WatchItem | undefined {
    if (this.#selector.matchesAll) return this.#text('ADDED', kv);
    const object = parseStored(this.#exchange.kind, kv);
    return this.#selector.matches(object) ? this.#object('ADDED', object) : undefined;
  }

  event(event: WatchEvent): WatchItem | undefined {
    const { kind } = this.#exchange;
    // The object's last state, with the revision of this change.
    const before = event.prevKv && { ...event.prevKv, modRevision: event.kv.modRevision };
    const gone = event.type === 'DELETE';
    if (this.#selector.matchesAll) {
      if (gone) return before && this.#text('DELETED', before);
      return this.#text(event.kv.createRevision === event.kv.modRevision ? 'ADDED' : 'MODIFIED', event.kv);
    }
    const old = before && parseStored(kind, before);
    const object = gone ? undefined : parseStored(kind, event.kv);
    const isNew = event.kv.createRevision === event.kv.modRevision;
    const matched = old !== undefined && (gone || !isNew) && this.#selector.matches(old);
    const matches = object !== undefined && this.#selector.matches(object);
    if (matches) return this.#object(matched ? 'MODIFIED' : 'ADDED', object);
    return matched ? this.#object('DELETED', old) : undefined;
  }

  bookmark(revision: number, initialEventsEnd: boolean): WatchItem {
    const { kind } = this.#exchange;
    const metadata = {
      resourceVersion: String(revision),
      ...(initialEventsEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
    };
    const struct = findSchema(kind.schema);
    const object = struct ? decodeValue(struct, { metadata }).value : { metadata };
    return this.#object('BOOKMARK', { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) });
  }

  error(error: StatusError): WatchItem {
    return item('ERROR', JSON.stringify(error.status));
  }

  #text(type: EventType, kv: KeyValue): WatchItem {
    const { kind, accepted } = this.#exchange;
    return accepted.as ? this.#object(type, parseStored(kind, kv)) : item(type, objectText(kind, kv));
  }

  #object(type: EventType, object: KubeObject): WatchItem {
    const { kind, accepted, query } = this.#exchange;
    if (accepted.as === 'Table') {
      const version = object.metadata.resourceVersion;
      const made = table(
        kind,
        [object],
        { resourceVersion: version },
        accepted,
        query,
        this.#exchange.now?.() ?? this.now,
      ) as any;
      if (this.#hasHeaders) made.columnDefinitions = null;
      this.#hasHeaders = true;
      return item(type, JSON.stringify(made));
    }
    if (accepted.as) return item(type, JSON.stringify(partial(object, accepted)));
    return item(type, JSON.stringify(withHead(object)));
  }
}

const item = (type: EventType, object: string): WatchItem => ({ type, object });

/** One event on the wire: a line of JSON, or a frame of Protobuf. */
export function frame({ type, object }: WatchItem, format: Format): string | Uint8Array {
  const message = format === 'protobuf' ? encodeProtobuf(JSON.parse(object)) : undefined;
  return message ? encodeWatchFrame(type, message) : `{"type":"${type}","object":${object}}\n`;
}
