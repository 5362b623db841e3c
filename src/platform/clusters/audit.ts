/** `/v1/clusters/ID/audit`: the cluster's audit log. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { id, SECURITY } from './cluster-schemas.ts';

const auditRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/audit',
  operationId: 'getClusterAudit',
  tags: ['clusters'],
  summary: 'The audit log: what was asked of the cluster, the oldest first',
  description:
    'Lines of JSON, each an Event of `audit.k8s.io/v1` at the level Metadata, with the annotations that admission policies and webhooks have made. The last thousand are kept of a cluster that was made with `"audit": true`.',
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: {
    200: { description: 'The events.', content: { 'text/plain': { schema: z.string() } } },
    ...REFUSED,
  },
});

export function serveClusterAudit(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(auditRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    const { lines } = await unlessBusy(cluster.id, () => c.env.CLUSTER.getByName(cluster.id).auditLog());
    if (lines === undefined) throw new ProblemError(404, 'The cluster was made without an audit log.');
    return c.text(lines, 200);
  });
}
