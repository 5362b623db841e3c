/** `/v1/clusters/ID/namespaces/NS/pods/NAME/cni`: how a pod was attached to its network. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster, refuseIfBusy } from '../directory/access.ts';
import { REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { letAlone } from '../rates/busy-clusters.ts';
import { invocations, printed } from '../simulate/cni-schemas.ts';
import { z } from '../zod.ts';
import { id, SECURITY } from './cluster-schemas.ts';

const named = (name: string, description: string, example: string) =>
  z
    .string()
    .min(1)
    .openapi({ param: { name, in: 'path' }, description, example });

const podCallsSchema = z
  .object({
    containerID: z
      .string()
      .openapi({ description: "The id of the pod's sandbox; empty where it has none of its own." }),
    netns: z.string().openapi({ description: 'Its network namespace.' }),
    calls: z
      .array(
        z.object({
          command: z.string().openapi({ description: 'What the runtime asked for.', example: 'ADD' }),
          ifname: z.string().openapi({ description: 'The interface.', example: 'eth0' }),
          config: z.looseObject({}).openapi({ description: 'The list of plugins, as it lies in /etc/cni/net.d.' }),
          capabilityArgs: z
            .looseObject({})
            .optional()
            .openapi({ description: "The runtime's arguments, by capability." }),
          exitCode: z.int().openapi({ description: '0 when all plugins did their part.', example: 0 }),
          result: printed,
          invocations,
          error: z.string().optional().openapi({ description: 'Why the pod was not attached.' }),
        }),
      )
      .openapi({ description: 'The calls, in the order in which the runtime makes them.' }),
  })
  .openapi('PodCniCalls', { description: 'The calls of CNI that attach a pod.' });

const podCallsRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/namespaces/{namespace}/pods/{name}/cni',
  operationId: 'getPodCniCalls',
  tags: ['clusters'],
  summary: 'The calls of CNI that attached a pod to its network, each with its configuration and result',
  security: SECURITY,
  request: {
    params: z.object({
      id,
      namespace: named('namespace', "The pod's namespace.", 'default'),
      name: named('name', "The pod's name.", 'web-1'),
    }),
  },
  responses: {
    200: { description: 'The calls.', content: { 'application/json': { schema: podCallsSchema } } },
    ...REFUSED,
  },
});

export function servePodCalls(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(podCallsRoute, async (c) => {
    const { id: clusterId, namespace, name } = c.req.valid('param');
    const { cluster } = await openCluster(c.env, c.req.raw, clusterId, Date.now(), 'see');
    refuseIfBusy(cluster.id, Date.now());
    const found = await c.env.CLUSTER.getByName(cluster.id).podCalls(namespace, name);
    letAlone(cluster.id, found.busyMs, Date.now());
    if ('unknown' in found)
      throw new ProblemError(404, `The cluster has no pod ${name} in the namespace ${namespace}.`);
    return c.json(JSON.parse(found.json) as z.output<typeof podCallsSchema>, 200);
  });
}
