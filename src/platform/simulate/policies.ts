/** `/v1/simulate/policies`: what network policies would let through. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Matrix, type MatrixInput, policyMatrix } from '../../network/policy/matrix.ts';
import { limitedWork } from '../../simulation/work-budget.ts';
import type { PlatformBindings } from '../bindings.ts';
import type { z } from '../zod.ts';
import { POLICIES_EXAMPLES } from './examples.ts';
import { answering, limitsOf } from './limits.ts';
import { policiesAnswer, policiesRequest } from './policies-schemas.ts';
import { simulateRoute } from './route.ts';

const policiesRoute = simulateRoute(
  {
    path: '/v1/simulate/policies',
    operationId: 'simulatePolicies',
    summary: 'Who reaches whom under network policies, and why',
    answers: 'A verdict with its reason for each pod, and each port of each pod.',
    examples: POLICIES_EXAMPLES,
  },
  policiesRequest,
  policiesAnswer,
);

const POLICIES_WORK = "The pods, times the pods' ports and the policies' rules,";

export function servePolicies(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(policiesRoute, async (c) => {
    const limits = await limitsOf(c);
    const input = c.req.valid('json') as MatrixInput;
    const matrix: Matrix = answering(limits, POLICIES_WORK, () => policyMatrix(input, limitedWork(limits.policySteps)));
    return c.json(matrix as z.input<typeof policiesAnswer>, 200);
  });
}
