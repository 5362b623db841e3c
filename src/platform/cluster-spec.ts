/** What a cluster is to be: the body of `POST /v1/clusters`, and the `ClusterSpec` that its Durable Object is made from. */
import { z } from '@hono/zod-openapi';
import type { ClusterConfig } from '../apiserver/storage.ts';
import { cidrProblem, cidrsOverlap, POD_PREFIX, SERVICE_PREFIX } from './cidr.ts';
import { componentName, componentsOf, PROFILES } from './components.ts';
import {
  DEFAULT_TTL_SECONDS,
  MAX_CLOCK_SPEED,
  MAX_NAME_LENGTH,
  MAX_NODE_LABELS,
  MAX_NODE_RESOURCES,
  MAX_NODE_TAINTS,
  MAX_NODES,
  MAX_SEED_LENGTH,
  MAX_TTL_SECONDS,
  MIN_TTL_SECONDS,
} from './limits.ts';

export interface NodeSpec {
  name: string;
  /** Quantities by resource name, e.g. `{cpu: '16', memory: '64Gi', pods: '500'}`. */
  capacity: Record<string, string>;
  labels: Record<string, string>;
  taints: { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
}

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
  /** When the default objects were made, milliseconds since 1970, if that is not the clock's start: in copies of a cluster. */
  baseTime?: number;
}

export const DEFAULT_NODES = 3;
export const DEFAULT_CAPACITY = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '500' } as const;
export const DEFAULT_SERVICE_CIDR = '10.96.0.0/16';
export const DEFAULT_POD_CIDR = '10.244.0.0/16';
const NODE_PORT_RANGE: [number, number] = [30000, 32767];

const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUANTITY = /^\+?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?\d+)?$/;

/** `name` or `example.com/name`, as labels, taints and extended resources are named. */
function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts.pop()!;
  if (name.length > 63 || !LABEL_NAME.test(name) || parts.length > 1) return false;
  const prefix = parts[0];
  return prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
}

const qualifiedName = z.string().refine(isQualifiedName, 'must be a qualified name, e.g. zone or example.com/zone');
const labelValue = z
  .string()
  .max(63)
  .refine((text) => text === '' || LABEL_NAME.test(text), 'must be a label value: letters, digits, -, _ and .');
const quantity = z
  .union([z.string(), z.number().nonnegative()])
  .transform(String)
  .refine((text) => QUANTITY.test(text), 'must be a quantity, e.g. 2, 500m or 64Gi');

const atMost = (limit: number, what: string) => ({
  check: (entries: object) => Object.keys(entries).length <= limit,
  message: `must have at most ${limit} ${what}`,
});
const labelsLimit = atMost(MAX_NODE_LABELS, 'labels');
const resourcesLimit = atMost(MAX_NODE_RESOURCES, 'resources');

const taint = z.strictObject({
  key: qualifiedName,
  value: labelValue.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const node = z.strictObject({
  name: z.string().max(253).regex(SUBDOMAIN, 'must be a DNS subdomain, e.g. node-1'),
  capacity: z.record(qualifiedName, quantity).refine(resourcesLimit.check, resourcesLimit.message).default({}),
  labels: z.record(qualifiedName, labelValue).refine(labelsLimit.check, labelsLimit.message).default({}),
  taints: z.array(taint).max(MAX_NODE_TAINTS).default([]),
});

const clock = z.strictObject({
  start: z.iso.datetime({ offset: true }).optional().openapi({ description: 'The time at creation; now by default.' }),
  speed: z.number().positive().max(MAX_CLOCK_SPEED).default(1).openapi({ description: 'Times real time.' }),
  paused: z.boolean().default(false),
});

const cidr = (prefix: { min: number; max: number }) =>
  z.string().superRefine((text, context) => {
    const problem = cidrProblem(text, prefix);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

export const clusterRequestSchema = z
  .strictObject({
    name: z.string().max(MAX_NAME_LENGTH).regex(SUBDOMAIN, 'must be a DNS subdomain').optional(),
    profile: z.enum(PROFILES).default('full'),
    nodes: z
      .union([z.int().min(0).max(MAX_NODES), z.array(node).max(MAX_NODES)], {
        error: (issue) =>
          Array.isArray(issue.input) || typeof issue.input === 'number'
            ? undefined
            : 'must be a number of nodes or a list of them',
      })
      .optional()
      .openapi({ description: 'How many nodes, or the nodes one by one. Three by default in the profile `full`.' }),
    components: z
      .record(z.string(), z.boolean())
      .superRefine((components, context) => {
        for (const name of Object.keys(components))
          if (componentName(name) === undefined)
            context.addIssue({ code: 'custom', path: [name], message: 'no component has this name' });
      })
      .default({})
      .openapi({ description: 'Parts to turn on or off: kube-scheduler, kubelet, kube-proxy, or a controller.' }),
    seed: z
      .union([z.string().min(1).max(MAX_SEED_LENGTH), z.int()])
      .transform(String)
      .optional()
      .openapi({ description: 'The same seed and the same requests give the same names and addresses.' }),
    clock: clock.optional(),
    serviceCIDR: cidr(SERVICE_PREFIX).default(DEFAULT_SERVICE_CIDR),
    podCIDR: cidr(POD_PREFIX).default(DEFAULT_POD_CIDR),
    ttl: z
      .int()
      .min(MIN_TTL_SECONDS)
      .max(MAX_TTL_SECONDS)
      .default(DEFAULT_TTL_SECONDS)
      .openapi({ description: 'Seconds until the cluster is gone.' }),
  })
  .superRefine((request, context) => {
    if (cidrsOverlap(request.serviceCIDR, request.podCIDR))
      context.addIssue({ code: 'custom', path: ['podCIDR'], message: 'must not overlap with serviceCIDR' });
    const names = new Set<string>();
    for (const [index, { name }] of (Array.isArray(request.nodes) ? request.nodes : []).entries()) {
      if (names.has(name))
        context.addIssue({ code: 'custom', path: ['nodes', index, 'name'], message: 'another node has this name' });
      names.add(name);
    }
  })
  .openapi('ClusterRequest');

export type ClusterRequest = z.output<typeof clusterRequestSchema>;

function nodesOf(request: ClusterRequest): NodeSpec[] {
  const nodes = request.nodes ?? (request.profile === 'full' ? DEFAULT_NODES : 0);
  const list = typeof nodes === 'number' ? Array.from({ length: nodes }, (_, i) => bareNode(`node-${i + 1}`)) : nodes;
  return list.map((given) => ({ ...given, capacity: { ...DEFAULT_CAPACITY, ...given.capacity } }));
}

const bareNode = (name: string): NodeSpec => ({ name, capacity: {}, labels: {}, taints: [] });

/** The whole specification of a new cluster. `now` is real time in milliseconds. */
export function clusterSpec(request: ClusterRequest, id: string, tokenHash: string, now: number): ClusterSpec {
  return {
    id,
    name: request.name ?? id,
    createdAt: now,
    expiresAt: now + request.ttl * 1000,
    adminTokenHashes: [tokenHash],
    seed: request.seed ?? id,
    serviceCIDR: request.serviceCIDR,
    podCIDR: request.podCIDR,
    nodePortRange: NODE_PORT_RANGE,
    components: componentsOf(request.profile, request.components),
    nodes: nodesOf(request),
    clock: {
      start: request.clock?.start ? Date.parse(request.clock.start) : now,
      speed: request.clock?.speed ?? 1,
      paused: request.clock?.paused ?? false,
    },
  };
}
