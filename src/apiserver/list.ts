/** list: pages, selectors, and the state as of a revision. Source: k8s.io/apiserver/pkg/storage/etcd3/store.go and storage/continue.go. */
import { EtcdError } from '../etcd/errors.ts';
import type { KeyValue, RangeRequest, RangeResponse } from '../etcd/types.ts';
import { apiVersionOf, storagePrefix } from '../resources/kinds.ts';
import type { KubeObject } from '../resources/object.ts';
import { type Continuation, decodeContinue, encodeContinue, expiredContinue, isExpired } from './continuation.ts';
import { goName, partial, respond, table } from './encode.ts';
import { notAcceptable } from './negotiation.ts';
import { type ListOptions, listOptions, parseRevision } from './options.ts';
import { afterPrefix, type Exchange, groupResource } from './pipeline.ts';
import { type Selector, selectorOf } from './selection.ts';
import { badRequest, StatusError } from './status.ts';
import { itemText, parseStored } from './stored.ts';
import { Unreadables } from './unreadable.ts';

interface Page {
  kvs: KeyValue[];
  /** Parsed, where a selector had to look. */
  objects?: KubeObject[];
  revision: number;
  now: number;
  continue?: string;
  remaining?: number;
}

export async function list(exchange: Exchange): Promise<Response> {
  const { kind, accepted, query } = exchange;
  const options = listOptions(query);
  const selector = selectorOf(exchange, options);
  const page = await readPage(exchange, options, selector);
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (accepted.as) return respondList(exchange, page.objects ?? parseAll(exchange, page.kvs), metadata, page.now);
  const unreadable = new Unreadables();
  const texts = page.kvs.map((kv) => unreadable.read(() => itemText(kind, kv)));
  unreadable.check(groupResource(kind));
  return respondItems(exchange, texts.join(','), metadata);
}

/** A list of objects in the form asked for. */
export function respondList(
  exchange: Exchange,
  objects: KubeObject[],
  metadata: Record<string, unknown>,
  now: number,
): Response {
  const { kind, accepted, query, warnings } = exchange;
  if (accepted.as === 'Table')
    return respond(table(kind, objects, metadata, accepted, query, now), accepted, 200, warnings);
  if (accepted.as === 'PartialObjectMetadataList') {
    const items = objects.map((object) => partial(object, accepted));
    const apiVersion = `meta.k8s.io/${accepted.asVersion}`;
    return respond({ kind: accepted.as, apiVersion, metadata, items }, accepted, 200, warnings);
  }
  if (accepted.as)
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*${goName(kind)}List)`,
    );
  const items = objects.map(({ kind: _, apiVersion: __, ...item }) => JSON.stringify(item));
  return respondItems(exchange, items.join(','), metadata);
}

/** `items` is the items' JSON. */
function respondItems({ kind, accepted, warnings }: Exchange, items: string, metadata: object): Response {
  const head = `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${JSON.stringify(metadata)}`;
  return respond(`${head},"items":[${items}]}`, accepted, 200, warnings);
}

/** The objects that `options` select, now. */
export async function selectObjects(
  exchange: Exchange,
  options: ListOptions,
): Promise<{ objects: KubeObject[]; revision: number }> {
  const page = await readPage(exchange, options, selectorOf(exchange, options));
  return { objects: page.objects ?? parseAll(exchange, page.kvs), revision: page.revision };
}

function parseAll({ kind }: Exchange, kvs: readonly KeyValue[]): KubeObject[] {
  const unreadable = new Unreadables();
  const objects = kvs.map((kv) => unreadable.read(() => parseStored(kind, kv)));
  unreadable.check(groupResource(kind));
  return objects as KubeObject[];
}

async function readPage(exchange: Exchange, options: ListOptions, selector: Selector): Promise<Page> {
  const { kind, namespace, storage } = exchange;
  const prefix = selector.key ?? storagePrefix(kind, namespace);
  const asked = options.continue === '' ? parseRevision(options.resourceVersion) : 0;
  // From the watch cache the real server answers whole.
  const limit = options.resourceVersion === '0' && options.resourceVersionMatch !== 'Exact' ? 0 : options.limit;
  let start = prefix;
  let revision = 0;
  let continuation: Continuation | undefined;
  if (options.continue !== '') {
    continuation = decodeContinue(options.continue);
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    start = prefix + continuation.start;
    revision = continuation.revision;
  } else if (options.resourceVersionMatch === 'Exact') revision = asked;
  else if (options.resourceVersionMatch === '' && limit > 0 && asked > 0) revision = asked;
  const kvs: KeyValue[] = [];
  const objects: KubeObject[] | undefined = selector.matchesAll ? undefined : [];
  const unreadable = new Unreadables();
  for (;;) {
    const range: RangeRequest = selector.key
      ? { key: selector.key }
      : { key: start, rangeEnd: afterPrefix(prefix), limit, revision };
    if (selector.key) range.revision = revision;
    const { response, now, current } = await readRange(exchange, range, options, prefix, kvs.at(-1));
    if (asked > current) throw tooLargeRevision(asked, current);
    if (continuation && isExpired(continuation, now)) throw expiredContinue(continuation.start);
    // Pages of one revision are as old as the first of them.
    const began = continuation?.revision ? (continuation.at ?? now) : now;
    revision ||= current;
    for (const [i, kv] of response.kvs.entries()) {
      const done = limit > 0 && kvs.length >= limit;
      const object = done || !objects ? undefined : unreadable.read(() => parseStored(kind, kv));
      if (!done && objects && !(object && selector.matches(object))) continue;
      if (done) {
        unreadable.check(groupResource(kind));
        const last = response.kvs[i - 1] ?? kvs.at(-1)!;
        return {
          kvs,
          ...(objects ? { objects } : {}),
          revision,
          now,
          continue: encodeContinue(revision, last.key.slice(prefix.length), began),
        };
      }
      kvs.push(kv);
      if (object) objects!.push(object);
    }
    const last = response.kvs.at(-1);
    const full = limit > 0 && kvs.length >= limit;
    if (!response.more || !last || full) {
      unreadable.check(groupResource(kind));
      const base = { kvs, ...(objects ? { objects } : {}), revision, now };
      if (!response.more || !last) return base;
      const more = { ...base, continue: encodeContinue(revision, last.key.slice(prefix.length), began) };
      return selector.matchesAll ? { ...more, remaining: response.count - response.kvs.length } : more;
    }
    start = `${last.key}\0`;
  }

  async function readRange(
    { storage: from }: Exchange,
    range: RangeRequest,
    how: ListOptions,
    below: string,
    last: KeyValue | undefined,
  ): Promise<{ response: RangeResponse; now: number; current: number }> {
    try {
      const result = await from.read([range]);
      return { response: result.responses[0]!, now: result.now, current: result.revision };
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      if (error.message.includes('future revision')) {
        const { revision: current } = await storage.read([]);
        throw tooLargeRevision(range.revision!, current);
      }
      if (!error.message.includes('compacted')) throw error;
      if (how.continue === '' && !last)
        throw new StatusError(410, 'Expired', 'The resourceVersion for the provided list is too old.');
      throw expiredContinue(range.key.slice(below.length));
    }
  }
}

/** The client has seen a revision that this server has not reached. */
export function tooLargeRevision(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}
