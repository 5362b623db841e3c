/**
 * Reads whose answers must cross from the object to the Worker, which takes 32 MiB at once: what is larger is cut for its bytes, and the
 * reader asks for the rest as it was at the same revision.
 */
import type { RangeRequest, RangeResponse } from './types.ts';

/** Characters of values in one answer; each may become two bytes on its way. */
export const MAX_READ_BYTES = 8 * 1024 * 1024;

/** Of the values in the answers. */
export function bytesRead(responses: readonly Pick<RangeResponse, 'kvs' | 'joined'>[]): number {
  let bytes = 0;
  for (const { kvs, joined } of responses) {
    bytes += joined?.bytes ?? 0;
    for (const { value } of kvs) bytes += value.length;
  }
  return bytes;
}

type Range = (request: RangeRequest) => RangeResponse;

/** All the ranges, each with a part of itself at least. */
export function readWithin(range: Range, ranges: readonly RangeRequest[], maxBytes = MAX_READ_BYTES): RangeResponse[] {
  let left = maxBytes;
  return ranges.map((request) => {
    const allowed = Math.max(Math.min(request.maxBytes ?? left, left), 0);
    const response = range(request.rangeEnd ? { ...request, maxBytes: allowed } : request);
    left -= bytesRead([response]);
    return response;
  });
}

/** How many times the bytes that were not enough one should have room for, where nobody knows how many there are. */
const GUESS = 16;

/**
 * The same, if no more than so many bytes have to be held for it; otherwise for how many there should be room, which may be less than
 * what is needed then, or more. What is not answered is not read.
 */
export function readIfRoom(
  range: Range,
  ranges: readonly RangeRequest[],
  allowed: number,
): RangeResponse[] | { heavy: number } {
  const wanted = ranges.reduce((sum, { maxBytes = MAX_READ_BYTES }) => Math.min(sum + maxBytes, MAX_READ_BYTES), 0);
  const responses = readWithin(range, ranges, Math.min(allowed, wanted));
  if (allowed < wanted && responses.some(({ cut }) => cut)) return { heavy: Math.min(wanted, GUESS * allowed) };
  const bytes = bytesRead(responses);
  // Of each range a part is read, however large.
  return bytes > allowed ? { heavy: bytes } : responses;
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
