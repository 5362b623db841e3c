/** `/v1/simulate`: the scheduler, pod addressing and kube-proxy on state sent in the body. Nothing is kept, no cluster is needed. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { addNetwork, type NetworkState, nodePodCIDR } from '../network/cni.ts';
import type { ProxyInput } from '../network/kube-proxy/input.ts';
import { iptables } from '../network/kube-proxy/iptables.ts';
import { nftables } from '../network/kube-proxy/nftables.ts';
import type { KubeObject } from '../resources/object.ts';
import { explainSchedule } from '../scheduler/explain.ts';
import type { PlatformBindings } from './bindings.ts';
import { jsonBody } from './body.ts';
import { DEFAULT_POD_CIDR } from './cidr.ts';
import { PROBLEM_MEDIA_TYPE, ProblemError, problemSchema } from './problem.ts';

const MAX_SIMULATED_NODES = 500;
const MAX_SIMULATED_PODS = 5000;
const MAX_SIMULATED_OBJECTS = 5000;

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

const REFUSED = {
  400: problem('The body is not JSON.'),
  413: problem('The body is too large.'),
  415: problem('The body has another content type.'),
  422: problem('The body is not what this takes.'),
};

const name = z.string().min(1).max(253);
const strings = z.record(z.string(), z.string());
const metadata = z.looseObject({ name, namespace: name.optional(), labels: strings.nullish() });

/** A Kubernetes object; what the question doesn't need may be left out. */
const object = (apiVersion: string, kind: string) =>
  z.looseObject({
    apiVersion: z.literal(apiVersion).default(apiVersion),
    kind: z.literal(kind).default(kind),
    metadata,
    spec: z.looseObject({}).nullish(),
    status: z.looseObject({}).nullish(),
  });

const anyObject = z.looseObject({ apiVersion: z.string().min(1), kind: z.string().min(1), metadata });

const scheduleRequest = z
  .strictObject({
    pod: object('v1', 'Pod'),
    nodes: z.array(object('v1', 'Node')).max(MAX_SIMULATED_NODES),
    pods: z.array(object('v1', 'Pod')).max(MAX_SIMULATED_PODS).default([]),
    objects: z.array(anyObject).max(MAX_SIMULATED_OBJECTS).default([]).openapi({
      description: 'Anything else that matters: services, claims, volumes, namespaces, priority classes and the like.',
    }),
    seed: z.string().max(64).default('').openapi({ description: 'Settles ties between nodes that are equally good.' }),
  })
  .openapi('ScheduleRequest');

const nodeExplanation = z.object({
  name: z.string(),
  fits: z.boolean(),
  plugin: z.string().optional().openapi({ description: 'The plugin that refused the node.' }),
  reasons: z.array(z.string()).optional(),
  resolvable: z.boolean().optional().openapi({ description: 'Whether removing pods could help.' }),
  score: z.int().optional(),
  scores: z
    .array(
      z.object({
        plugin: z.string(),
        raw: z.number().openapi({ description: 'As the plugin counts.' }),
        weighted: z.number().openapi({ description: '0 to 100, times the weight.' }),
      }),
    )
    .optional(),
});

const scheduleAnswer = z
  .object({
    node: z.string().nullable().openapi({ description: 'Null: the pod must wait.' }),
    message: z.string().optional().openapi({
      example:
        '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    }),
    nominatedNode: z.string().optional(),
    victims: z.array(z.object({ namespace: z.string(), name: z.string() })).optional(),
    nodes: z.array(nodeExplanation),
  })
  .openapi('ScheduleAnswer');

const proxyRequest = z
  .strictObject({
    mode: z.enum(['iptables', 'nftables']).default('iptables'),
    ipFamily: z.enum(['IPv4', 'IPv6']),
    node: z.looseObject({ name, ips: z.array(z.string()), labels: strings.optional() }),
    clusterCIDR: z.string().optional().openapi({ example: '10.244.0.0/16' }),
    masqueradeAll: z.boolean().optional(),
    localhostNodePorts: z.boolean().optional(),
    services: z.array(z.looseObject({ metadata })).max(MAX_SIMULATED_OBJECTS),
    endpointSlices: z.array(z.looseObject({ metadata: z.looseObject({}) })).max(MAX_SIMULATED_OBJECTS),
    nodePortAddresses: z.array(z.string()).optional(),
    serviceCIDRs: z.array(z.string()).optional(),
    nfacct: z.boolean().optional(),
    conntrackTCPLiberal: z.boolean().optional(),
    masqueradeBit: z.int().min(0).max(31).optional(),
    featureGates: z.record(z.string(), z.boolean()).optional(),
  })
  .openapi('KubeProxyRequest');

const proxyAnswer = z
  .object({
    output: z.union([
      z.object({ filter: z.string(), nat: z.string() }).openapi({
        description: 'iptables: the text of each table, chains by name, rules of shared chains by service.',
      }),
      z.object({ ruleset: z.string() }).openapi({
        description: 'nftables: objects by name, rules by chain, elements as sorted lines.',
      }),
    ]),
  })
  .openapi('KubeProxyAnswer');

const cniRequest = z
  .strictObject({
    podCIDR: z
      .string()
      .default(DEFAULT_POD_CIDR)
      .openapi({ description: 'Of the cluster; nodes get their parts in turn.' }),
    nodes: z
      .array(
        z.strictObject({
          name,
          podCIDR: z.string().optional(),
          reserved: z.array(z.string()).default([]).openapi({ description: 'Addresses in use.' }),
          lastReserved: z.string().optional(),
        }),
      )
      .max(MAX_SIMULATED_NODES),
    pods: z.array(z.strictObject({ namespace: name.default('default'), name, node: name })).max(MAX_SIMULATED_PODS),
  })
  .openapi('CniRequest');

const cniAnswer = z
  .object({
    nodes: z.array(
      z.object({
        name: z.string(),
        podCIDR: z.string(),
        reserved: z.array(z.string()),
        lastReserved: z.string().optional(),
      }),
    ),
    pods: z.array(
      z.object({
        namespace: z.string(),
        name: z.string(),
        node: z.string(),
        address: z.string().optional(),
        gateway: z.string().optional(),
        cidr: z.string().optional(),
        error: z.string().optional().openapi({ description: 'Why there is no address.' }),
      }),
    ),
  })
  .openapi('CniAnswer');

function simulateRoute<Request extends z.ZodType, Answer extends z.ZodType>(
  what: { path: `/v1/simulate/${string}`; operationId: string; summary: string; answers: string },
  request: Request,
  answer: Answer,
) {
  const { answers, ...named } = what;
  return createRoute({
    method: 'post',
    ...named,
    middleware: jsonBody,
    request: { body: { required: true, content: { 'application/json': { schema: request } } } },
    responses: { 200: { description: answers, content: { 'application/json': { schema: answer } } }, ...REFUSED },
  });
}

const scheduleRoute = simulateRoute(
  {
    path: '/v1/simulate/schedule',
    operationId: 'simulateSchedule',
    summary: 'Where the scheduler would put a pod, and why',
    answers: 'The node or the refusal, with what each plugin thought of each node.',
  },
  scheduleRequest,
  scheduleAnswer,
);

const cniRoute = simulateRoute(
  {
    path: '/v1/simulate/cni',
    operationId: 'simulateCni',
    summary: 'The addresses that pods would get, in the order given',
    answers: 'The addresses, and what is reserved on each node afterwards.',
  },
  cniRequest,
  cniAnswer,
);

const proxyRoute = simulateRoute(
  {
    path: '/v1/simulate/kube-proxy',
    operationId: 'simulateKubeProxy',
    summary: 'The rules that kube-proxy would write on a node',
    answers: 'The rules.',
  },
  proxyRequest,
  proxyAnswer,
);

/** Deep inside an object anything may be of the wrong type; what then fails is the request, not the server. */
function answering<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError(
      422,
      `An object in the body has not the shape that its kind has: ${(error as Error).message}`,
    );
  }
}

function simulateCni(request: z.output<typeof cniRequest>): z.input<typeof cniAnswer> {
  const states = new Map<string, NetworkState>();
  request.nodes.forEach((node, index) => {
    const podCIDR = node.podCIDR ?? nodePodCIDR(request.podCIDR, index);
    if (!podCIDR)
      throw new ProblemError(422, `/nodes/${index}: the pod network has no part for this node.`, [
        { pointer: `/nodes/${index}`, detail: 'the pod network is not a CIDR, or too small' },
      ]);
    states.set(node.name, { podCIDR, reserved: node.reserved, lastReserved: node.lastReserved });
  });
  const pods = request.pods.map((pod) => {
    const state = states.get(pod.node);
    if (!state) return { ...pod, error: `there is no node ${pod.node}` };
    const attachment = addNetwork(state);
    if (!attachment) return { ...pod, error: `no IP addresses available in ${state.podCIDR}` };
    const { address } = attachment;
    states.set(pod.node, { ...state, reserved: [...state.reserved, address], lastReserved: address });
    return { ...pod, ...attachment };
  });
  const nodes = [...states].map(([nodeName, { podCIDR, reserved, lastReserved }]) => ({
    name: nodeName,
    podCIDR,
    reserved: [...reserved],
    ...(lastReserved ? { lastReserved } : {}),
  }));
  return { nodes, pods };
}

export function serveSimulate(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(scheduleRoute, (c) => {
    const { pod, nodes, pods, objects, seed } = c.req.valid('json');
    const asObjects = (list: unknown[]): KubeObject[] => list as KubeObject[];
    const input = { pod: pod as unknown as KubeObject, nodes: asObjects(nodes), pods: asObjects(pods), seed };
    return c.json(
      answering(() => explainSchedule({ ...input, objects: asObjects(objects) })),
      200,
    );
  });

  app.openapi(cniRoute, (c) => c.json(simulateCni(c.req.valid('json')), 200));

  app.openapi(proxyRoute, (c) => {
    const input = c.req.valid('json') as unknown as ProxyInput;
    return c.json({ output: answering(() => (input.mode === 'nftables' ? nftables(input) : iptables(input))) }, 200);
  });
}
