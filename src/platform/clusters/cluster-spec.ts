/** What a cluster is to be: the body of `POST /v1/clusters`, and the `ClusterSpec` that its Durable Object is made from. */
import type { ClusterConfig } from '../../apiserver/storage/storage.ts';
import type { Topology } from '../../kubeadm/topology.ts';
import type { NodeSpec } from '../../objects/node-spec.ts';
import type { Behaviour } from '../../simulation/behaviours.ts';
import { isTime } from '../../simulation/clock.ts';
import { DEFAULT_TTL_SECONDS, MAX_NODES } from '../limits.ts';
import { z } from '../zod.ts';
import { behavioursSchema } from './behaviours-schema.ts';
import { cidrs, DEFAULT_POD_CIDR, DEFAULT_SERVICE_CIDR, nodesWithin } from './cidr.ts';
import { causesSchema, clockSpeed, clusterName, onOrOff, seed, switches, ttl } from './cluster-fields.ts';
import { componentsOf, PROFILES, type Profile } from './components.ts';
import { etcdMembersSchema } from './etcd-members-schema.ts';
import { manifestsSchema } from './manifests.ts';
import { nodeSchema } from './node-schema.ts';
import { controlPlaneNodes, topologyFields, topologyOf, topologyProblems } from './topology-schema.ts';
import { type WebhooksSpec, webhooksSchema } from './webhooks-schema.ts';

/** A cluster's time is `start + (real time - creation) * speed`; a paused one stands until it is stepped. */
export interface ClockSpec {
  /** Milliseconds since 1970 at the cluster's creation. */
  start: number;
  speed: number;
  paused: boolean;
}

export interface ClusterSpec extends ClusterConfig {
  name: string;
  /** Milliseconds since 1970, real time, as is `expiresAt`. */
  createdAt: number;
  expiresAt: number;
  adminTokenHashes: string[];
  nodes: NodeSpec[];
  clock: ClockSpec;
  /** How containers behave; absent in clusters that were made before there were rules, which have the default ones. */
  behaviours?: Behaviour[];
  /** Where webhooks may be called; absent: nowhere. */
  webhooks?: WebhooksSpec;
  /** How many members its etcd has; absent: one. */
  etcdMembers?: number;
  /** How its control plane is laid out; absent: it is not to be seen. */
  topology?: Topology;
  /** false: what caused a write is not kept. */
  causes?: boolean;
  /** When the default objects were made, milliseconds since 1970, if that is not the clock's start: in copies of a cluster. */
  baseTime?: number;
}

/** envtest has a smaller range than a cluster that kubeadm makes. */
const ENVTEST_SERVICE_CIDR = '10.0.0.0/24';

export const DEFAULT_NODES = 3;
export const DEFAULT_CAPACITY = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '500' } as const;
const NODE_PORT_RANGE: [number, number] = [30000, 32767];

/** What Kubernetes' timestamps can say. */
const TIME_PROBLEM = 'must lie in the years 1970 to 9999';

const clock = z.strictObject({
  start: z.iso
    .datetime({ offset: true })
    .refine((text) => isTime(Date.parse(text)), TIME_PROBLEM)
    .optional()
    .openapi({ description: 'The time at creation, in the years 1970 to 9999; now by default.' }),
  speed: clockSpeed.default(1).openapi({ description: 'Times real time.' }),
  paused: onOrOff.default(false).openapi({ description: 'true: time stands until it is stepped.' }),
});

export const clusterRequestSchema = z
  .strictObject({
    name: clusterName.optional().openapi({ description: 'What it is called; its id by default.', example: 'lesson' }),
    profile: z.enum(PROFILES).default('full').openapi({
      description:
        '`api`: an API server with the controllers that it cannot do without, and no nodes. `no-kubelet`: all controllers and the scheduler, but nothing that runs pods.',
    }),
    nodes: z
      .union(
        [z.int().min(0).max(MAX_NODES), z.array(nodeSchema).max(MAX_NODES)],
        'must be a number of nodes or a list of them',
      )
      .optional()
      .openapi({ description: 'How many nodes, or the nodes one by one. Three by default in the profile `full`.' }),
    components: switches.default({}).openapi({
      description:
        'Parts to turn on or off: kube-scheduler, kubelet, kube-proxy, or a controller. Off by default: `local-path-provisioner` (a default StorageClass and the volumes of its claims) and `service-lb-controller` (addresses for Services of the type LoadBalancer). What is not simulated cannot be named.',
    }),
    behaviours: behavioursSchema,
    seed: seed
      .optional()
      .openapi({ description: 'The same seed and the same requests give the same names and addresses.' }),
    clock: clock.optional().openapi({ description: "The cluster's own time; real time by default." }),
    serviceCIDR: cidrs.shape.serviceCIDR.optional().openapi({
      description: `The IPv4 range of the services. By default "${DEFAULT_SERVICE_CIDR}", in the profile \`envtest\` "${ENVTEST_SERVICE_CIDR}".`,
    }),
    podCIDR: cidrs.shape.podCIDR
      .default(DEFAULT_POD_CIDR)
      .openapi({ description: 'The IPv4 range of the pods, of which each node has a part.' }),
    webhooks: webhooksSchema.optional(),
    audit: onOrOff.default(false).openapi({
      description: 'true: what is asked of its API is kept in an audit log, to be read at `/v1/clusters/ID/audit`.',
    }),
    etcdMembers: etcdMembersSchema.optional(),
    ...topologyFields,
    causes: causesSchema.optional(),
    manifests: manifestsSchema.optional(),
    kubeconfig: onOrOff.optional().openapi({ description: 'true: the answer has a kubeconfig in it.' }),
    ttl: ttl.default(DEFAULT_TTL_SECONDS).openapi({ description: 'Seconds until the cluster is gone.' }),
  })
  .superRefine((request, context) => {
    cidrs.apart({ ...request, serviceCIDR: serviceCIDROf(request) }, context);
    for (const problem of topologyProblems(request)) context.addIssue({ code: 'custom', ...problem });
    const controlPlanes = controlPlaneNodes(topologyOf(request), DEFAULT_CAPACITY);
    const list = request.nodes ?? defaultNodes(request.profile);
    const nodes = controlPlanes.length + (typeof list === 'number' ? list : list.length);
    if (nodes > MAX_NODES)
      context.addIssue({
        code: 'custom',
        path: ['nodes'],
        message: `must leave room for ${controlPlanes.length} control planes among ${MAX_NODES} nodes`,
      });
    if (nodes > nodesWithin(request.podCIDR))
      context.addIssue({
        code: 'custom',
        path: ['podCIDR'],
        message: `must have room for ${nodes} nodes; there is room for ${nodesWithin(request.podCIDR)}`,
      });
    const names = new Set<string>(controlPlanes.map(({ name }) => name));
    for (const [index, { name }] of (Array.isArray(request.nodes) ? request.nodes : []).entries()) {
      if (names.has(name))
        context.addIssue({ code: 'custom', path: ['nodes', index, 'name'], message: 'another node has this name' });
      names.add(name);
    }
  })
  .openapi('ClusterRequest', { description: 'What a cluster is to be. All of it is optional.' });

export type ClusterRequest = z.output<typeof clusterRequestSchema>;

const serviceCIDROf = ({ serviceCIDR, profile }: { serviceCIDR?: string | undefined; profile: Profile }): string =>
  serviceCIDR ?? (profile === 'envtest' ? ENVTEST_SERVICE_CIDR : DEFAULT_SERVICE_CIDR);

const defaultNodes = (profile: Profile): number => (profile === 'full' ? DEFAULT_NODES : 0);

function nodesOf(request: ClusterRequest): NodeSpec[] {
  const nodes = request.nodes ?? defaultNodes(request.profile);
  const list = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, i) => bareNode(`node-${i + 1}`)) : nodes;
  return [
    ...controlPlaneNodes(topologyOf(request), DEFAULT_CAPACITY),
    ...list.map((given) => ({ ...given, capacity: { ...DEFAULT_CAPACITY, ...given.capacity } })),
  ];
}

const bareNode = (name: string): NodeSpec => ({ name, capacity: {}, labels: {}, taints: [] });

/** What a control plane that is to be seen was made before the cluster's beginning: it begins when all of it is up, milliseconds. */
export const MADE_BEFORE_MS = 30_000;

/** What kubeadm's controller manager runs beyond others'. */
export const TOPOLOGY_COMPONENTS = { 'bootstrap-signer-controller': true, 'token-cleaner-controller': true };

function topologyPart(request: ClusterRequest, start: number): Pick<ClusterSpec, 'components'> & Partial<ClusterSpec> {
  const topology = topologyOf(request);
  if (!topology) return { components: componentsOf(request.profile, request.components) };
  return {
    components: componentsOf(request.profile, { ...TOPOLOGY_COMPONENTS, ...request.components }),
    topology,
    etcdMembers: topology.etcdMembers,
    baseTime: start - MADE_BEFORE_MS,
  };
}

/** The whole specification of a new cluster. `now` is real time in milliseconds. */
export function clusterSpec(request: ClusterRequest, id: string, tokenHash: string, now: number): ClusterSpec {
  const start = request.clock?.start ? Date.parse(request.clock.start) : now;
  return {
    id,
    name: request.name ?? id,
    createdAt: now,
    expiresAt: now + request.ttl * 1000,
    adminTokenHashes: [tokenHash],
    seed: request.seed ?? id,
    serviceCIDR: serviceCIDROf(request),
    podCIDR: request.podCIDR,
    nodePortRange: NODE_PORT_RANGE,
    nodes: nodesOf(request),
    behaviours: request.behaviours,
    ...(request.webhooks ? { webhooks: request.webhooks } : {}),
    ...(request.audit ? { audit: true } : {}),
    ...(request.etcdMembers ? { etcdMembers: request.etcdMembers } : {}),
    ...topologyPart(request, start),
    ...(request.causes === false ? { causes: false } : {}),
    clock: {
      start,
      speed: request.clock?.speed ?? 1,
      paused: request.clock?.paused ?? false,
    },
  };
}
