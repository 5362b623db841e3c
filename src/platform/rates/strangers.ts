/** Counts what is asked of `/v1` without a token that opens it; a header that merely looks like one saves nobody from that. */
import { createMiddleware } from 'hono/factory';
import type { PlatformBindings } from '../bindings.ts';
import { IMPORT_PATH } from '../copies/copies.ts';
import { countStranger, opensAny } from '../directory/access.ts';
import { ProblemError } from '../http/problem.ts';
import { SIMULATION_REQUESTS } from '../limits.ts';

const CLUSTERS = '/v1/clusters';
/** How a body or a query is refused, by whichever of its rules. */
const BODY_REFUSALS = [400, 413, 415, 422];

/** Whether the route looks at the token, and so counts a wrong one itself: making a cluster needs none. */
const looksAtToken = (method: string, path: string): boolean =>
  path === CLUSTERS ? method === 'GET' : path.startsWith(`${CLUSTERS}/`) && path !== IMPORT_PATH;

export const countedStrangers = createMiddleware<{ Bindings: PlatformBindings }>(async (c, next) => {
  const { method, path, raw } = c.req;
  const bindings = c.env ?? {};
  const count = (cost: number): void => countStranger(bindings, raw, Date.now(), cost);
  if (!c.req.header('authorization') || !looksAtToken(method, path)) {
    count(path.startsWith('/v1/simulate/') ? SIMULATION_REQUESTS : 1);
    return next();
  }
  if (!raw.body && new URL(raw.url).search === '') return next();
  // A body or a query is looked at before the token is. Whoever has nothing left shows first that the token is somebody's.
  try {
    count(0);
  } catch (refusal) {
    if (!(await opensAny(bindings, raw, Date.now()))) throw refusal;
  }
  await next();
  if (BODY_REFUSALS.includes(c.res.status)) countRefused(() => count(1));
});

/** The answer stands, and it is the next one that is refused. */
function countRefused(count: () => void): void {
  try {
    count();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
}
