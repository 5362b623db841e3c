/** `/v1/clusters/ID/namespaces/NAMESPACE/pods/NAME/runtime`: what the container runtime holds of a pod. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { SandboxView } from '../../objects/sandbox-view.ts';
import type { PlatformBindings } from '../bindings.ts';
import { REFUSED } from '../http/answers.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { SECURITY } from './cluster-schemas.ts';
import { podParams, podView } from './pod-view.ts';

const instant = z.iso.datetime();

const containerSchema = z
  .object({
    name: z.string().openapi({ description: 'The container.' }),
    kind: z
      .enum(['init', 'sidecar', 'container', 'ephemeral'])
      .openapi({ description: 'Which of the pod’s lists it is in.' }),
    id: z.string().optional().openapi({ description: 'None before it was made.' }),
    image: z.string().openapi({ description: 'As its spec has it.' }),
    state: z.enum(['waiting', 'running', 'terminated']).openapi({ description: 'Whether it runs.' }),
    attempt: z.int().openapi({ description: 'How often it was started before.' }),
    startedAt: instant.optional().openapi({ description: 'When its program was started.' }),
    finishedAt: instant.optional().openapi({ description: 'When it had ended.' }),
    exitCode: z.int().optional().openapi({ description: 'What its program ended with.' }),
  })
  .openapi('RuntimeContainer', { description: 'A container on its node.' });

const namespaceSchema = z
  .object({
    kind: z.enum(['net', 'pid', 'ipc', 'uts', 'mnt', 'user']).openapi({ description: 'What it is of.' }),
    id: z.string().openapi({ description: 'As /proc/PID/ns shows it.', example: 'net:[4026532210]' }),
    of: z.enum(['node', 'pod', 'container']).openapi({ description: 'Whose it is.' }),
    sharedBy: z
      .array(z.string())
      .openapi({ description: 'The containers in it; `pause` is the one that keeps the others.' }),
  })
  .openapi('RuntimeNamespace', { description: 'A namespace of the kernel.' });

const runtimeSchema = z
  .object({
    sandbox: z
      .object({
        id: z.string().openapi({ description: 'As the runtime knows it.' }),
        image: z.string().openapi({ description: 'Of the pause container.' }),
        state: z.enum(['ready', 'notReady']).openapi({ description: 'Whether it stands.' }),
        createdAt: instant.openapi({ description: 'When it was made.' }),
        netns: z.string().optional().openapi({ description: "None in the node's own network." }),
        ip: z.string().optional().openapi({ description: 'The pod’s address.' }),
        runtime: z.string().openapi({ description: 'The runtime, with its version.' }),
      })
      .optional()
      .openapi({ description: 'None before it was made.' }),
    node: z.string().openapi({ description: 'Its node.' }),
    namespaces: z.array(namespaceSchema).openapi({ description: 'The pod’s and its containers’.' }),
    containers: z.array(containerSchema).openapi({ description: 'In the order in which they are started.' }),
  })
  .openapi('PodRuntime', { description: 'What the container runtime of its node has of a pod.' });

const runtimeRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/namespaces/{namespace}/pods/{name}/runtime',
  operationId: 'getPodRuntime',
  tags: ['clusters'],
  summary:
    "A pod as its node's container runtime holds it: the sandbox, its namespaces and who shares them, and the containers",
  security: SECURITY,
  request: { params: podParams },
  responses: {
    200: { description: 'What there is of it.', content: { 'application/json': { schema: runtimeSchema } } },
    ...REFUSED,
  },
});

export function servePodRuntime(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(runtimeRoute, async (c) => {
    const pod = c.req.valid('param');
    const runtime = await podView(c, 'runtime', pod);
    if (!runtime) throw new ProblemError(404, `No node of the cluster runs a pod ${pod.namespace}/${pod.name}.`);
    return c.json(runtime as SandboxView, 200);
  });
}
