/** `/v1/clusters/ID/clock`: a cluster's time, stopped, made faster, or stepped forward with all that is due on the way. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { openCluster } from './access.ts';
import type { PlatformBindings } from './bindings.ts';
import { jsonBody } from './body.ts';
import { id, problem, REFUSED, SECURITY } from './cluster-schemas.ts';
import { MAX_CLOCK_SPEED, MAX_CLOCK_STEP_SECONDS } from './limits.ts';

/** What a cluster's clock is asked to do. */
export interface ClockChange {
  /** Times real time. */
  speed?: number | undefined;
  paused?: boolean | undefined;
  /** Seconds to go forward at once. */
  advance?: number | undefined;
}

export interface ClockState {
  /** The cluster's time, milliseconds since 1970. */
  time: number;
  speed: number;
  paused: boolean;
}

const clockSchema = z
  .object({
    time: z.iso.datetime().openapi({ example: '2026-10-28T09:00:00.000Z' }),
    speed: z.number(),
    paused: z.boolean(),
  })
  .openapi('Clock');

const changeSchema = z
  .strictObject({
    speed: z.number().positive().max(MAX_CLOCK_SPEED).optional().openapi({ description: 'Times real time.' }),
    paused: z.boolean().optional(),
    advance: z.number().positive().max(MAX_CLOCK_STEP_SECONDS).optional().openapi({
      description: 'Seconds to go forward at once; what is due on the way happens, each at its own instant.',
    }),
  })
  .openapi('ClockChange');

const answers = {
  200: { description: 'The clock.', content: { 'application/json': { schema: clockSchema } } },
  ...REFUSED,
};

const getClockRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/clock',
  operationId: 'getClock',
  summary: "The cluster's own time",
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: answers,
});

const patchClockRoute = createRoute({
  method: 'patch',
  path: '/v1/clusters/{id}/clock',
  operationId: 'setClock',
  summary: "Pause the cluster's time, let it run faster, or step it forward",
  security: SECURITY,
  middleware: jsonBody,
  request: {
    params: z.object({ id }),
    body: { required: true, content: { 'application/json': { schema: changeSchema } } },
  },
  responses: { ...answers, 422: problem('A speed or a step that cannot be.') },
});

const clockView = ({ time, speed, paused }: ClockState) => ({ time: new Date(time).toISOString(), speed, paused });

export function serveClock(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(getClockRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    return c.json(clockView(await c.env.CLUSTER.getByName(cluster.id).changeClock({})), 200);
  });
  app.openapi(patchClockRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    return c.json(clockView(await c.env.CLUSTER.getByName(cluster.id).changeClock(c.req.valid('json'))), 200);
  });
}
