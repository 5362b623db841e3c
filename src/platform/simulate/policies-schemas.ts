/** What `/v1/simulate/policies` takes and answers. */
import { MAX_PORT } from '../../network/packet/packet.ts';
import { boundedList } from '../http/bounded.ts';
import { z } from '../zod.ts';
import { MAX_SIMULATED_OBJECTS, MAX_SIMULATED_PODS, metadata, part } from './schemas.ts';

/** Ports that are asked of each pod. */
export const MAX_MATRIX_PORTS = 100;

const protocol = z.enum(['TCP', 'UDP', 'SCTP']);
const object = (description: string) =>
  z
    .looseObject({ metadata, spec: part('As in Kubernetes.'), status: part('As in Kubernetes.') })
    .openapi({ description });

export const policiesRequest = z
  .strictObject({
    pods: boundedList(object('A pod; its labels, ports and addresses matter.'), MAX_SIMULATED_PODS).openapi({
      description: 'The pods there are.',
    }),
    namespaces: boundedList(z.looseObject({ metadata }), MAX_SIMULATED_OBJECTS)
      .default([])
      .openapi({ description: 'Their namespaces; one that is missing has no labels but its name.' }),
    policies: boundedList(object('A NetworkPolicy.'), MAX_SIMULATED_OBJECTS).openapi({
      description: 'The NetworkPolicies there are.',
    }),
    ports: boundedList(
      z.strictObject({
        protocol: protocol.default('TCP').openapi({ description: 'The protocol.' }),
        port: z.int().min(1).max(MAX_PORT).openapi({ description: 'The port.', example: 80 }),
      }),
      MAX_MATRIX_PORTS,
    )
      .optional()
      .openapi({
        description:
          'The ports that are asked of each pod. Without them those that its containers have, and TCP 80 where they have none.',
      }),
  })
  .openapi('PoliciesRequest', { description: 'Pods, and the policies that are about them.' });

const ruleOf = {
  policy: z.string().openapi({ description: 'The policy.', example: 'default/web' }),
  rule: z.int().openapi({ description: "The rule's place in it, from 1." }),
};

export const direction = z.object({
  allowed: z.boolean().openapi({ description: 'Whether it passes in this direction.' }),
  exempt: z
    .enum(['self', 'node', 'hostNetwork', 'notAPod'])
    .optional()
    .openapi({ description: 'Why no policy is asked.' }),
  selectedBy: z
    .array(z.string())
    .openapi({ description: 'The policies that select the pod.', example: ['default/web'] }),
  allowedBy: z.object(ruleOf).optional().openapi({ description: 'The rule that allows it, from 1.' }),
  missed: z
    .array(
      z.object({
        ...ruleOf,
        because: z.enum(['peer', 'port']).openapi({ description: 'Which part of the rule does not fit.' }),
      }),
    )
    .openapi({ description: 'Where nothing allows it: what each rule is not about.' }),
});

export const policiesAnswer = z
  .object({
    pods: z.array(z.string()).openapi({ description: 'The pods, as `namespace/name`.', example: ['default/web'] }),
    verdicts: z
      .array(
        z.object({
          allowed: z.boolean().openapi({ description: 'Whether the connection comes about.' }),
          reason: z.string().openapi({
            description: 'Why.',
            example: 'egress: allowed, no policy selects the pod; ingress: allowed by rule 1 of default/web',
          }),
          egress: direction.openapi({ description: 'What policies of the sender say.' }),
          ingress: direction.openapi({ description: 'What policies of the receiver say.' }),
        }),
      )
      .openapi({ description: 'Each different verdict once.' }),
    rows: z
      .array(
        z.object({
          to: z.string().openapi({ description: 'The pod that is sent to.', example: 'default/web' }),
          protocol: protocol.openapi({ description: 'The protocol.' }),
          port: z.int().openapi({ description: 'The port.' }),
          from: z.array(z.int()).openapi({
            description: 'For each of `pods`, in their order, the place of its verdict in `verdicts`, from 0.',
          }),
        }),
      )
      .openapi({ description: 'A row for each port of each pod.' }),
  })
  .openapi('PoliciesAnswer', { description: 'Who reaches whom on which port, and why.' });
