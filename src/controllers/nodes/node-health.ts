/**
 * Which nodes are alive, and whether so many are not that the fault is thought to be elsewhere.
 * Models pkg/controller/nodelifecycle/node_lifecycle_controller.go.
 */

import { conditionOf } from '../../objects/conditions.ts';
import type { Lease } from '../../objects/generated/coordination-v1.gen.ts';
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';

const LEASES = 'leases.coordination.k8s.io';
export const NODE_LEASES = 'kube-node-lease';

/** Of a zone's nodes, beyond two: from this share on its evictions slow down, and in one of up to so many nodes they stop. */
const UNHEALTHY_SHARE = 0.55;
const UNHEALTHY_NODES = 2;
const LARGE_CLUSTER = 50;
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

/** Between two heartbeats of a kubelet. */
export const HEARTBEAT_MS = 10_000;

const KUBELET = 'kubelet';
const HOLDER = 'f:holderIdentity';

/** Whether the cluster itself made a node's lease, and nobody but its kubelet has written it since. */
export function isOwnLease(lease: Lease, node: Node): boolean {
  if (lease.metadata.ownerReferences?.[0]?.uid !== node.metadata.uid) return false;
  return (lease.metadata.managedFields ?? []).every(({ manager, fieldsV1 }) => {
    const spec = (fieldsV1 as Record<string, object> | undefined)?.['f:spec'] ?? {};
    return manager === KUBELET && !(HOLDER in spec);
  });
}

/**
 * Whether one of the cluster's own kubelets is behind the node, which lives without heartbeats. Its lease was made with it: nobody has
 * ever written that through the API. A node that somebody registers has none, or one that must be renewed.
 */
export function hasKubelet(reader: View, node: Node): boolean {
  const lease = reader.get(LEASES, NODE_LEASES, node.metadata.name);
  if (!lease || lease.metadata.managedFields?.length) return false;
  return lease.metadata.ownerReferences?.[0]?.uid === node.metadata.uid;
}

/** Whether a change of a node's lease is its own kubelet's return. */
export const isBack = (old: Lease | undefined, lease: Lease): boolean =>
  lease.metadata.namespace === NODE_LEASES &&
  old !== undefined &&
  (old.metadata.managedFields?.length ?? 0) > 0 &&
  (lease.metadata.managedFields?.length ?? 0) === 0;

export const isNodeReady = (node: Node): boolean => conditionOf(node, 'Ready')?.status === 'True';

/** As the controller tells zones apart: by region and zone, old labels before new ones. */
function zoneOf({ metadata: { labels = {} } }: KubeObject): string {
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? '';
  const region = labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? '';
  return zone || region ? `${region}:\0:${zone}` : '';
}

export type Disruption = 'none' | 'partial' | 'all';

/** `all`: no node of any zone is ready, so no pod is evicted at all; `partial`: too many of this node's zone. */
export function disruptionOf(reader: View, node: Node): Disruption {
  const nodes = reader.list('nodes').filter(({ metadata }) => metadata.labels?.[EXCLUDED] === undefined);
  if (!nodes.some(isNodeReady)) return 'all';
  const zone = nodes.filter((other) => zoneOf(other) === zoneOf(node));
  const unhealthy = zone.filter((other) => !isNodeReady(other)).length;
  const isPartial =
    unhealthy < zone.length && unhealthy > UNHEALTHY_NODES && unhealthy / zone.length >= UNHEALTHY_SHARE;
  return isPartial && zone.length <= LARGE_CLUSTER ? 'partial' : 'none';
}
