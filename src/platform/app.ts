/** The door `/v1`: the platform's own API, its errors, and the OpenAPI document that describes it. */

import { OpenAPIHono } from '@hono/zod-openapi';
import { tellsOfNewerState } from '../etcd/errors.ts';
import type { PlatformBindings } from './bindings.ts';
import { serveClusterAudit } from './clusters/audit.ts';
import { serveChanges } from './clusters/change-cluster.ts';
import { serveClock } from './clusters/clock.ts';
import { serveTokens } from './clusters/cluster-tokens.ts';
import { serveClusters } from './clusters/clusters.ts';
import { serveCreation } from './clusters/create-cluster.ts';
import { serveFaults } from './clusters/faults.ts';
import { serveList } from './clusters/list-clusters.ts';
import { servePodCalls } from './clusters/pod-calls.ts';
import { servePodRuntime } from './clusters/pod-runtime.ts';
import { serveClusterTrace } from './clusters/trace.ts';
import { NO_CLUSTER } from './copies/cluster-state.ts';
import { IMPORT_PATH, serveCopies } from './copies/copies.ts';
import { DOCUMENT, LOCAL_SERVER, tellDefaults } from './document.ts';
import { limitedBody } from './http/body.ts';
import { invalidBody } from './http/invalid-body.ts';
import { ProblemError, problemResponse, shortened } from './http/problem.ts';
import { countedStrangers } from './rates/strangers.ts';
import { elsewhere } from './simulate/elsewhere.ts';
import { serveSimulate } from './simulate/simulate.ts';
import { serveStories } from './story/story.ts';

function createPlatformApp(): OpenAPIHono<{ Bindings: PlatformBindings }> {
  const app = new OpenAPIHono<{ Bindings: PlatformBindings }>({
    defaultHook: (result) => {
      if (!result.success) throw invalidBody(result.error);
    },
  });
  app.use('/v1/*', async (c, next) => {
    await next();
    // Nearly every answer here has a token, a kubeconfig or somebody's state in it.
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
  app.use('/v1/*', countedStrangers);
  app.use('/v1/simulate/*', elsewhere);
  app.use('/v1/*', (c, next) => (c.req.path === IMPORT_PATH ? next() : limitedBody(c, next)));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: "A cluster's token: its admin's, which its making answers, or one of less power.",
  });
  serveCreation(app);
  serveList(app);
  serveClusters(app);
  servePodRuntime(app);
  servePodCalls(app);
  serveClusterAudit(app);
  serveClusterTrace(app);
  serveChanges(app);
  serveCopies(app);
  serveClock(app);
  serveFaults(app);
  serveStories(app);
  serveTokens(app);
  serveSimulate(app);
  app.get('/v1/openapi.json', (c) =>
    c.json({ ...openApiDocument(), servers: [{ url: new URL(c.req.url).origin }] }, 200, {
      'cache-control': 'no-cache',
    }),
  );
  app.all('/v1/*', (c) => {
    const allowed = allowedMethods(c.req.path);
    if (allowed.length === 0) throw new ProblemError(404, `There is nothing at ${shortened(c.req.path)}.`);
    if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow: [...allowed, 'OPTIONS'].join(', ') });
    throw new ProblemError(405, `${shortened(c.req.path)} does not take ${c.req.method}.`, [], {
      allow: allowed.join(', '),
    });
  });
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    if (isOddLength(error))
      return problemResponse(new ProblemError(422, 'The body has an object where a text or a list belongs.'));
    if (tellsOfNewerState(error)) return problemResponse(new ProblemError(503, `${(error as Error).message}.`));
    // Between the look into the directory and the object it may have ended.
    if (error.message === NO_CLUSTER) return problemResponse(new ProblemError(404, 'The cluster is gone.'));
    console.error(error);
    return problemResponse(new ProblemError(500, 'Something went wrong here; it is not your request.'));
  });
  return app;
}

/** A schema compares whatever an object has for a `length`, and so meets objects that compare with nothing. */
const isOddLength = (error: unknown): boolean =>
  error instanceof TypeError && error.message === 'Cannot convert object to primitive value';

/** The methods that the documented routes have for a path. */
function allowedMethods(path: string): string[] {
  const found = Object.entries(openApiDocument().paths ?? {}).find(([template]) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return found ? Object.keys(found[1] as object).map((method) => method.toUpperCase()) : [];
}

export const platformApp = createPlatformApp();

/** Made once: the routes don't change. */
let document: ReturnType<typeof platformApp.getOpenAPI31Document> | undefined;

/** The document of `/v1`, also kept as `openapi/diorama.json`. */
export function openApiDocument() {
  if (!document) {
    document = platformApp.getOpenAPI31Document({ ...DOCUMENT, servers: [LOCAL_SERVER] });
    tellDefaults(document.components);
    tellDefaults(document.paths);
  }
  return document;
}
