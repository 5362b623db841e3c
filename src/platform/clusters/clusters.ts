/** `/v1/clusters/ID`: get or delete a cluster, its kubeconfig and its nodes' rules. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { removeCluster } from '../directory/directory.ts';
import { forgetCluster } from '../directory/known-clusters.ts';
import { problem, REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { clusterSchema, clusterView, id, SECURITY } from './cluster-schemas.ts';
import { ADDRESS_FORMS, kubeconfigFor } from './kubeconfig.ts';

const getClusterRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}',
  operationId: 'getCluster',
  tags: ['clusters'],
  summary: 'One cluster',
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: {
    200: { description: 'The cluster.', content: { 'application/json': { schema: clusterSchema } } },
    ...REFUSED,
  },
});

const deleteClusterRoute = createRoute({
  method: 'delete',
  path: '/v1/clusters/{id}',
  operationId: 'deleteCluster',
  tags: ['clusters'],
  summary: 'Delete a cluster with all that is in it',
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: { 204: { description: 'It is gone.' }, ...REFUSED },
});

const address = z.enum(ADDRESS_FORMS).optional().openapi({
  description:
    "How the cluster's server is named: by a host of its own where there is one (by default), by its path, or by the origin alone, where the token says which cluster is meant.",
});

const kubeconfigRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/kubeconfig',
  operationId: 'getKubeconfig',
  tags: ['clusters'],
  summary: 'A kubeconfig for kubectl, with the token that asked for it',
  security: SECURITY,
  request: { params: z.object({ id }), query: z.object({ address }) },
  responses: {
    200: { description: 'The kubeconfig.', content: { 'application/yaml': { schema: z.string() } } },
    ...REFUSED,
    422: problem('There is no such form of address.'),
  },
});

const iptablesRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/nodes/{name}/iptables',
  operationId: 'getNodeIptables',
  tags: ['clusters'],
  summary: "The rules that kube-proxy has on a node, in iptables-save's form; none where it does not run",
  security: SECURITY,
  request: {
    params: z.object({
      id,
      name: z
        .string()
        .min(1)
        .openapi({ param: { name: 'name', in: 'path' }, description: "The node's name.", example: 'node-1' }),
    }),
  },
  responses: {
    200: { description: 'The rules.', content: { 'text/plain': { schema: z.string() } } },
    ...REFUSED,
    422: problem("The node's rules are too many to be written."),
  },
});

export function serveClusters(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(getClusterRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'view');
    return c.json(clusterView(cluster, c.req.url), 200);
  });

  app.openapi(deleteClusterRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    await c.env.CLUSTER.getByName(cluster.id).destroy();
    await removeCluster(c.env.DB, cluster.id);
    forgetCluster(cluster.id);
    return c.body(null, 204);
  });

  app.openapi(kubeconfigRoute, async (c) => {
    const { cluster, token } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'view');
    const text = kubeconfigFor(c.env, c.req.url, cluster.id, token, c.req.valid('query').address);
    return c.body(text, 200, { 'content-type': 'application/yaml' });
  });

  app.openapi(iptablesRoute, async (c) => {
    const { id, name } = c.req.valid('param');
    const { cluster } = await openCluster(c.env, c.req.raw, id, Date.now(), 'see');
    const found = await unlessBusy(cluster.id, () => c.env.CLUSTER.getByName(cluster.id).iptables(name));
    if ('unknown' in found) throw new ProblemError(404, `The cluster has no node ${name}.`);
    if ('error' in found) throw new ProblemError(422, `The node's rules are too many to be written: ${found.error}.`);
    return c.text(found.rules, 200);
  });
}
