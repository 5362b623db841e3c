import type { ClusterConfig } from '../apiserver/storage/storage.ts';
import type { Topology } from '../kubeadm/topology.ts';
import type { NodeSpec } from '../objects/node-spec.ts';
import type { Behaviour } from '../simulation/behaviours.ts';

/** What of a cluster's making the simulation must know; a platform's `ClusterSpec` is one. */
export interface SimulationSpec extends ClusterConfig {
  /** Real time of its creation, milliseconds since 1970. */
  createdAt: number;
  nodes: NodeSpec[];
  clock: { start: number; speed: number; paused: boolean };
  /** Absent: the default rules. */
  behaviours?: Behaviour[];
  /** How many members its etcd has; absent: one. */
  etcdMembers?: number;
  /** How its control plane is laid out; absent: it is not to be seen. */
  topology?: Topology;
  /** false: what caused a write is not kept. */
  causes?: boolean;
  /** When the default objects were made, if not at the clock's start. */
  baseTime?: number;
}
