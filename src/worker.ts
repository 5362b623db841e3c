/**
 * The Worker: one app, four doors. `/v1` is the platform, `/clusters/ID` a cluster's Kubernetes API, `/clusters/ID/etcd` its
 * etcd, and `/` the site, with the APIs of whose token it is beside it. Nothing is decided here.
 */
import { WorkerEntrypoint } from 'cloudflare:workers';
import { Hono } from 'hono';
import { statusResponse } from './apiserver/gate.ts';
import type { ShownCertificate } from './apiserver/identity/client-certificate.ts';
import { clusterDoor, serveCluster } from './cluster/door.ts';
import type { Env } from './cluster/env.ts';
import { askedAtRoot } from './cluster/root-door.ts';
import { overTls, withPeer } from './cluster/tls-door.ts';
import { StatusError } from './objects/status.ts';
import { platformApp } from './platform/app.ts';
import { countStranger } from './platform/directory/access.ts';
import { isCluster } from './platform/directory/known-clusters.ts';
import { docsApp } from './platform/docs/serve.ts';
import { preflightAnswer } from './platform/http/cross-origin.ts';
import { clusterOfHost } from './platform/http/hosts.ts';
import { ProblemError, problemResponse, shortened } from './platform/http/problem.ts';
import { guarded } from './platform/http/response-headers.ts';
import { siteApp } from './ui/site.ts';

export { Cluster } from './cluster/cluster.ts';
export { Clusters } from './cluster/entrypoint.ts';
export { HeavyWork } from './cluster/heavy-work.ts';

/** The site and the platform. What is a cluster's has a door of its own, as most requests are to clusters and each counts. */
const app = new Hono<{ Bindings: Env }>();
app.route('/', platformApp);
app.route('/', docsApp);
app.route('/', siteApp);
app.notFound((c) => problemResponse(new ProblemError(404, `There is nothing at ${shortened(c.req.path)}.`)));
app.onError(errorResponse);

function errorResponse(error: unknown): Response {
  if (error instanceof ProblemError) return problemResponse(error);
  if (error instanceof StatusError) return statusResponse(error.status);
  console.error(error);
  return problemResponse(new ProblemError(500, 'Something went wrong here; it is not your request.'));
}

/** Which cluster a request is to, and for which of its paths, if it is to one. */
async function clusterAsked(request: Request, env: Env, url: URL): Promise<{ id: string; path: string } | undefined> {
  // Some tools drop a server's path, so a cluster is also all of the host `ID.HOST`. Any other name is the platform's.
  const id = clusterOfHost(url.hostname, env);
  if (id !== undefined) {
    const now = Date.now();
    if (await isCluster(env.DB, id, now, () => countStranger(env, request, now))) return { id, path: url.pathname };
  }
  // The id as it stands in the path: what is written in another way is no id.
  const found = /^\/clusters\/([^/]*)(.*)$/s.exec(url.pathname);
  return found ? { id: found[1]!, path: found[2] || '/' } : askedAtRoot(request, url.pathname);
}

async function answer(
  request: Request,
  env: Env,
  context: ExecutionContext,
  certificate?: ShownCertificate,
): Promise<Response> {
  try {
    const url = URL.parse(request.url);
    // A `Host` of which no address can be made.
    if (!url) throw new ProblemError(400, 'The request has no proper host.');
    const asked = await clusterAsked(request, env, url);
    if (asked) return await serveCluster(request, env, asked.id, asked.path, { url, certificate });
    return await app.fetch(request, { ...env, DOOR: clusterDoor(env) }, context);
  } catch (error) {
    return errorResponse(error);
  }
}

const serve = async (
  request: Request,
  env: Env,
  context: ExecutionContext,
  certificate?: ShownCertificate,
): Promise<Response> =>
  guarded(request, preflightAnswer(request) ?? (await answer(request, env, context, certificate)));

/** What came to a local server over TLS, which ends before the Worker. */
export class OverTls extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Promise<Response> {
    return serve(overTls(request), this.env, this.ctx);
  }
}

/** The same with what that door knows of the client. Nobody but it reaches this. */
export class OverTlsWithPeer extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Promise<Response> {
    const { request: told, certificate } = withPeer(overTls(request));
    return serve(told, this.env, this.ctx, certificate);
  }
}

export default {
  fetch: (request: Request, env: Env, context: ExecutionContext): Promise<Response> => serve(request, env, context),
};
