/** Answers that may be large: told before they are read, or read part by part as the client takes them. */
import { EtcdError, GRPC } from '../errors.ts';
import { MAX_REQUEST_BYTES } from '../request-check.ts';
import type { KeyValue, RangeRequest, RangeResponse, TxnRequest } from '../types.ts';
import { type Answer, type GatewayBackend, header, keyValue } from './backend.ts';
import { message } from './proto-json.ts';

/** Bytes of an answer that is made as a whole; what is larger is asked for in pages. */
export const MAX_WHOLE_ANSWER = 16 * 1024 * 1024;
/** Bytes of a range that are read at a time. */
const PART_BYTES = 512 * 1024;

function refuse(bytes: number): never {
  const text = `grpc: trying to send message larger than max (${bytes} vs. ${MAX_WHOLE_ANSWER})`;
  throw new EtcdError(GRPC.RESOURCE_EXHAUSTED, text);
}

const inBase64 = (bytes: number): number => Math.ceil((bytes * 4) / 3);

/** Bytes that a range's whole answer holds, about. Throws what gRPC says of a message that is too large to be sent. */
export function weighRange({ store }: GatewayBackend, request: RangeRequest): number {
  const bytes = store.bytesIn(request, MAX_WHOLE_ANSWER);
  if (bytes > MAX_WHOLE_ANSWER) refuse(bytes);
  return inBase64(bytes);
}

/** The same of one that is made part by part, of which each has a value at least. */
export const weighParts = ({ store }: GatewayBackend, request: RangeRequest): number =>
  inBase64(Math.min(store.bytesIn(request, MAX_REQUEST_BYTES), MAX_REQUEST_BYTES));

/** The same of a transaction: whichever way it goes. */
export function weighTxn({ store }: GatewayBackend, request: TxnRequest): number {
  const bytesOf = ({ success, failure }: TxnRequest): number =>
    Math.max(
      ...[success, failure].map((ops) => {
        let bytes = 0;
        for (const op of ops) {
          if ('range' in op) bytes += store.bytesIn(op.range, MAX_WHOLE_ANSWER);
          else if ('deleteRange' in op && op.deleteRange.prevKv)
            bytes += store.bytesIn(op.deleteRange, MAX_WHOLE_ANSWER);
          else if ('txn' in op) bytes += bytesOf(op.txn);
        }
        return bytes;
      }),
    );
  const bytes = bytesOf(request);
  if (bytes > MAX_WHOLE_ANSWER) refuse(bytes);
  return inBase64(bytes);
}

const textFrom = (kvs: KeyValue[]): string => kvs.map((kv) => JSON.stringify(keyValue(kv))).join(',');

/** `first` is a range's beginning, cut for its bytes: the text of its whole answer, all of it at one revision. */
function* textOf(backend: GatewayBackend, request: RangeRequest, first: RangeResponse): Generator<string> {
  const { limit = 0 } = request;
  const revision = request.revision || first.revision;
  const { count } = backend.store.range({ ...request, revision, countOnly: true });
  yield `{"header":${JSON.stringify(header(backend, first.revision))},"kvs":[`;
  let sent = 0;
  for (let part = first; ; ) {
    const separator = sent > 0 ? ',' : '';
    const last = part.kvs.at(-1)!.key;
    sent += part.kvs.length;
    // While it waits for its reader it is not to be held twice.
    yield separator + textFrom(part.kvs.splice(0));
    if (!part.cut || sent === limit) break;
    const rest = { ...request, revision, key: `${last}\0`, maxBytes: PART_BYTES };
    part = backend.store.range(limit > 0 ? { ...rest, limit: limit - sent } : rest);
    if (part.kvs.length === 0) break;
  }
  const tail = JSON.stringify(message({ more: limit > 0 && count > sent, count: String(count) }));
  yield `],${tail.slice(1)}`;
}

/** A range's answer; one that is large is a stream of its text. */
export function rangeInParts(
  backend: GatewayBackend,
  request: RangeRequest,
  whole: (response: RangeResponse) => Answer,
): Answer | ReadableStream<Uint8Array> {
  const first = backend.store.range({ ...request, maxBytes: PART_BYTES });
  if (!first.cut) return whole(first);
  const parts = textOf(backend, request, first);
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      pull(controller) {
        const { value, done } = parts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
    },
    { highWaterMark: 0 },
  );
}
