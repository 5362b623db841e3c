/**
 * The events of a watch, whatever carries them to the client: what is there at the start where that is asked for, then every change
 * once and in order, as the selectors see it. Source: k8s.io/apiserver/pkg/storage/cacher.
 */

import { storagePrefix } from '../../catalog/kinds.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { RangeRequest } from '../../etcd/types.ts';
import { StatusError } from '../../objects/status.ts';
import { type ListOptions, listOptions, parseMinimumRevision } from '../options.ts';
import { afterPrefix, type Exchange } from '../pipeline.ts';
import { selectorOf } from '../read/selection.ts';
import type { Storage, WatchStream } from '../storage/storage.ts';
import { ConvertingStorage } from '../webhooks/converting-storage.ts';
import { InitialParts } from './beginning.ts';
import { EventWriter, type WatchItem } from './events.ts';
import { Mailbox } from './mailbox.ts';

/** Items that come together; never none. Who makes something of them empties the list, so that they are not held twice. */
export interface WatchSource extends AsyncIterable<WatchItem[]> {
  close(): void;
  /** Fulfilled when it was ended because nothing was taken for too long. */
  readonly tooSlow: Promise<void>;
}

/** Between two bookmarks, milliseconds. */
const BOOKMARK_INTERVAL = 60_000;
/** A watch without `timeoutSeconds` ends after this and a random part as long. */
export const MIN_TIMEOUT = 1_800_000;
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
      else yield* events(stream, mailbox, writer, { storage, from: revision, asked });
    } catch (error) {
      // A webhook that was to convert something has not done it.
      if (error instanceof StatusError) return yield [writer.error(error)];
      // The state that the watch began with is gone before it was sent: the client begins anew.
      if (!(error instanceof EtcdError)) throw error;
      yield [writer.error(tooOld(revision, revision))];
    } finally {
      close();
    }
  }
  return { close, tooSlow: stream.tooSlow, [Symbol.asyncIterator]: () => all() };
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
  { storage, from, asked }: { storage: Storage; from: number; asked: number },
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
    const batch = storage instanceof ConvertingStorage ? await storage.shownBatch(message.batch) : message.batch;
    if (batch.compactRevision !== undefined) {
      yield [writer.error(tooOld(asked, batch.compactRevision))];
      return;
    }
    const items = batch.events.map((event) => writer.event(event)).filter((item) => item !== undefined);
    if (items.length > 0) yield items;
    revision = Math.max(revision, batch.revision);
  }
}
