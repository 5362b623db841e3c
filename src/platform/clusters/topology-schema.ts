/** The fields of a cluster's making that say how its control plane is laid out, and what comes of them. */

import {
  CONTROL_PLANE_LABELS,
  CONTROL_PLANE_TAINT,
  controlPlaneHosts,
  TOPOLOGIES,
  type Topology,
} from '../../kubeadm/topology.ts';
import type { NodeSpec } from '../../objects/node-spec.ts';
import { z } from '../zod.ts';
import { onOrOff } from './cluster-fields.ts';
import { etcdMembersSchema } from './etcd-members-schema.ts';

export const MAX_CONTROL_PLANES = 9;
/** Of what has several. */
const DEFAULT_SEVERAL = 3;

export const topologyFields = {
  topology: z.enum(TOPOLOGIES).optional().openapi({
    description:
      'The control plane that kubeadm would make: `single`, `stacked` (an etcd member on each control plane) or `external` (etcd on machines of its own). Then `nodes` are the workers, and everything of kubeadm is there: static pods, add-ons, configuration, a bootstrap token. Without it the control plane is not to be seen.',
    example: 'stacked',
  }),
  controlPlanes: z.int().min(1).max(MAX_CONTROL_PLANES).optional().openapi({
    description: 'How many control planes a `topology` has: one if it is `single`, else three by default.',
  }),
  loadBalancer: onOrOff.optional().openapi({
    description:
      "Whether clients reach the API servers of a `topology` through a load balancer: by default where there are several. Without one they reach the first control plane's.",
  }),
};

/** What a request says of it. */
export interface TopologyRequest {
  topology?: Topology['kind'] | undefined;
  controlPlanes?: number | undefined;
  etcdMembers?: number | undefined;
  loadBalancer?: boolean | undefined;
}

/** As a file has it. */
export const savedTopologySchema = z
  .object({
    kind: topologyFields.topology.unwrap(),
    controlPlanes: topologyFields.controlPlanes.unwrap(),
    etcdMembers: etcdMembersSchema,
    loadBalancer: onOrOff,
  })
  .superRefine((saved, context) => {
    for (const problem of problemsOf(saved)) context.addIssue({ code: 'custom', ...problem });
  });

/** Undefined where the control plane is not to be seen. What is wrong with it `topologyProblems` has said. */
export function topologyOf(request: TopologyRequest): Topology | undefined {
  const { topology: kind } = request;
  if (!kind) return undefined;
  const controlPlanes = request.controlPlanes ?? (kind === 'single' ? 1 : DEFAULT_SEVERAL);
  const usual = kind === 'external' ? DEFAULT_SEVERAL : controlPlanes;
  return {
    kind,
    controlPlanes,
    etcdMembers: request.etcdMembers ?? usual,
    loadBalancer: request.loadBalancer ?? controlPlanes > 1,
  };
}

interface Problem {
  path: string[];
  message: string;
}

const problem = (field: string, message: string): Problem => ({ path: [field], message });

export function topologyProblems(request: TopologyRequest & { profile: string }): Problem[] {
  const topology = topologyOf(request);
  if (!topology)
    return (['controlPlanes', 'loadBalancer'] as const)
      .filter((field) => request[field] !== undefined)
      .map((field) => problem(field, 'is of a topology, and none is asked for'));
  if (request.profile !== 'full') return [problem('topology', 'needs the profile full, in which pods run')];
  return problemsOf(topology);
}

function problemsOf({ kind, controlPlanes, etcdMembers }: Topology): Problem[] {
  if (kind === 'single' && controlPlanes !== 1)
    return [problem('controlPlanes', 'must be 1 in a topology that is single')];
  if (kind === 'external' || etcdMembers === controlPlanes) return [];
  const message = `must be ${controlPlanes}, as there is a member on each control plane and nowhere else`;
  return [problem('etcdMembers', message)];
}

/** The nodes of its control planes, before all others. */
export const controlPlaneNodes = (topology: Topology | undefined, capacity: Record<string, string>): NodeSpec[] =>
  topology
    ? controlPlaneHosts(topology).map(({ name }) => ({
        name,
        capacity: { ...capacity },
        labels: { ...CONTROL_PLANE_LABELS },
        taints: [{ ...CONTROL_PLANE_TAINT }],
      }))
    : [];
