/** RangeStream, which the gateway doesn't have: a range in pages, all of one revision. */
import type { Message } from './definitions.ts';
import type { Gateway } from './gateway.ts';

const PATH = '/v3/kv/range';
const PAGE_KEYS = 1000;
/** What can't be cut into pages by key. */
const WHOLE = ['sort_order', 'sort_target', 'count_only', 'min_mod_revision', 'max_mod_revision'];
const WHOLE_TOO = ['min_create_revision', 'max_create_revision'];

const after = (key: string): string => Buffer.concat([Buffer.from(key, 'base64'), Buffer.of(0)]).toString('base64');

/** The parts of a range; header, count and `more` come with the last. */
export async function* rangeParts(gateway: Gateway, request: Message, token?: string): AsyncGenerator<Message> {
  const isWhole = !request.range_end || [...WHOLE, ...WHOLE_TOO].some((field) => request[field]);
  if (isWhole) return yield await gateway.call(PATH, request, token);
  let left = Number(request.limit ?? 0) || Number.POSITIVE_INFINITY;
  let page: Message = { ...request, limit: Math.min(left, PAGE_KEYS) };
  let count: string | undefined;
  let header: Message | undefined;
  for (;;) {
    const part = await gateway.call(PATH, page, token);
    const kvs: Message[] = part.kvs ?? [];
    count ??= part.count;
    header ??= part.header as Message;
    left -= kvs.length;
    if (!part.more || left <= 0 || kvs.length === 0) return yield { ...part, header, count };
    yield { kvs };
    const revision = request.revision ?? header.revision;
    page = { ...page, key: after(kvs.at(-1)!.key), revision, limit: Math.min(left, PAGE_KEYS) };
  }
}
