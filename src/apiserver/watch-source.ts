/**
 * The events of a watch, whatever carries them to the client: what is there at the start where that is asked for, then every change
 * once and in order, as the selectors see it. Source: k8s.io/apiserver/pkg/storage/cacher.
 */
import { EtcdError } from '../etcd/errors.ts';
import type { KeyValue, RangeRequest, WatchBatch, WatchEvent } from '../etcd/types.ts';
import { apiVersionOf, storagePrefix } from '../resources/kinds.ts';
import type { KubeObject } from '../resources/object.ts';
import { findSchema } from '../resources/schema.ts';
import { decodeValue } from './codec/decode.ts';
import { encodeProtobuf, encodeWatchFrame } from './codec/protobuf.ts';
import { partial, table } from './encode.ts';
import type { Format } from './negotiation.ts';
import { type ListOptions, listOptions, parseMinimumRevision } from './options.ts';
import { afterPrefix, type Exchange } from './pipeline.ts';
import { type Selector, selectorOf } from './selection.ts';
import { StatusError } from './status.ts';
import type { Storage, WatchStream } from './storage.ts';
import { objectText, parseStored, withHead } from './stored.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchItem {
  type: EventType;
  /** JSON. */
  object: string;
}

export interface WatchSource extends AsyncIterable<WatchItem> {
  close(): void;
}

/** Between two bookmarks, milliseconds. */
const BOOKMARK_INTERVAL = 60_000;
/** A watch without `timeoutSeconds` ends after this and a random part as long. */
const MIN_TIMEOUT = 1_800_000;
/** Messages that may wait for a slow reader before its watch is ended. */
const MAX_WAITING = 1_000;
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
  const initial: WatchItem[] = [];
  let revision = asked;
  if (wantsInitialEvents(options, asked)) {
    const read = await storage.read([range]);
    revision = read.revision;
    writer.now = read.now;
    for (const kv of read.responses[0]!.kvs) {
      const event = writer.added(kv);
      if (event) initial.push(event);
    }
    if (options.allowWatchBookmarks) initial.push(writer.bookmark(revision, true));
  } else if (asked === 0 || exchange.accepted.as === 'Table') {
    const read = await storage.read([]);
    if (asked === 0) revision = read.revision;
    writer.now = read.now;
  } else if (asked === FIRST_REVISION && !(await isThereFromTheFirst(storage, range))) {
    const current = (await storage.read([])).revision;
    if (current > FIRST_REVISION) initial.push(writer.error(tooOld(asked, current)));
  }
  const stream = await storage.watch({ ...range, startRevision: revision + 1, prevKv: true });
  const mailbox = new Mailbox();
  const timeout = options.timeoutSeconds ? options.timeoutSeconds * 1000 : MIN_TIMEOUT + (revision % 1800) * 1000;
  const cancels = [timers.after(timeout, () => mailbox.push('end'))];
  if (options.allowWatchBookmarks) ringBookmarks(exchange, mailbox, cancels);
  void forward(stream, mailbox);
  const close = (): void => {
    for (const cancel of cancels) cancel();
    stream.close();
    mailbox.push('end');
  };
  return { close, [Symbol.asyncIterator]: () => events(initial, mailbox, writer, revision, asked, close) };
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
    mailbox.push('bookmark');
    cancels[1] = exchange.timers.after(BOOKMARK_INTERVAL, ring);
  };
  cancels[1] = exchange.timers.after(BOOKMARK_INTERVAL, ring);
}

async function forward(stream: WatchStream, mailbox: Mailbox): Promise<void> {
  try {
    for await (const batch of stream) mailbox.push({ batch });
  } catch {
    // The store is gone: the client resumes elsewhere.
  }
  mailbox.push('end');
}

async function* events(
  initial: WatchItem[],
  mailbox: Mailbox,
  writer: EventWriter,
  from: number,
  asked: number,
  close: () => void,
): AsyncGenerator<WatchItem> {
  let revision = from;
  let told = from;
  try {
    yield* initial;
    if (initial.at(-1)?.type === 'ERROR') return;
    for (;;) {
      const message = await mailbox.next();
      if (message === 'end') return;
      if (message === 'bookmark') {
        if (revision > told) yield writer.bookmark(revision, false);
        told = revision;
        continue;
      }
      const { batch } = message;
      if (batch.compactRevision !== undefined) {
        yield writer.error(tooOld(asked, batch.compactRevision));
        return;
      }
      for (const event of batch.events) {
        const text = writer.event(event);
        if (text) yield text;
      }
      revision = Math.max(revision, batch.revision);
    }
  } finally {
    close();
  }
}

/** What waits for the reader; only the newest bookmark is worth keeping. */
class Mailbox {
  #messages: Message[] = [];
  #wake: (() => void) | undefined;
  #over = false;

  push(message: Message): void {
    if (this.#over) return;
    if (message === 'end' || this.#messages.length >= MAX_WAITING) {
      this.#over = true;
      this.#messages.push('end');
    } else this.#messages.push(message);
    this.#wake?.();
  }

  async next(): Promise<Message> {
    while (this.#messages.length === 0) {
      if (this.#over) return 'end';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#messages.shift()!;
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
