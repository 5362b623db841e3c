/**
 * How a cluster's control plane is laid out: which machines there are, what they are called, and where they are reached. As kubeadm tells
 * topologies apart: the store's members are on the control planes (stacked) or on machines of their own (external).
 */

export const TOPOLOGIES = ['single', 'stacked', 'external'] as const;
export type TopologyKind = (typeof TOPOLOGIES)[number];

export interface Topology {
  kind: TopologyKind;
  controlPlanes: number;
  etcdMembers: number;
  /** Whether clients reach all API servers by one address; without, they reach the first one's. */
  loadBalancer: boolean;
}

/** A machine of the hosts' network. */
export interface Host {
  name: string;
  address: string;
}

/** The hosts' network, whose first address is the router's. */
const HOST_NETWORK = '172.18';
const LOAD_BALANCER_HOST = 100;
const FIRST_ETCD_HOST = 21;
const FIRST_NODE_HOST = 2;
export const API_PORT = 6443;

export const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';
/** What kubeadm marks the node of a control plane with. */
export const CONTROL_PLANE_LABELS = {
  [CONTROL_PLANE_LABEL]: '',
  'node.kubernetes.io/exclude-from-external-load-balancers': '',
} as const;
export const CONTROL_PLANE_TAINT = { key: CONTROL_PLANE_LABEL, effect: 'NoSchedule' } as const;

const addressOf = (host: number): string => `${HOST_NETWORK}.${host >> 8}.${host & 255}`;

export const controlPlaneName = (index: number): string => `cp-${index + 1}`;

/** The control planes, in the order in which they have joined. They are the cluster's first nodes. */
export const controlPlaneHosts = ({ controlPlanes }: Pick<Topology, 'controlPlanes'>): Host[] =>
  Array.from({ length: controlPlanes }, (_, i) => ({
    name: controlPlaneName(i),
    address: addressOf(FIRST_NODE_HOST + i),
  }));

/** The machines that etcd's members are on. */
export const etcdHosts = (topology: Topology): Host[] =>
  topology.kind === 'external'
    ? Array.from({ length: topology.etcdMembers }, (_, i) => ({
        name: `etcd-${i + 1}`,
        address: addressOf(FIRST_ETCD_HOST + i),
      }))
    : controlPlaneHosts(topology);

/** The host numbers that nodes may not have, as other machines have them. */
export function takenHosts({ kind, etcdMembers, loadBalancer }: Topology): ReadonlySet<number> {
  const etcd = kind === 'external' ? Array.from({ length: etcdMembers }, (_, i) => FIRST_ETCD_HOST + i) : [];
  return new Set([...etcd, ...(loadBalancer ? [LOAD_BALANCER_HOST] : [])]);
}

/** Where clients reach the API, `172.18.0.100:6443`. */
export const endpointOf = (topology: Topology): string =>
  `${addressOf(topology.loadBalancer ? LOAD_BALANCER_HOST : FIRST_NODE_HOST)}:${API_PORT}`;

/** What bears no more failures than one less. */
export function quorumWarnings({ kind, controlPlanes, etcdMembers }: Topology): string[] {
  if (etcdMembers % 2 === 1) return [];
  const field = kind === 'stacked' ? 'controlPlanes' : 'etcdMembers';
  const members = kind === 'stacked' ? controlPlanes : etcdMembers;
  const bears = (members - 1) >> 1;
  return [
    `${field}: ${members} members need ${(members >> 1) + 1} for a quorum and bear the loss of ${bears}, as ${members - 1} do; an odd number is better`,
  ];
}
