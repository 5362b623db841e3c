/** `/v1/clusters/ID/faults`: machines, members and processes are killed or paused, links cut, and all of it mended. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { isWell } from '../../simulation/faults.ts';
import type { PlatformBindings } from '../bindings.ts';
import { openCluster } from '../directory/access.ts';
import { BODY_REFUSED, jsonBodyOf, REFUSED } from '../http/answers.ts';
import { jsonBody } from '../http/body.ts';
import { ProblemError } from '../http/problem.ts';
import { MAX_NODE_NAME_LENGTH } from '../limits.ts';
import { z } from '../zod.ts';
import { id, SECURITY, timestamp } from './cluster-schemas.ts';
import { MAX_ETCD_MEMBERS } from './etcd-members-schema.ts';
import type { FaultsChange, FaultsState } from './faults-change.ts';

export const MAX_DELAY_MS = 60_000;
export const MIN_SKEW = 0.1;
export const MAX_SKEW = 10;

const given = (value: unknown): boolean => value !== undefined;

const named = (description: string, example: string) =>
  z.string().min(1).max(MAX_NODE_NAME_LENGTH).openapi({ description, example });

const member = named('A member of etcd, by its name.', 'cp-1');
const to = member.optional().openapi({ description: 'The one other member; all of them by default.' });

const target = z
  .strictObject({
    node: named('A node: its machine, with all that runs on it.', 'node-1').optional(),
    member: member.optional(),
    component: named('A part of a control plane, by the name of its pod.', 'kube-scheduler-cp-1').optional(),
    zone: named('All nodes of a zone.', 'a').optional(),
  })
  .refine((one) => Object.values(one).filter(given).length === 1, 'must have one of node, member, component and zone')
  .openapi('FaultTarget', { description: 'One of the things that can break.' });

const milliseconds = z.int().min(1).max(MAX_DELAY_MS).openapi({ description: 'How much longer it takes.' });

const changeSchema = z
  .strictObject({
    kill: target.optional().openapi({ description: 'Ends it, until it is healed.' }),
    pause: target.optional().openapi({ description: 'It stands still, and keeps what it has in memory.' }),
    partition: z.array(z.array(member).min(1).max(MAX_ETCD_MEMBERS)).max(MAX_ETCD_MEMBERS).optional().openapi({
      description:
        'Groups of members that hear of their own group only. Those in none are together. `[]`: all hear of all.',
    }),
    delay: z.strictObject({ member, to, milliseconds }).optional().openapi({ description: 'Messages take longer.' }),
    loss: z
      .strictObject({ member, to, percent: z.int().min(1).max(100).openapi({ description: 'Of all messages.' }) })
      .optional()
      .openapi({ description: 'Messages are lost.' }),
    slowDisk: z.strictObject({ member, milliseconds }).optional().openapi({ description: 'Each write takes longer.' }),
    fullDisk: z.strictObject({ member }).optional().openapi({ description: 'It ends with its next write.' }),
    clockSkew: z
      .strictObject({
        member,
        speed: z.number().min(MIN_SKEW).max(MAX_SKEW).openapi({ description: '1 is right, 2 twice as fast.' }),
      })
      .optional()
      .openapi({ description: 'A clock that goes too fast or too slowly.' }),
    heal: z
      .union([z.literal(true), target], 'must be true, or have one of node, member, component and zone')
      .optional()
      .openapi({ description: 'true: everything; else what is to be mended.' }),
  })
  .refine((change) => Object.values(change).filter(given).length === 1, 'must have one fault, or heal')
  .openapi('FaultsChange', { description: 'One thing that is to break, or to be mended.' });

const broken = (description: string) =>
  z
    .record(
      z.string(),
      z.object({
        how: z.enum(['killed', 'paused']).openapi({ description: 'What has become of it.' }),
        since: timestamp("The cluster's time when it broke."),
      }),
    )
    .openapi({ description });

const faultsSchema = z
  .object({
    nodes: broken('Nodes by their names.'),
    members: broken("etcd's members by their names."),
    components: broken('Parts of control planes by the names of their pods.'),
    partition: z.array(z.array(z.string())).openapi({ description: 'Groups of members that do not hear of others.' }),
    links: z
      .array(
        z.object({
          between: z.array(z.string()).openapi({ description: 'Two members, or one: all of its links.' }),
          delay: z.number().optional().openapi({ description: 'Milliseconds that a message takes longer.' }),
          loss: z.number().optional().openapi({ description: 'How many messages of a hundred are lost.' }),
        }),
      )
      .openapi({ description: 'Links that are worse than they should be.' }),
    disks: z
      .record(
        z.string(),
        z.object({
          slow: z.number().optional().openapi({ description: 'Milliseconds that a write takes longer.' }),
          full: z.boolean().optional().openapi({ description: 'Whether nothing more fits.' }),
        }),
      )
      .openapi({ description: 'Disks of members.' }),
    clocks: z.record(z.string(), z.number()).openapi({ description: "How fast members' clocks go." }),
    healthy: z.boolean().openapi({ description: 'Whether nothing is broken.' }),
    quorum: z.boolean().openapi({ description: 'Whether etcd has a quorum.' }),
    served: z.boolean().openapi({ description: 'Whether clients reach an API server.' }),
    time: timestamp("The cluster's time."),
  })
  .openapi('Faults', { description: 'What is broken in a cluster.' });

const answers = {
  200: { description: 'What is broken.', content: { 'application/json': { schema: faultsSchema } } },
  ...REFUSED,
};

const getFaultsRoute = createRoute({
  method: 'get',
  path: '/v1/clusters/{id}/faults',
  operationId: 'getFaults',
  tags: ['faults'],
  summary: 'What is broken in a cluster',
  security: SECURITY,
  request: { params: z.object({ id }) },
  responses: answers,
});

const changeFaultsRoute = createRoute({
  method: 'post',
  path: '/v1/clusters/{id}/faults',
  operationId: 'changeFaults',
  tags: ['faults'],
  summary: 'Break something in a cluster, or mend it',
  security: SECURITY,
  middleware: jsonBody,
  request: {
    params: z.object({ id }),
    body: jsonBodyOf(changeSchema, true, {
      node: { kill: { node: 'node-1' } },
      partition: { partition: [['cp-1'], ['cp-2', 'cp-3']] },
      heal: { heal: true },
    }),
  },
  responses: { ...answers, ...BODY_REFUSED },
});

const shown = (time: number): string => new Date(time).toISOString();

function faultsView({ faults, time, quorum, served }: FaultsState) {
  const dated = (all: FaultsState['faults']['nodes']) =>
    Object.fromEntries(Object.entries(all).map(([name, { how, since }]) => [name, { how, since: shown(since) }]));
  return {
    ...faults,
    nodes: dated(faults.nodes),
    members: dated(faults.members),
    components: dated(faults.components),
    healthy: isWell(faults),
    quorum,
    served,
    time: shown(time),
  };
}

async function ask(bindings: PlatformBindings, clusterId: string, change: FaultsChange) {
  const answer = await bindings.CLUSTER.getByName(clusterId).faults(change);
  if ('state' in answer) return faultsView(answer.state);
  const { pointer, detail } = answer.problem;
  throw new ProblemError(422, `${pointer}: ${detail}`, [answer.problem]);
}

export function serveFaults(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(getFaultsRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now(), 'view');
    return c.json(await ask(c.env, cluster.id, {}), 200);
  });
  app.openapi(changeFaultsRoute, async (c) => {
    const { cluster } = await openCluster(c.env, c.req.raw, c.req.valid('param').id, Date.now());
    return c.json(await ask(c.env, cluster.id, c.req.valid('json')), 200);
  });
}
