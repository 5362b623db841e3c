/** What `/v1/simulate/trace` takes and answers. */
import { MAX_PORT } from '../../network/packet/packet.ts';
import { z } from '../zod.ts';
import { proxyOutput, proxyRequest } from './schemas.ts';

/** Ways that chance can go, of which so many are explained. */
export const MAX_EXPLAINED_OUTCOMES = 100;

const address = (description: string, example: string) => z.string().min(1).max(64).openapi({ description, example });
const label = z.string().max(64).optional();

const packet = z
  .strictObject({
    from: label.openapi({
      description: '`node` for what the node sends itself; without it that is told by the address.',
      example: 'localPod',
    }),
    src: address('Its source.', '10.244.1.7'),
    to: label.openapi({ description: 'What it is meant for, which nothing depends on.', example: 'clusterIP' }),
    dst: address('Its destination.', '10.96.0.10'),
    dport: z.int().min(0).max(MAX_PORT).openapi({ description: 'The port that it is for.', example: 80 }),
    proto: z
      .enum(['tcp', 'udp', 'sctp', 'icmp', 'icmpv6'])
      .default('tcp')
      .openapi({ description: 'Its protocol.', example: 'tcp' }),
  })
  .openapi('TracedPacket', { description: 'The first packet of a connection, as it comes to the node.' });

export const traceRequest = z
  .strictObject({
    input: proxyRequest,
    packet,
    rules: z
      .union([z.string(), proxyOutput])
      .optional()
      .openapi({ description: "Rules in place of kube-proxy's: as iptables-save prints them, or as nft takes them." }),
    explain: z.boolean().default(false).openapi({ description: 'Whether each rule that the packet meets is told.' }),
  })
  .openapi('TraceRequest', { description: 'A node, and a packet that comes to it.' });

export const ruleMetFields = {
  hook: z
    .enum(['prerouting', 'input', 'forward', 'output', 'postrouting'])
    .openapi({ description: 'Where in the kernel.' }),
  table: z.string().openapi({ description: 'The table.', example: 'nat' }),
  chain: z.string().openapi({ description: 'The chain.', example: 'KUBE-SERVICES' }),
  place: z.int().openapi({ description: "The rule's place in its chain, from 1; 0 for the chain's policy." }),
  rule: z.string().optional().openapi({ description: 'The rule, as it is written.' }),
  line: z.int().optional().openapi({ description: 'Its line in the text, from 1.' }),
  action: z.string().openapi({ description: 'What it does.', example: 'dnat to 10.244.0.5:8080' }),
  probability: z.number().optional().openapi({ description: 'How likely that is, where chance decides.' }),
  after: z.string().optional().openapi({ description: 'The packet afterwards, where the rule changes it.' }),
};

const ruleMet = z.object(ruleMetFields).openapi('RuleMet', { description: 'A rule that holds for a packet.' });

const outcome = z.object({
  probability: z.number().openapi({ description: 'How likely it is.' }),
  verdict: z.enum(['accept', 'drop', 'reject', 'noRoute']).openapi({ description: 'What becomes of the packet.' }),
  rejectWith: z.string().optional().openapi({ description: 'How it is refused.', example: 'icmp-port-unreachable' }),
  packet: z.string().openapi({ description: 'The packet at the end.' }),
  scanned: z.int().openapi({ description: 'How many rules the kernel looks at.' }),
  rules: z.array(ruleMet).openapi({ description: 'The rules that hold for it, in their order.' }),
});

export const traceAnswer = z
  .object({
    packet,
    verdict: z.enum(['ACCEPT', 'DNAT', 'REJECT', 'DROP']).openapi({
      description: 'What becomes of it: it passes as it is, goes on to one of the candidates, or does not.',
    }),
    candidates: z.array(z.string()).openapi({ description: 'Where chance may send it.', example: ['10.244.0.5:8080'] }),
    snat: z
      .boolean()
      .nullable()
      .openapi({ description: "Whether its source becomes the node's; null: for some candidates only." }),
    snatCandidates: z.array(z.string()).optional().openapi({ description: 'For which of the candidates.' }),
    outcomes: z.array(outcome).optional().openapi({ description: 'Each way that chance can go, if `explain` is set.' }),
  })
  .openapi('TraceAnswer', { description: 'What the rules of the node do to the packet.' });
