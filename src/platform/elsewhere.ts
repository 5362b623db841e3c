/** Simulations are computed in the process for heavy work, where there is one. */
import { createMiddleware } from 'hono/factory';
import type { PlatformBindings } from './bindings.ts';
import { heavyRequests, whenPassedOn } from './heavy-requests.ts';
import { BODY_GROWTH, SIMULATION_BYTES } from './limits.ts';
import { tooManyRequests } from './problem.ts';
import { isOpened } from './simulate-limits.ts';

/** Whether the request had the token of a cluster; between the two processes. */
export const OPENED_HEADER = 'x-diorama-opened';
const PASSED_HEADERS = ['accept', 'content-length', 'content-type'];
/** Whose seats simulations have: all of them together are as one cluster. */
const SIMULATIONS = 'simulations';

export const elsewhere = createMiddleware<{ Bindings: PlatformBindings }>(async (c, next) => {
  const { HEAVY } = c.env ?? {};
  if (!HEAVY) return next();
  // Only what the other process needs: it trusts what it is told, and a client may say anything.
  const headers = new Headers({ [OPENED_HEADER]: String(await isOpened(c)) });
  for (const name of PASSED_HEADERS) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const bytes = Math.max(SIMULATION_BYTES, BODY_GROWTH * Number(headers.get('content-length') ?? 0));
  const seat = await heavyRequests.wait(SIMULATIONS, bytes, Date.now);
  if (!seat) throw tooManyRequests(1);
  let answer: Response;
  try {
    answer = await HEAVY.fetch(new Request(c.req.raw, { headers }));
  } catch {
    heavyRequests.giveBack(seat);
    throw tooManyRequests(1);
  }
  return whenPassedOn(answer, () => heavyRequests.giveBack(seat));
});
