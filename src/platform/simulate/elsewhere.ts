/** Simulations are computed in the process for heavy work, where there is one: their bodies are read there, when there is room. */
import { createMiddleware } from 'hono/factory';
import type { PlatformBindings } from '../bindings.ts';
import { tooManyRequests } from '../http/problem.ts';
import { isOpened } from './limits.ts';

/** Whether the request had the token of a cluster; between the two processes. */
export const OPENED_HEADER = 'x-diorama-opened';
const PASSED_HEADERS = ['accept', 'content-length', 'content-type'];

export const elsewhere = createMiddleware<{ Bindings: PlatformBindings }>(async (c, next) => {
  const { HEAVY } = c.env ?? {};
  if (!HEAVY || c.req.method !== 'POST') return next();
  // Only what the other process needs: it trusts what it is told, and a client may say anything.
  const headers = new Headers({ [OPENED_HEADER]: String(await isOpened(c)) });
  for (const name of PASSED_HEADERS) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  try {
    const answer = await HEAVY.fetch(new Request(c.req.raw, { headers }));
    return new Response(answer.body, answer);
  } catch {
    throw tooManyRequests(1);
  }
});
