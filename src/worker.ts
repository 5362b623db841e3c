/**
 * The Worker: one app, four doors. `/v1` is the platform, `/clusters/ID` a cluster's Kubernetes API, `/clusters/ID/etcd` its
 * etcd, and `/` the site. Nothing is decided here.
 */
import { Hono } from 'hono';
import { serveCluster } from './cluster-door.ts';
import type { Env } from './env.ts';
import { platformApp } from './platform/app.ts';
import { ProblemError, problemResponse } from './platform/problem.ts';
import { clusterOfHost } from './platform/tokens.ts';
import { siteApp } from './ui/site.ts';

export { Cluster } from './cluster.ts';

const app = new Hono<{ Bindings: Env }>();

/** Some tools drop a server's path, so a cluster is also all of the host `ID.HOST`. */
app.use(async (c, next) => {
  const url = new URL(c.req.url);
  const id = clusterOfHost(url.hostname);
  return id === undefined ? next() : serveCluster(c.req.raw, c.env, id, url.pathname);
});

app.all('/clusters/:id', (c) => serveCluster(c.req.raw, c.env, c.req.param('id'), '/'));
app.all('/clusters/:id/*', (c) => {
  const id = c.req.param('id');
  return serveCluster(c.req.raw, c.env, id, new URL(c.req.url).pathname.slice('/clusters/'.length + id.length));
});
app.route('/', platformApp);
app.route('/', siteApp);
app.notFound((c) => problemResponse(new ProblemError(404, `There is nothing at ${c.req.path}.`)));

export default app;
