/**
 * What a list reads: parts of bounded size, all of one revision, however large the whole. Source: k8s.io/apiserver/pkg/storage/etcd3/store.go.
 */

import { storagePrefix } from '../../catalog/kinds.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyValue, RangeRequest, RangeResponse, Splice } from '../../etcd/types.ts';
import { append } from '../../objects/append.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { type ListOptions, parseRevision } from '../options.ts';
import { afterPrefix, type Exchange } from '../pipeline.ts';
import { markCompaction } from '../storage/compaction-mark.ts';
import { parseStored } from '../storage/stored.ts';
import { Unreadables } from '../storage/unreadable.ts';
import { type Continuation, decodeContinue, encodeContinue, expiredContinue, isExpired } from './continuation.ts';
import type { Selector } from './selection.ts';

/** Characters of values in the first part: most lists are no longer, and are answered in one piece. */
export const FIRST_PART_BYTES = 4 * 1024 * 1024;
/** Of each part after it: others get their turn between two of them. */
export const PART_BYTES = 2 * 1024 * 1024;
/** Where a selector passes over what was read, each part is twice as many objects as the one before, up to so many. */
export const MAX_FILTERED_PAGE = 10_000;

export interface ListPart {
  kvs: KeyValue[];
  /** Parsed, where a selector had to look. */
  objects?: KubeObject[];
  /** JSON of all that is in the part, in the place of `kvs`. */
  joined?: string;
  revision: number;
  now: number;
  /** In the last part: where the next list goes on, and how many are left. */
  end?: { continue?: string; remaining?: number };
}

export interface ScanOptions {
  /** What is passed on as it is stored may come as one text. */
  splice?: Splice | undefined;
  /** Read as of this revision, whatever the client's options say: again what an earlier scan has read. */
  again?: number;
  firstPartBytes?: number;
}

/** The parts of the list that the options ask for; one at least. */
export async function* scanList(
  exchange: Exchange,
  options: ListOptions,
  selector: Selector,
  { again = 0, firstPartBytes = FIRST_PART_BYTES, splice }: ScanOptions = {},
): AsyncGenerator<ListPart> {
  const { kind, namespace } = exchange;
  const prefix = selector.key ?? storagePrefix(kind, namespace);
  const { asked, limit, start: from, revision: at, continuation } = placeOf(options, prefix);
  let start = from;
  let revision = again || at;
  let found = 0;
  let last: string | undefined;
  let page = limit;
  /** When the first page of this revision was read. */
  let began = 0;
  for (let maxBytes = firstPartBytes; ; maxBytes = PART_BYTES) {
    const wanted = limit > 0 && selector.matchesAll ? limit - found : page;
    const range: RangeRequest = selector.key
      ? { key: selector.key, revision }
      : {
          key: start,
          rangeEnd: afterPrefix(prefix),
          limit: wanted,
          revision,
          maxBytes,
          ...(splice && last === undefined && { splice }),
        };
    const { response, now, current } = await readRange(exchange, range, options, prefix, last);
    if (asked > current) throw tooLargeRevision(asked, current);
    if (!again && !last && continuation && isExpired(continuation, now)) {
      await markCompaction(exchange.storage, continuation.revision, current);
      throw expiredContinue(continuation.start);
    }
    began ||= continuation?.revision ? (continuation.at ?? now) : now;
    revision ||= current;
    const part: ListPart = { kvs: [], ...(selector.matchesAll ? {} : { objects: [] }), revision, now };
    const { joined } = response;
    if (joined) return yield { ...part, joined: joined.text, end: endOf(response, joined.last) };
    const unreadable = new Unreadables();
    for (const [i, kv] of response.kvs.entries()) {
      if (limit > 0 && found >= limit) {
        unreadable.check(kind);
        const before = response.kvs[i - 1]?.key ?? last!;
        yield { ...part, end: { continue: encodeContinue(revision, before.slice(prefix.length), began) } };
        return;
      }
      if (part.objects) {
        const object = unreadable.read(() => parseStored(kind, kv));
        if (!object || !selector.matches(object)) continue;
        part.objects.push(object);
      }
      part.kvs.push(kv);
      found++;
    }
    unreadable.check(kind);
    last = response.kvs.at(-1)?.key ?? last;
    const isFull = limit > 0 && found >= limit;
    if (!response.more || !last || isFull) {
      yield { ...part, end: endOf(response, last) };
      return;
    }
    // While the part waits for its reader it is not to be held twice.
    response.kvs.length = 0;
    yield part;
    start = `${last}\0`;
    if (page < MAX_FILTERED_PAGE) page = Math.min(2 * page, MAX_FILTERED_PAGE);
  }

  function endOf(response: RangeResponse, final: string | undefined): NonNullable<ListPart['end']> {
    if (!response.more || !final) return {};
    const more = { continue: encodeContinue(revision, final.slice(prefix.length), began) };
    return selector.matchesAll
      ? { ...more, remaining: response.count - (response.joined?.count ?? response.kvs.length) }
      : more;
  }
}

/** A scan's parts as one, as long as they are no more than a first part may be: nobody has to scan them again. */
export class Gathered {
  /** What the scan has found so far; undefined: too much of it. */
  whole: ListPart | undefined;
  #bytes = 0;
  #any = false;

  add(part: ListPart): void {
    for (const { value } of part.kvs) this.#bytes += value.length;
    if (!this.#any) this.whole = part;
    else if (this.#bytes > FIRST_PART_BYTES) this.whole = undefined;
    else if (this.whole) this.whole = joined(this.whole, part);
    this.#any = true;
  }
}

function joined(before: ListPart, part: ListPart): ListPart {
  append(before.kvs, part.kvs);
  if (before.objects) append(before.objects, part.objects ?? []);
  return part.end ? { ...before, end: part.end } : before;
}

/** Where the list that is asked for begins: at which key, at which revision (0: now), and how much of it is wanted. */
function placeOf(
  options: ListOptions,
  prefix: string,
): { asked: number; limit: number; start: string; revision: number; continuation?: Continuation } {
  const asked = options.continue === '' ? parseRevision(options.resourceVersion) : 0;
  // From the watch cache the real server answers whole.
  const limit = options.resourceVersion === '0' && options.resourceVersionMatch !== 'Exact' ? 0 : options.limit;
  if (options.continue !== '') {
    const continuation = decodeContinue(options.continue);
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    return { asked, limit, start: prefix + continuation.start, revision: continuation.revision, continuation };
  }
  const isExact = options.resourceVersionMatch === 'Exact';
  const revision = isExact || (options.resourceVersionMatch === '' && limit > 0 && asked > 0) ? asked : 0;
  return { asked, limit, start: prefix, revision };
}

async function readRange(
  { storage }: Exchange,
  range: RangeRequest,
  options: ListOptions,
  prefix: string,
  last: string | undefined,
): Promise<{ response: RangeResponse; now: number; current: number }> {
  try {
    const result = await storage.read([range]);
    return { response: result.responses[0]!, now: result.now, current: result.revision };
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    if (error.message.includes('future revision')) {
      const { revision: current } = await storage.read([]);
      throw tooLargeRevision(range.revision!, current);
    }
    if (!error.message.includes('compacted')) throw error;
    if (options.continue === '' && !last)
      throw new StatusError(410, 'Expired', 'The resourceVersion for the provided list is too old.');
    throw expiredContinue(range.key.slice(prefix.length));
  }
}

/** The client has seen a revision that this server has not reached. */
export function tooLargeRevision(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
