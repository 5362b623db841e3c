/** `/v1/simulate`: the scheduler, pod addressing and kube-proxy on state sent in the body. Nothing is kept, no cluster is needed. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { NodeAddresses, nodePodCIDR } from '../network/cni.ts';
import type { ProxyInput } from '../network/kube-proxy/input.ts';
import { iptables } from '../network/kube-proxy/iptables.ts';
import { nftables } from '../network/kube-proxy/nftables.ts';
import type { KubeObject } from '../resources/object.ts';
import { explainSchedule } from '../scheduler/explain.ts';
import { limitedWork } from '../simulation/work-budget.ts';
import type { PlatformBindings } from './bindings.ts';
import { jsonBody } from './body.ts';
import { boundedList, switchMap, textList, textMap } from './bounded.ts';
import { DEFAULT_POD_CIDR } from './cidr.ts';
import { TOO_MANY } from './cluster-schemas.ts';
import { elsewhere } from './elsewhere.ts';
import { PROBLEM_MEDIA_TYPE, ProblemError, problemSchema } from './problem.ts';
import { answering, checkAmount, checkProxy, limitsOf } from './simulate-limits.ts';

const MAX_SIMULATED_NODES = 500;
const MAX_SIMULATED_PODS = 5000;
const MAX_SIMULATED_OBJECTS = 5000;

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

const REFUSED = {
  400: problem('The body is not JSON.'),
  401: problem('The token is of no cluster.'),
  413: problem('The body is too large.'),
  415: problem('The body has another content type.'),
  422: problem('The body is not what this takes.'),
  429: TOO_MANY,
};

const name = z.string().min(1).max(253);
const strings = textMap();
/** An address or a range, or one of each family. */
const cidr = z.string().max(256);
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
    nodes: boundedList(object('v1', 'Node'), MAX_SIMULATED_NODES),
    pods: boundedList(object('v1', 'Pod'), MAX_SIMULATED_PODS).default([]),
    objects: boundedList(anyObject, MAX_SIMULATED_OBJECTS).default([]).openapi({
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
    node: z.looseObject({ name, ips: textList(), labels: strings.optional() }),
    clusterCIDR: cidr.optional().openapi({ example: '10.244.0.0/16' }),
    masqueradeAll: z.boolean().optional(),
    localhostNodePorts: z.boolean().optional(),
    services: boundedList(z.looseObject({ metadata }), MAX_SIMULATED_OBJECTS),
    endpointSlices: boundedList(z.looseObject({ metadata: z.looseObject({}) }), MAX_SIMULATED_OBJECTS),
    nodePortAddresses: textList().optional(),
    serviceCIDRs: textList().optional(),
    nfacct: z.boolean().optional(),
    conntrackTCPLiberal: z.boolean().optional(),
    masqueradeBit: z.int().min(0).max(31).optional(),
    featureGates: switchMap().optional(),
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
    podCIDR: cidr.default(DEFAULT_POD_CIDR).openapi({ description: 'Of the cluster; nodes get their parts in turn.' }),
    nodes: boundedList(
      z.strictObject({
        name,
        podCIDR: cidr.optional(),
        reserved: textList().default([]).openapi({ description: 'Addresses in use.' }),
        lastReserved: cidr.optional(),
      }),
      MAX_SIMULATED_NODES,
    ),
    pods: boundedList(z.strictObject({ namespace: name.default('default'), name, node: name }), MAX_SIMULATED_PODS),
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
    middleware: [elsewhere, jsonBody] as const,
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

function simulateCni(request: z.output<typeof cniRequest>): z.input<typeof cniAnswer> {
  const networks = new Map<string, { podCIDR: string; addresses: NodeAddresses }>();
  request.nodes.forEach((node, index) => {
    const podCIDR = node.podCIDR ?? nodePodCIDR(request.podCIDR, index);
    if (!podCIDR)
      throw new ProblemError(422, `/nodes/${index}: the pod network has no part for this node.`, [
        { pointer: `/nodes/${index}`, detail: 'the pod network is not a CIDR, or too small' },
      ]);
    const { reserved, lastReserved } = node;
    networks.set(node.name, { podCIDR, addresses: new NodeAddresses({ podCIDR, reserved, lastReserved }) });
  });
  const pods = request.pods.map((pod) => {
    const network = networks.get(pod.node);
    if (!network) return { ...pod, error: `there is no node ${pod.node}` };
    const attachment = network.addresses.add();
    return attachment
      ? { ...pod, ...attachment }
      : { ...pod, error: `no IP addresses available in ${network.podCIDR}` };
  });
  const nodes = [...networks].map(([nodeName, { podCIDR, addresses }]) => ({
    name: nodeName,
    podCIDR,
    reserved: addresses.reserved,
    ...(addresses.lastReserved ? { lastReserved: addresses.lastReserved } : {}),
  }));
  return { nodes, pods };
}

const SCHEDULE_WORK = "The pod's rules, times the nodes and the pods on them,";
const PROXY_WORK = "The services' ports, times their addresses and endpoints,";

export function serveSimulate(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(scheduleRoute, async (c) => {
    const limits = await limitsOf(c);
    const { pod, nodes, pods, objects, seed } = c.req.valid('json');
    const asObjects = (list: unknown[]): KubeObject[] => list as KubeObject[];
    const input = { pod: pod as unknown as KubeObject, nodes: asObjects(nodes), pods: asObjects(pods), seed };
    const work = limitedWork(limits.scheduleSteps);
    return c.json(
      answering(limits, SCHEDULE_WORK, () => explainSchedule({ ...input, objects: asObjects(objects), work })),
      200,
    );
  });

  app.openapi(cniRoute, async (c) => {
    const limits = await limitsOf(c);
    const request = c.req.valid('json');
    const reserved = request.nodes.reduce((total, node) => total + node.reserved.length, 0);
    checkAmount(limits, 'reservedAddresses', reserved, 'reserved addresses');
    return c.json(simulateCni(request), 200);
  });

  app.openapi(proxyRoute, async (c) => {
    const limits = await limitsOf(c);
    const input = c.req.valid('json') as unknown as ProxyInput;
    checkProxy(limits, input);
    const work = limitedWork(limits.proxySteps);
    const output = answering(limits, PROXY_WORK, () =>
      input.mode === 'nftables' ? nftables(input, work) : iptables(input, work),
    );
    return c.json({ output }, 200);
  });
}
