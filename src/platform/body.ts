/** What every body sent to `/v1` must be: JSON, and not too large. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { MAX_BODY_BYTES } from './limits.ts';
import { ProblemError } from './problem.ts';

const JSON_MEDIA_TYPE = /^application\/([-\w.]+\+)?json\s*(;|$)/i;

export const limitedBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ProblemError(413, `The body must have at most ${MAX_BODY_BYTES} bytes.`);
  },
});

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
