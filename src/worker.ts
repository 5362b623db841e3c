/**
 * The Worker: one app, four doors. `/v1` is the platform, `/clusters/ID` a cluster's Kubernetes API, `/clusters/ID/etcd` its
 * etcd, and `/` the site, with the APIs of whose token it is beside it. Nothing is decided here.
 */
import { Hono } from 'hono';
import { statusResponse } from './apiserver/gate.ts';
import { clusterDoor, serveCluster } from './cluster/door.ts';
import type { Env } from './cluster/env.ts';
import { askedAtRoot } from './cluster/root-door.ts';
import { StatusError } from './objects/status.ts';
import { countStranger } from './platform/access.ts';
import { platformApp } from './platform/app.ts';
import { preflightAnswer } from './platform/cross-origin.ts';
import { docsApp } from './platform/docs/serve.ts';
import { clusterOfHost } from './platform/hosts.ts';
import { isCluster } from './platform/known-clusters.ts';
import { ProblemError, problemResponse, shortened } from './platform/problem.ts';
import { guarded } from './platform/response-headers.ts';
import { siteApp } from './ui/site.ts';

export { Cluster } from './cluster/cluster.ts';
export { Clusters } from './cluster/entrypoint.ts';
export { HeavyWork } from './cluster/heavy-work.ts';

const app = new Hono<{ Bindings: Env }>();

/** A `Host` of which no address can be made. */
app.use((c, next) => {
  if (!URL.canParse(c.req.url)) throw new ProblemError(400, 'The request has no proper host.');
  return next();
});

/** Some tools drop a server's path, so a cluster is also all of the host `ID.HOST`. Any other name is the platform's. */
app.use(async (c, next) => {
  const url = new URL(c.req.url);
  const id = clusterOfHost(url.hostname, c.env);
  if (id === undefined) return next();
  const now = Date.now();
  const made = await isCluster(c.env.DB, id, now, () => countStranger(c.env, c.req.raw, now));
  return made ? serveCluster(c.req.raw, c.env, id, url.pathname) : next();
});

/** The id as it stands in the path: what is written in another way is no id. */
app.use('/clusters/*', (c, next) => {
  const found = /^\/clusters\/([^/]*)(.*)$/s.exec(new URL(c.req.url).pathname);
  return found ? serveCluster(c.req.raw, c.env, found[1]!, found[2] || '/') : next();
});

app.use(async (c, next) => {
  try {
    const asked = askedAtRoot(c.req.raw, new URL(c.req.url).pathname);
    return asked ? await serveCluster(c.req.raw, c.env, asked.id, asked.path) : next();
  } catch (error) {
    if (error instanceof StatusError) return statusResponse(error.status);
    throw error;
  }
});
app.route('/', platformApp);
app.route('/', docsApp);
app.route('/', siteApp);
app.notFound((c) => problemResponse(new ProblemError(404, `There is nothing at ${shortened(c.req.path)}.`)));

app.onError((error) => {
  if (error instanceof ProblemError) return problemResponse(error);
  console.error(error);
  return problemResponse(new ProblemError(500, 'Something went wrong here; it is not your request.'));
});

export default {
  fetch: async (request: Request, env: Env, context: ExecutionContext): Promise<Response> =>
    guarded(
      request,
      preflightAnswer(request) ?? (await app.fetch(request, { ...env, DOOR: clusterDoor(env) }, context)),
    ),
};
