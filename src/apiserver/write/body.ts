/** From a request's bytes to an object: the size limit and the options around the decoder in codec/. */

import { boundedBody } from '../../etcd/bounded-body.ts';
import { append } from '../../objects/append.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, StatusError } from '../../objects/status.ts';
import { piecesOf } from '../../simulation/body-pieces.ts';
import { concatenated } from '../../simulation/concatenated.ts';
import { LIGHT_BYTES } from '../../simulation/held-bytes.ts';
import { tooManyRequests } from '../answer/flow-control.ts';
import { bodyMediaType, decodeBody, type FieldValidation, type GroupVersionKind } from '../codec/body.ts';
import { decodeCustomBody, isCustom } from '../custom/decode.ts';
import type { Exchange } from '../exchange.ts';

/** What the real server takes: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const bodies = new WeakMap<Request, Uint8Array>();

/** Reads no more than `MAX_BODY_BYTES`; what is longer is 413. 429 when too many large ones are on their way. */
export async function readBody({ request, storage }: Pick<Exchange, 'request' | 'storage'>): Promise<Uint8Array> {
  const read = bodies.get(request);
  if (read) return read;
  const { held } = storage;
  const bytes = await sent(
    boundedBody(
      request,
      MAX_BODY_BYTES,
      () => new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`),
      held && { holding: held, none: () => tooManyRequests(1) },
    ),
  );
  if (bytes.length <= LIGHT_BYTES) bodies.set(request, bytes);
  return bytes;
}

/**
 * Looks how long the body of a request is that does not say it. Of one shorter than so many bytes all is read, and `readBody` has it;
 * undefined. Otherwise a request with the same body, whose beginning has been read already.
 */
export async function requestIfLong(request: Request, longBytes: number): Promise<Request | undefined> {
  const reader = piecesOf(request.body as ReadableStream<Uint8Array>, longBytes, true);
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < longBytes; ) {
    const { done, value } = await sent(reader.read());
    if (done) {
      bodies.set(request, concatenated(parts));
      return undefined;
    }
    bytes += value.length;
    parts.push(value);
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const begun = parts.shift();
        if (begun) return controller.enqueue(begun);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

/** Whoever stops before the end has made no request, and nothing went wrong here. */
async function sent<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof StatusError ? error : badRequest('unexpected EOF');
  }
}

/** What `readBody` has read of a request, unless it was long. */
export const bodyRead = (request: Request): Uint8Array | undefined => bodies.get(request);

export const mediaType = (request: Request): string =>
  (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** The whole object that a request sends. */
export async function readObject(
  exchange: Exchange,
  expected: GroupVersionKind,
  validation: FieldValidation,
): Promise<KubeObject> {
  const type = bodyMediaType(exchange.request.headers.get('content-type'));
  const bytes = await readBody(exchange);
  const { object, warnings } = decodeBody(bytes, type, expected, validation, exchange.storage.catalog.schemas);
  append(exchange.warnings, warnings);
  return object;
}

/** What a create or an update sends. */
export interface Sent {
  /** To be looked at, until it is taken. */
  readonly object: KubeObject;
  /** An object of one's own, which stages may complete in place. Who decides again has it decoded again, which is cheaper than a copy each time. */
  take(): KubeObject;
}

export async function readSent(exchange: Exchange, validation: FieldValidation): Promise<Sent> {
  const { kind } = exchange;
  const { schemas } = exchange.storage.catalog;
  const type = bodyMediaType(exchange.request.headers.get('content-type'));
  const bytes = await readBody(exchange);
  const decode = () =>
    isCustom(kind)
      ? decodeCustomBody(bytes, type, kind, validation)
      : decodeBody(bytes, type, kind, validation, schemas);
  const { object, warnings } = decode();
  append(exchange.warnings, warnings);
  let isTaken = false;
  const take = (): KubeObject => {
    const mine = isTaken ? decode().object : object;
    isTaken = true;
    return withMetadata(mine);
  };
  return { object: withMetadata(object), take };
}

function withMetadata(object: KubeObject): KubeObject {
  object.metadata ??= {} as KubeObject['metadata'];
  return object;
}
