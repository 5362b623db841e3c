/** `/v1/clusters/ID/trace`: a connection on a cluster, tried out. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Protocol } from '../../network/packet/packet.ts';
import type { PlatformBindings, TraceAnswer, TraceQuestion } from '../bindings.ts';
import { openCluster, unlessBusy } from '../directory/access.ts';
import { BODY_REFUSED, jsonBodyOf, REFUSED } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import { ProblemError } from '../http/problem.ts';
import { z } from '../zod.ts';
import { id, SECURITY } from './cluster-schemas.ts';
import { clusterTraceAnswer, clusterTraceRequest } from './trace-schemas.ts';

const EXAMPLES = {
  service: { from: 'node-1', to: 'svc/default/kubernetes', port: 443 },
  outside: { from: 'outside', to: 'node-1', port: 10250, seed: '2' },
};

const traceRoute = createRoute({
  method: 'post',
  path: '/v1/clusters/{id}/trace',
  operationId: 'traceConnection',
  tags: ['clusters'],
  summary: 'The way of a connection: routes, rules, network policies, and what becomes of it',
  description:
    'Nothing is sent: the cluster is as it was before. With `Accept: text/plain` the way is told in lines, in the manner of the TRACE target of iptables.',
  security: SECURITY,
  middleware: jsonBody,
  request: { params: z.object({ id }), body: jsonBodyOf(clusterTraceRequest, true, EXAMPLES) },
  responses: {
    200: {
      description: 'What becomes of it.',
      content: { 'application/json': { schema: clusterTraceAnswer }, 'text/plain': { schema: z.string() } },
    },
    ...BODY_REFUSED,
    ...REFUSED,
  },
});

const questionOf = ({ protocol, ...question }: z.output<typeof clusterTraceRequest>): TraceQuestion => ({
  ...question,
  protocol: protocol.toLowerCase() as Protocol,
});

const wantsText = (accept: string | undefined): boolean =>
  /^\s*text\/plain\b/.test(accept ?? '') && !/application\/json/.test(accept ?? '');

export function serveClusterTrace(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(traceRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'see');
    const question = questionOf(c.req.valid('json'));
    const found = await unlessBusy<TraceAnswer>(cluster.id, () =>
      c.env.CLUSTER.getByName(cluster.id).traceConnection(question),
    );
    if ('error' in found) throw new ProblemError(422, `The connection cannot be traced: ${found.error}.`);
    const { text, ...trace } = found.trace;
    if (wantsText(c.req.header('accept'))) return c.text(text, 200);
    return c.json(trace as z.input<typeof clusterTraceAnswer>, 200);
  });
}
