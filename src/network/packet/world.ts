/** All that a connection's way depends on. It is data: whoever has a cluster makes one of it, and a test writes one down. */
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { PolicyPod } from '../policy/subjects.ts';
import type { Notes } from './notes.ts';
import type { PacketAddress, Protocol } from './packet.ts';
import type { Hooks } from './pass-host.ts';
import type { RouteTable } from './routes.ts';

export type WorldPod = PolicyPod;

export interface WorldNode {
  name: string;
  /** The first of each family is what its packets come from. */
  addresses: readonly PacketAddress[];
  /** Of its bridge, in each range of its pods: where pods send what is not for themselves. */
  gateways: readonly PacketAddress[];
  routes: RouteTable;
}

/** Of a Service what finding it takes. */
export interface WorldService {
  /** `namespace/name`. */
  key: string;
  /** Empty for a headless one. */
  clusterIPs: readonly PacketAddress[];
  ports: readonly { name: string; port: number; protocol: string }[];
  /** Where a headless one leads: its endpoints' addresses. */
  endpoints: readonly PacketAddress[];
}

/** Whether a program listens. */
export type Listening = (
  place: { pod: WorldPod } | { node: WorldNode },
  protocol: Protocol,
  port: number,
  address: PacketAddress,
) => boolean;

export interface World {
  nodes: readonly WorldNode[];
  node(name: string): WorldNode | undefined;
  /** By its own address, a bridge's too. */
  nodeAt(address: string): WorldNode | undefined;
  pod(key: string): WorldPod | undefined;
  /** A pod with an address of its own. */
  podAt(address: string): WorldPod | undefined;
  service(key: string): WorldService | undefined;
  /** Whether an address is one at which Services are reached from outside: a load balancer's, an external one. */
  isExternal(address: string): boolean;
  /** The rules of a node for one family, parsed. */
  hooks(node: string, family: 4 | 6): Hooks;
  /** What the node's rules have noted of packets. They change it. */
  notes(node: string): Notes;
  policies: readonly CompiledPolicy[];
  listens: Listening;
  /** What lies outside of the cluster; absent: nothing answers there. */
  outside?(address: PacketAddress, protocol: Protocol, port: number): 'accepted' | 'refused' | 'dropped';
}
