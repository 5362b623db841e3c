/** What `/v1/simulate` takes and answers. */

import { DEFAULT_POD_CIDR } from '../clusters/cidr.ts';
import { boundedList, switchMap, textList, textMap } from '../http/bounded.ts';
import { z } from '../zod.ts';

export const MAX_SIMULATED_NODES = 500;
export const MAX_SIMULATED_PODS = 5000;
export const MAX_SIMULATED_OBJECTS = 5000;

const name = z.string().min(1).max(253);
const named = (description: string, example?: string) => name.openapi({ description, ...(example ? { example } : {}) });
const strings = textMap();
/** The one feature gate on which kube-proxy's rules depend. */
const LOCALHOST_GATE = 'KubeProxyNFTablesLocalhostNodePorts';
/** An address or a range, or one of each family. */
const cidr = z.string().max(256);
export const metadata = z
  .looseObject({
    name: named("The object's name.", 'web'),
    namespace: name.optional().openapi({ description: 'Its namespace, if its kind is in one.', example: 'default' }),
    labels: strings.nullish().openapi({ description: 'Its labels.' }),
  })
  .openapi({ description: 'As in Kubernetes.' });
export const part = (description: string) => z.looseObject({}).nullish().openapi({ description });

/** A Kubernetes object; what the question doesn't need may be left out. */
const object = (apiVersion: string, kind: string) =>
  z.looseObject({
    apiVersion: z.literal(apiVersion).default(apiVersion).openapi({ description: "The kind's group and version." }),
    kind: z.literal(kind).default(kind).openapi({ description: 'The kind.' }),
    metadata,
    spec: part('As in Kubernetes.'),
    status: part('As in Kubernetes.'),
  });

const anyObject = z.looseObject({
  apiVersion: z.string().min(1).openapi({ description: "The kind's group and version.", example: 'v1' }),
  kind: z.string().min(1).openapi({ description: 'The kind.', example: 'Service' }),
  metadata,
});

export const scheduleRequest = z
  .strictObject({
    pod: object('v1', 'Pod').openapi({ description: 'The pod that is to be placed.' }),
    nodes: boundedList(object('v1', 'Node'), MAX_SIMULATED_NODES).openapi({ description: 'The nodes there are.' }),
    pods: boundedList(object('v1', 'Pod'), MAX_SIMULATED_PODS)
      .default([])
      .openapi({ description: 'The pods that are there already.' }),
    objects: boundedList(anyObject, MAX_SIMULATED_OBJECTS).default([]).openapi({
      description: 'Anything else that matters: services, claims, volumes, namespaces, priority classes and the like.',
    }),
    seed: z.string().max(64).default('').openapi({ description: 'Settles ties between nodes that are equally good.' }),
  })
  .openapi('ScheduleRequest', { description: 'A pod, and all that the scheduler looks at to place it.' });

const pluginScore = z.object({
  plugin: z.string().openapi({ description: 'The plugin.', example: 'NodeResourcesFit' }),
  raw: z.number().openapi({ description: 'As the plugin counts.' }),
  weighted: z.number().openapi({ description: '0 to 100, times the weight.' }),
});

const nodeExplanation = z.object({
  name: z.string().openapi({ description: "The node's name.", example: 'node-1' }),
  fits: z.boolean().openapi({ description: 'Whether the pod may go there.' }),
  plugin: z.string().optional().openapi({ description: 'The plugin that refused the node.', example: 'NodeAffinity' }),
  reasons: z.array(z.string()).optional().openapi({ description: 'Why it refused.' }),
  resolvable: z.boolean().optional().openapi({ description: 'Whether removing pods could help.' }),
  score: z.int().optional().openapi({ description: 'The sum of what the plugins give it.' }),
  scores: z.array(pluginScore).optional().openapi({ description: 'What each plugin gives it.' }),
});

const victim = z.object({
  namespace: z.string().openapi({ description: "The pod's namespace." }),
  name: z.string().openapi({ description: "The pod's name." }),
});

export const scheduleAnswer = z
  .object({
    node: z.string().nullable().openapi({ description: 'Where the pod goes; null: it must wait.', example: 'node-1' }),
    message: z.string().optional().openapi({
      description: 'Why it must wait, in the words of its condition.',
      example:
        '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    }),
    nominatedNode: z.string().optional().openapi({ description: 'Where preemption makes room for it.' }),
    victims: z.array(victim).optional().openapi({ description: 'The pods that have to leave for that.' }),
    nodes: z.array(nodeExplanation).openapi({ description: 'What became of each node.' }),
  })
  .openapi('ScheduleAnswer', { description: 'Where the pod goes, and why.' });

export const proxyRequest = z
  .strictObject({
    mode: z
      .enum(['iptables', 'nftables'])
      .default('iptables')
      .openapi({ description: 'In which form the rules are written.' }),
    ipFamily: z.enum(['IPv4', 'IPv6']).openapi({ description: 'For which of the families.' }),
    node: z
      .looseObject({
        name: named("The node's name.", 'node-1'),
        ips: textList().openapi({ description: 'Its addresses.', example: ['172.18.0.2'] }),
        labels: strings.optional().openapi({ description: 'Its labels; the zone is among them.' }),
      })
      .openapi({ description: 'The node whose rules are asked for.' }),
    clusterCIDR: cidr.optional().openapi({
      description:
        'The range of the pods, or one of each family with a comma between; without it no traffic is known to be local.',
      example: '10.244.0.0/16',
    }),
    masqueradeAll: z.boolean().optional().openapi({ description: 'Whether all traffic to services is masqueraded.' }),
    localhostNodePorts: z.boolean().optional().openapi({ description: 'Whether node ports answer on the loopback.' }),
    services: boundedList(z.looseObject({ metadata }), MAX_SIMULATED_OBJECTS).openapi({
      description: 'The services there are, as in Kubernetes.',
    }),
    endpointSlices: boundedList(
      z.looseObject({ metadata: z.looseObject({}).openapi({ description: 'As in Kubernetes.' }) }),
      MAX_SIMULATED_OBJECTS,
    ).openapi({ description: 'Their endpoint slices, as in Kubernetes.' }),
    nodePortAddresses: textList().optional().openapi({ description: 'On which ranges node ports answer.' }),
    serviceCIDRs: textList().optional().openapi({ description: 'The ranges of the services.' }),
    nfacct: z.boolean().optional().openapi({ description: 'Whether the kernel has nfacct counters.' }),
    conntrackTCPLiberal: z
      .boolean()
      .optional()
      .openapi({ description: 'Whether conntrack lets odd TCP packets pass.' }),
    masqueradeBit: z
      .int()
      .min(0)
      .max(31)
      .optional()
      .openapi({ description: 'The bit that marks what is masqueraded.' }),
    featureGates: switchMap()
      .refine((gates) => gates[LOCALHOST_GATE] !== true, `${LOCALHOST_GATE} is not simulated, so it cannot be on`)
      .optional()
      .openapi({ description: "kube-proxy's feature gates by name. None that would change its rules can be on." }),
  })
  .openapi('KubeProxyRequest', { description: "kube-proxy's settings, and the objects that it watches." });

/** kube-proxy's rules, in either mode's form. */
export const proxyOutput = z.union([
  z
    .object({
      filter: z.string().openapi({ description: 'The table `filter`.' }),
      nat: z.string().openapi({ description: 'The table `nat`.' }),
    })
    .openapi({
      description: 'iptables: the text of each table, chains by name, rules of shared chains by service.',
    }),
  z.object({ ruleset: z.string().openapi({ description: 'The tables of kube-proxy.' }) }).openapi({
    description: 'nftables: objects by name, rules by chain, elements as sorted lines.',
  }),
]);

export const proxyAnswer = z
  .object({ output: proxyOutput.openapi({ description: 'The rules, in the form of the mode.' }) })
  .openapi('KubeProxyAnswer', { description: 'The rules that kube-proxy has on the node.' });

const cniNode = z.strictObject({
  name: named("The node's name.", 'node-1'),
  podCIDR: cidr.optional().openapi({ description: "Its part of the pods' range; its turn's by default." }),
  reserved: textList().default([]).openapi({ description: 'Addresses in use.' }),
  lastReserved: cidr.optional().openapi({ description: 'The address that was given out last.' }),
});

const cniPod = z.strictObject({
  namespace: name.default('default').openapi({ description: "The pod's namespace." }),
  name: named("The pod's name.", 'web-1'),
  node: named('The node that it is on.', 'node-1'),
});

export const cniRequest = z
  .strictObject({
    podCIDR: cidr.default(DEFAULT_POD_CIDR).openapi({ description: 'Of the cluster; nodes get their parts in turn.' }),
    nodes: boundedList(cniNode, MAX_SIMULATED_NODES).openapi({ description: 'The nodes there are.' }),
    pods: boundedList(cniPod, MAX_SIMULATED_PODS).openapi({
      description: 'The pods, in the order in which they come.',
    }),
  })
  .openapi('CniRequest', { description: 'Nodes, and pods that want an address on them.' });

export const cniAnswer = z
  .object({
    nodes: z
      .array(
        z.object({
          name: z.string().openapi({ description: "The node's name." }),
          podCIDR: z.string().openapi({ description: "Its part of the pods' range." }),
          reserved: z.array(z.string()).openapi({ description: 'The addresses in use afterwards.' }),
          lastReserved: z.string().optional().openapi({ description: 'The address that was given out last.' }),
        }),
      )
      .openapi({ description: 'The nodes afterwards.' }),
    pods: z
      .array(
        z.object({
          namespace: z.string().openapi({ description: "The pod's namespace." }),
          name: z.string().openapi({ description: "The pod's name." }),
          node: z.string().openapi({ description: 'The node that it is on.' }),
          address: z.string().optional().openapi({ description: 'Its address.', example: '10.244.0.2' }),
          gateway: z.string().optional().openapi({ description: 'Its gateway.', example: '10.244.0.1' }),
          cidr: z.string().optional().openapi({ description: 'The range that both are in.', example: '10.244.0.0/24' }),
          error: z.string().optional().openapi({ description: 'Why there is no address.' }),
        }),
      )
      .openapi({ description: 'The pods, in their order.' }),
  })
  .openapi('CniAnswer', { description: 'The addresses that the pods get.' });
