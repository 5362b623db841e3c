/** `/v1/clusters/ID/namespaces/NS/pods/NAME/cni`: how a pod was attached to its network. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import { REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { invocations, printed } from '../simulate/cni-schemas.ts';
import { z } from '../zod.ts';
import { SECURITY } from './cluster-schemas.ts';
import { podParams, podView } from './pod-view.ts';

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
  request: { params: podParams },
  responses: {
    200: { description: 'The calls.', content: { 'application/json': { schema: podCallsSchema } } },
    ...REFUSED,
  },
});

export function servePodCalls(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(podCallsRoute, async (c) => {
    const pod = c.req.valid('param');
    const calls = await podView(c, 'calls', pod);
    if (!calls) throw new ProblemError(404, `The cluster has no pod ${pod.name} in the namespace ${pod.namespace}.`);
    return c.json(calls as z.output<typeof podCallsSchema>, 200);
  });
}
