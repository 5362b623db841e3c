/** `PATCH /v1/clusters/ID` and `POST /v1/clusters/ID/reset`: a cluster's name and time change, and it goes back to its beginning. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import type { ClusterChange } from '../copies/cluster-state.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { rememberCluster } from '../directory/known-clusters.ts';
import { BODY_REFUSED, jsonBodyOf, problem, REFUSED } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { clusterName, ttl } from './cluster-fields.ts';
import { clusterSchema, clusterView, id, SECURITY } from './cluster-schemas.ts';

const clusterChangeSchema = z
  .strictObject({
    name: clusterName.optional().openapi({ description: 'What it is called from now on.' }),
    ttl: ttl
      .optional()
      .openapi({ description: 'In how many seconds from now it is gone, sooner or later than before.' }),
  })
  .openapi('ClusterChange', { description: 'What is to be different; what is not given stays.' });

const changeClusterRoute = createRoute({
  method: 'patch',
  path: '/v1/clusters/{id}',
  operationId: 'changeCluster',
  tags: ['clusters'],
  summary: 'Rename a cluster, or let it live longer or shorter',
  security: SECURITY,
  middleware: jsonBody,
  request: {
    params: z.object({ id }),
    body: jsonBodyOf(clusterChangeSchema, true, { extend: { ttl: 3600 }, rename: { name: 'lesson-2' } }),
  },
  responses: {
    200: { description: 'The cluster as it is now.', content: { 'application/json': { schema: clusterSchema } } },
    ...REFUSED,
    ...BODY_REFUSED,
  },
});

const resetClusterRoute = createRoute({
  method: 'post',
  path: '/v1/clusters/{id}/reset',
  operationId: 'resetCluster',
  tags: ['clusters'],
  summary: 'Bring a cluster back to its beginning: as it was made, with its manifests, or copied; tokens stay',
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: {
    200: { description: 'The cluster, at its beginning.', content: { 'application/json': { schema: clusterSchema } } },
    ...REFUSED,
    422: problem('Nothing is known of its beginning: it was made by an earlier version.'),
  },
});

export function serveChanges(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(changeClusterRoute, async (c) => {
    const now = Date.now();
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, now);
    const { name, ttl } = c.req.valid('json');
    const change: ClusterChange = {
      ...(name === undefined ? {} : { name }),
      ...(ttl === undefined ? {} : { expiresAt: now + ttl * 1000 }),
    };
    if (Object.keys(change).length > 0) {
      await c.env.CLUSTER.getByName(cluster.id).change(change);
      rememberCluster(cluster.id, change.expiresAt ?? cluster.expiresAt);
      c.env.DOOR.forget(cluster.id);
    }
    return c.json(clusterView({ ...cluster, ...change }, c.req.url), 200);
  });

  app.openapi(resetClusterRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    const { isDone } = await unlessBusy(cluster.id, () => c.env.CLUSTER.getByName(cluster.id).reset());
    if (!isDone)
      throw new ProblemError(422, 'This cluster is older than beginnings: nothing is known of how it began.');
    c.env.DOOR.forget(cluster.id);
    return c.json(clusterView(cluster, c.req.url), 200);
  });
}
