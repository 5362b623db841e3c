/** What a trace on a cluster takes and answers. */
import { MAX_PORT } from '../../network/packet/packet.ts';
import { direction } from '../simulate/policies-schemas.ts';
import { ruleMetFields } from '../simulate/trace-schemas.ts';
import { z } from '../zod.ts';

/** Characters of an end: a namespace and a name with what stands before them. */
export const MAX_END = 330;

const end = (description: string, example: string) => z.string().min(1).max(MAX_END).openapi({ description, example });

export const clusterTraceRequest = z
  .strictObject({
    from: end(
      'Who connects: a pod as `namespace/name`, a node by its name or as `node/name`, an address, or `outside`.',
      'default/client',
    ),
    to: end(
      'Who is meant: the same, a Service as `svc/namespace/name`, or a name that the pod asks DNS for, as `dns/web`.',
      'svc/default/web',
    ),
    port: z
      .union([z.int().min(0).max(MAX_PORT), z.string().min(1).max(63)])
      .optional()
      .openapi({
        description: "The port, or the name of a Service's or pod's port. Without it the first one that it has.",
        example: 80,
      }),
    protocol: z
      .enum(['TCP', 'UDP', 'SCTP', 'ICMP'])
      .default('TCP')
      .openapi({ description: 'The protocol.', example: 'TCP' }),
    family: z
      .enum(['IPv4', 'IPv6'])
      .optional()
      .openapi({ description: "Which of the target's addresses. Without it the first that the sender can use." }),
    seed: z
      .string()
      .max(64)
      .default('')
      .openapi({ description: 'What chance is drawn from: another seed, another way.' }),
  })
  .openapi('ClusterTraceRequest', { description: 'A connection that is tried out.' });

const verdict = z.enum(['accepted', 'refused', 'dropped', 'unreachable']);

const cause = z
  .object({
    kind: z.enum(['Service', 'EndpointSlice']).openapi({ description: 'Its kind.' }),
    namespace: z.string().openapi({ description: 'Its namespace.', example: 'default' }),
    name: z.string().openapi({ description: 'Its name.', example: 'web' }),
    port: z.string().optional().openapi({ description: "The Service's port by its name." }),
    endpoint: z.string().optional().openapi({ description: 'The endpoint that is meant.' }),
  })
  .openapi('RuleCause', { description: 'The object that a rule is there for.' });

const policies = z.object({
  allowed: z.boolean().openapi({ description: 'Whether they let it through.' }),
  egress: direction.openapi({ description: "What the sender's policies say." }),
  ingress: direction.openapi({ description: "What the receiver's policies say." }),
  reason: z.string().openapi({ description: 'Both in words.' }),
});

const hop = z.object({
  at: z
    .object({
      kind: z.enum(['pod', 'node', 'outside']).openapi({ description: 'What it is.' }),
      name: z.string().openapi({ description: 'Its name.', example: 'node-1' }),
    })
    .openapi({ description: 'The network namespace.' }),
  receivedOn: z.string().optional().openapi({ description: 'Where it comes in.', example: 'eth0' }),
  before: z.string().openapi({ description: 'The packet as it comes.' }),
  after: z.string().openapi({ description: 'The packet as it leaves.' }),
  route: z.string().optional().openapi({ description: 'How it goes on.', example: 'default via 10.244.0.1 dev eth0' }),
  scanned: z.int().optional().openapi({ description: 'How many rules the kernel looks at.' }),
  rules: z
    .array(z.object({ ...ruleMetFields, cause: cause.optional() }))
    .openapi({ description: 'The rules that hold for it, in their order.' }),
  policies: policies.optional().openapi({ description: 'What network policies say, where they are asked.' }),
});

const outcome = z.object({
  probability: z.number().openapi({ description: 'How likely it is.' }),
  verdict: verdict.openapi({ description: 'What becomes of the connection.' }),
  at: z.string().optional().openapi({ description: 'The pod or node that is reached.' }),
  destination: z.string().openapi({ description: 'The address and port that are reached.' }),
});

const record = z.object({
  name: z.string().openapi({ description: 'Whose it is.' }),
  type: z.string().openapi({ description: 'Its type.', example: 'A' }),
  ttl: z.int().openapi({ description: 'Seconds for which it holds.' }),
  data: z.string().openapi({ description: 'What it says.', example: '10.96.0.10' }),
});

const name = z.object({
  question: z.string().openapi({ description: 'The name that was found.', example: 'web.default.svc.cluster.local.' }),
  tried: z.array(z.string()).openapi({ description: 'The names that were tried, in their order.' }),
  answers: z.array(record).openapi({ description: 'The records.' }),
});

export const clusterTraceAnswer = z
  .object({
    name: name.optional().openapi({ description: 'What DNS says, where the target is a name.' }),
    verdict: verdict.openapi({
      description:
        'What becomes of it: a program has it, an answer says no, there is no answer, or there is no way to the target.',
    }),
    because: z.string().openapi({ description: 'Why.', example: 'default/web-1 listens on tcp 8080' }),
    pod: z.string().optional().openapi({ description: 'The pod that is reached.', example: 'default/web-1' }),
    node: z.string().optional().openapi({ description: 'The node that is reached.' }),
    destination: z.string().openapi({ description: 'The address and port in the end.', example: '10.244.0.5:8080' }),
    source: z.string().openapi({ description: 'As whom the other end sees the sender.', example: '10.244.1.7:32768' }),
    scanned: z.int().openapi({ description: 'How many rules the kernels on the way look at.' }),
    hops: z.array(hop).openapi({ description: 'The network namespaces on the way.' }),
    outcomes: z.array(outcome).openapi({ description: 'All that chance may do, the most likely first.' }),
  })
  .openapi('ClusterTraceAnswer', { description: 'What becomes of the connection, and its way.' });
