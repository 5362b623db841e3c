/** What all routes of `/v1/simulate` have in common. */
import { createRoute } from '@hono/zod-openapi';
import { ALWAYS, BODY_REFUSED, jsonBodyOf, problem } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import type { z } from '../zod.ts';

const REFUSED = { ...BODY_REFUSED, ...ALWAYS, 401: problem('The token is of no cluster.') };

/** Anybody may ask; the token of a cluster lets more be done. */
const SECURITY: Record<string, string[]>[] = [{}, { token: [] }];

export function simulateRoute<Request extends z.ZodType, Answer extends z.ZodType>(
  what: {
    path: `/v1/simulate/${string}`;
    operationId: string;
    summary: string;
    answers: string;
    examples: Record<string, unknown>;
  },
  request: Request,
  answer: Answer,
) {
  const { answers, examples, ...named } = what;
  return createRoute({
    method: 'post',
    ...named,
    tags: ['simulation'],
    security: SECURITY,
    middleware: jsonBody,
    request: { body: jsonBodyOf(request, true, examples) },
    responses: { 200: { description: answers, content: { 'application/json': { schema: answer } } }, ...REFUSED },
  });
}
