/**
 * Kubelets that fall silent with their machine and come back. The cluster's own have no heartbeats that are stored; of one that is down the last one
 * is, and from then on the node lives by it as any other does. Models pkg/kubelet/kubelet_node_status.go.
 */

import { recordEvent } from '../controllers/events.ts';
import { HEARTBEAT_MS, hasKubelet, isOwnLease, NODE_LEASES } from '../controllers/nodes/node-health.ts';
import type { ClusterReconciler } from '../objects/cluster-reconciler.ts';
import type { Condition } from '../objects/conditions.ts';
import type { Lease } from '../objects/generated/coordination-v1.gen.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, ManagedFieldsEntry, View } from '../objects/object.ts';
import { microTimestamp, milliseconds, timestamp } from '../objects/time.ts';
import { podsOn } from '../resources/core/pod/places.ts';
import type { Broken } from '../simulation/faults.ts';
import type { Write } from '../simulation/reconciler.ts';
import { healthyConditions } from './nodes.ts';
import type { Runtime } from './runtime/pod-runtime.ts';

const LEASES = 'leases.coordination.k8s.io';
export const NODE_SILENCE = 'kubelet-heartbeats';
/** How a container ends of which nobody saw the end. */
const UNSEEN_END = { exitCode: 255, reason: 'Unknown' };

export interface SilencePorts {
  /** What has become of a node's machine; undefined: it runs. */
  broken(node: string): Broken | undefined;
  /** Whether its machine has been off before it came back: nothing runs on it any more. */
  wasOff(node: string): boolean;
  runtime: Pick<Runtime, 'let'>;
}

export const nodeSilence = (ports: SilencePorts): ClusterReconciler => ({
  name: NODE_SILENCE,
  manager: 'kubelet',
  reads: ['events', LEASES, 'nodes', 'pods'],
  watches: [
    {
      // After the process has ended in between. Else whoever breaks a machine wakes this.
      resource: 'nodes',
      keys: ({ old, new: node }, reader) =>
        node && !old && (ports.broken(node.metadata.name) || isSilent(reader, node)) ? [node.metadata.name] : [],
    },
  ],
  reconcile(reader, name, { now }) {
    const node = reader.get('nodes', undefined, name);
    const lease = reader.get(LEASES, NODE_LEASES, name);
    if (!node || !lease || !isOwnLease(lease, node)) return { writes: [] };
    const broken = ports.broken(name);
    const isHeard = hasKubelet(reader, node);
    if (broken) return { writes: isHeard ? [lastHeartbeat(lease, broken.since)] : [] };
    if (isHeard) return { writes: [] };
    const restarted = ports.wasOff(name) ? restart(reader, node, ports, now) : [];
    return { writes: [...restarted, ...returned(reader, node, now), heartbeat(lease, now)] };
  },
});

function isSilent(reader: View, node: Node): boolean {
  const lease = reader.get(LEASES, NODE_LEASES, node.metadata.name);
  return lease !== undefined && (lease.metadata.managedFields?.length ?? 0) > 0 && isOwnLease(lease, node);
}

function lastHeartbeat(lease: Lease, since: number): Write<KubeObject> {
  const taken = milliseconds(lease.spec?.renewTime);
  const times = Math.floor((since - taken) / HEARTBEAT_MS);
  const renewTime = microTimestamp(times > 0 ? taken + times * HEARTBEAT_MS : Math.max(since, taken + 1));
  return {
    verb: 'update',
    object: {
      ...lease,
      metadata: { ...lease.metadata, managedFields: [renewedBy(since)] },
      spec: { ...lease.spec, renewTime },
    },
  };
}

/** Nobody's heartbeats but a kubelet's are said to be somebody's: by that its node is told from those that live without. */
const renewedBy = (at: number): ManagedFieldsEntry => ({
  manager: 'kubelet',
  operation: 'Update',
  apiVersion: 'coordination.k8s.io/v1',
  time: timestamp(at),
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:renewTime': {} } },
});

/** As at its making, nobody is said to have written it. */
const heartbeat = (lease: Lease, now: number): Write<KubeObject> => ({
  verb: 'update',
  object: {
    ...lease,
    metadata: { ...lease.metadata, managedFields: [] },
    spec: { ...lease.spec, renewTime: microTimestamp(now) },
  },
});

/** The kubelet says again how its node is. */
function returned(reader: View, node: Node, now: number): Write<KubeObject>[] {
  const { name } = node.metadata;
  const before: Condition[] = node.status?.conditions ?? [];
  const healthy = healthyConditions(timestamp(now));
  const conditions = before.map((known) => {
    const well = healthy.find(({ type }) => type === known.type);
    if (!well) return known;
    return known.status === well.status ? { ...well, lastTransitionTime: known.lastTransitionTime } : well;
  });
  const source = { component: 'kubelet', host: name };
  const wasReady = before.find(({ type }) => type === 'Ready')?.status === 'True';
  const text = { reason: 'NodeReady', message: `Node ${name} status is now: NodeReady` };
  return [
    { verb: 'update', subresource: 'status', object: { ...node, status: { ...node.status, conditions } } },
    ...(wasReady ? [] : [recordEvent(reader, node, source, text, now)]),
  ];
}

/** Its machine has started anew: what ran on it has ended, and nobody saw how. */
function restart(reader: View, node: Node, { runtime }: SilencePorts, now: number): Write<KubeObject>[] {
  const { name } = node.metadata;
  const text = { reason: 'Starting', message: 'Starting kubelet.' };
  const ended = podsOn(reader, name).flatMap((pod) => {
    runtime.let(pod.metadata.namespace ?? '', pod.metadata.name);
    return endUnseen(pod, now);
  });
  return [recordEvent(reader, node, { component: 'kubelet', host: name }, text, now), ...ended];
}

function endUnseen(pod: Pod, now: number): Write<KubeObject>[] {
  const statuses = pod.status?.containerStatuses ?? [];
  if (!statuses.some(({ state }) => state?.running)) return [];
  const containerStatuses = statuses.map((status) => {
    const { running } = status.state ?? {};
    if (!running) return status;
    const { containerID } = status;
    const terminated = { ...UNSEEN_END, startedAt: running.startedAt, finishedAt: timestamp(now), containerID };
    return { ...status, ready: false, started: false, state: { terminated } };
  });
  return [{ verb: 'update', subresource: 'status', object: { ...pod, status: { ...pod.status, containerStatuses } } }];
}
