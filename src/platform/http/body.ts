/** What every body sent to `/v1` must be: JSON, and not too large. */
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { boundedBody, type Room } from '../../etcd/bounded-body.ts';
import { heldBytes } from '../../simulation/held-bytes.ts';
import type { PlatformBindings } from '../bindings.ts';
import { MAX_BODY_BYTES } from '../limits.ts';
import { clientAddress } from '../rates/client-address.ts';
import { ProblemError, tooManyRequests } from './problem.ts';

const JSON_MEDIA_TYPE = /^application\/([-\w.]+\+)?json\s*(;|$)/i;

/** Where the bytes of what an address sends count. */
export function roomFor(bindings: PlatformBindings, request: Request): Room {
  const address = clientAddress(request, bindings) ?? 'unknown';
  const holding = bindings.HOLD?.() ?? heldBytes.open(`address ${address}`);
  return { holding, none: () => tooManyRequests(1) };
}

/** Reads the body, as much as it may have, in the time that it takes; for what comes after it is there at once. */
export const limitedBody: MiddlewareHandler = async (c: Context<{ Bindings: PlatformBindings }>, next) => {
  const { raw } = c.req;
  if (!raw.body) return next();
  const room = roomFor(c.env, raw);
  const tooLarge = () => new ProblemError(413, `The body must have at most ${MAX_BODY_BYTES} bytes.`);
  try {
    c.req.raw = new Request(raw, { body: await boundedBody(raw, MAX_BODY_BYTES, tooLarge, room) } as RequestInit);
    await next();
  } finally {
    room.holding.give();
  }
};

/** For what may be asked for without a body: none is an empty object. */
export const optionalJsonBody: MiddlewareHandler = createMiddleware(async (c, next) => {
  const { raw } = c.req;
  if ((await raw.clone().text()) !== '') return jsonBody(c, next);
  const headers = new Headers(raw.headers);
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  c.req.raw = new Request(raw.url, { method: raw.method, headers, body: '{}', signal: raw.signal });
  await next();
});

export const jsonBody: MiddlewareHandler = createMiddleware(async (c, next) => {
  if (!JSON_MEDIA_TYPE.test(c.req.header('content-type') ?? ''))
    throw new ProblemError(415, 'The body must be sent with content-type: application/json.', [], {
      accept: 'application/json',
    });
  try {
    await c.req.json();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(400, `The body is not JSON: ${(error as Error).message}`);
  }
  await next();
});
