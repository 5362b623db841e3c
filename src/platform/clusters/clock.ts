/** `/v1/clusters/ID/clock`: a cluster's time, stopped, made faster, or stepped forward with all that is due on the way. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { MAX_TIME } from '../../simulation/clock.ts';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster } from '../directory/access.ts';
import { BODY_REFUSED, jsonBodyOf, REFUSED } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import { ProblemError } from '../http/problem.ts';
import { MAX_CLOCK_STEP_SECONDS } from '../limits.ts';
import { commitSchema } from '../story/schemas.ts';
import { withTime } from '../story/with-time.ts';
import { z } from '../zod.ts';
import type { ClockState } from './clock-state.ts';
import { clockSpeed, onOrOff } from './cluster-fields.ts';
import { id, SECURITY, timestamp } from './cluster-schemas.ts';

const clockSchema = z
  .object({
    time: timestamp("The cluster's time."),
    speed: z.number().openapi({ description: 'Times real time.', example: 1 }),
    paused: z.boolean().openapi({ description: 'Whether time stands until it is stepped.' }),
    reached: timestamp('How far the last step has come.').optional(),
    target: timestamp('Where the last step goes to.').optional(),
    done: z.boolean().openapi({
      description:
        'Whether no step is under way; one that takes long goes on after its answer, and whoever asks again is told how far it is.',
    }),
    settled: z.boolean().openapi({
      description: 'Whether nothing is left to be done at this time; what is due at a later time is not waited for.',
    }),
    did: z.array(commitSchema).optional().openapi({
      description: 'After a step to the next instant: what was written then, with who wrote it; of much, the first.',
    }),
  })
  .openapi('Clock', { description: "A cluster's own time." });

const changeSchema = z
  .strictObject({
    next: onOrOff.optional().openapi({
      description:
        'true: forward to the next instant at which something is due, if there is one within a year. The answer says what was done.',
    }),
    speed: clockSpeed.optional().openapi({ description: 'Times real time.' }),
    paused: onOrOff.optional().openapi({ description: 'true: time stands until it is stepped.' }),
    advance: z.number().positive().max(MAX_CLOCK_STEP_SECONDS).optional().openapi({
      description:
        'Seconds to go forward; what is due on the way happens, each at its own instant. While a step is under way it makes that one longer.',
    }),
  })
  .refine(({ next, advance }) => !next || advance === undefined, {
    path: ['next'],
    message: 'goes as far as something is due: leave advance out',
  })
  .openapi('ClockChange', { description: 'What is to be different; what is not given stays.' });

const answers = {
  200: { description: 'The clock.', content: { 'application/json': { schema: clockSchema } } },
  ...REFUSED,
};

const getClockRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/clock',
  operationId: 'getClock',
  tags: ['clock'],
  summary: "The cluster's own time",
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: answers,
});

const patchClockRoute = createRoute({
  method: 'patch',
  path: '/v1/clusters/{id}/clock',
  operationId: 'setClock',
  tags: ['clock'],
  summary: "Pause the cluster's time, let it run faster, or step it forward",
  security: SECURITY,
  middleware: jsonBody,
  request: {
    params: z.object({ id }),
    body: jsonBodyOf(changeSchema, true, {
      hour: { advance: 3600 },
      fast: { speed: 60 },
      stop: { paused: true },
      next: { next: true },
    }),
  },
  responses: { ...answers, ...BODY_REFUSED },
});

const shown = (time: number): string => new Date(time).toISOString();

const clockView = ({ time, speed, paused, reached, target, done, settled, did }: ClockState) => ({
  time: shown(time),
  speed,
  paused,
  ...(reached === undefined || target === undefined ? {} : { reached: shown(reached), target: shown(target) }),
  done,
  settled,
  ...(did ? { did: did.map((commit) => withTime(commit)) } : {}),
});

export function serveClock(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(getClockRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'view');
    return c.json(clockView(await c.env.CLUSTER.getByName(cluster.id).changeClock({})), 200);
  });
  app.openapi(patchClockRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    const object = c.env.CLUSTER.getByName(cluster.id);
    const change = c.req.valid('json');
    if (change.advance !== undefined) {
      const { time, target, done } = await object.changeClock({});
      if ((done ? time : target!) + change.advance * 1000 > MAX_TIME)
        throw new ProblemError(422, `advance: a cluster's time ends with ${shown(MAX_TIME)}.`);
    }
    return c.json(clockView(await object.changeClock(change)), 200);
  });
}
