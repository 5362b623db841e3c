/**
 * Reads whose answers must cross from the object to the Worker, which takes 32 MiB at once: what is larger is cut for its bytes, and the
 * reader asks for the rest as it was at the same revision.
 */
import type { RangeRequest, RangeResponse } from './types.ts';

/** Characters of values in one answer; each may become two bytes on its way. */
export const MAX_READ_BYTES = 8 * 1024 * 1024;

type Range = (request: RangeRequest) => RangeResponse;

/** All the ranges, each with a part of itself at least. */
export function readWithin(range: Range, ranges: readonly RangeRequest[], maxBytes = MAX_READ_BYTES): RangeResponse[] {
  let left = maxBytes;
  return ranges.map((request) => {
    const allowed = Math.max(Math.min(request.maxBytes ?? left, left), 0);
    const response = range(request.rangeEnd ? { ...request, maxBytes: allowed } : request);
    for (const { value } of response.kvs) left -= value.length;
    return response;
  });
}

/** The whole of a range of which `first` is the beginning, unless that is all that was asked for. */
export async function readRest(
  request: RangeRequest,
  first: RangeResponse,
  revision: number,
  read: (request: RangeRequest) => Promise<RangeResponse>,
): Promise<RangeResponse> {
  if (!first.cut || request.maxBytes !== undefined) return first;
  const { limit = 0 } = request;
  const { cut: _, ...whole } = { ...first, kvs: [...first.kvs] };
  for (let last = first; last.cut; ) {
    const from: RangeRequest = {
      ...request,
      key: `${whole.kvs.at(-1)!.key}\0`,
      revision: request.revision || revision,
    };
    last = await read(limit > 0 ? { ...from, limit: limit - whole.kvs.length } : from);
    for (const kv of last.kvs) whole.kvs.push(kv);
    whole.more = last.more;
  }
  if (limit === 0) whole.count = whole.kvs.length;
  return whole;
}
