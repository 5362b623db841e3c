/** The network of a running cluster: the texts of its nodes' rules, and the world that connections go through, made of the same texts. */

import { hostPortChains } from '../network/attachment/host-ports.ts';
import type { DnsAnswer, DnsQuestion } from '../network/dns/message.ts';
import { answer } from '../network/dns/server.ts';
import { iptables, natTable } from '../network/kube-proxy/iptables.ts';
import { type NetworkConfig, nodeProxyInput } from '../network/kube-proxy/node-input.ts';
import { drawnChance } from '../network/packet/chance.ts';
import { connect } from '../network/packet/connect.ts';
import type { ConnectionResult } from '../network/packet/connection-result.ts';
import { type PacketAddress, type Protocol, packetAddress } from '../network/packet/packet.ts';
import type { World } from '../network/packet/world.ts';
import { SLICES, slicesOf } from '../network/service-slices.ts';
import { ClusterNames } from '../network/world/cluster-names.ts';
import { type ClusterNetwork, ClusterWorld } from '../network/world/cluster-world.ts';
import { Remembered } from '../network/world/remembered.ts';
import { type Trace, type TraceQuestion, traceConnection } from '../network/world/trace.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { podsOn } from '../resources/core/pod/places.ts';
import { createRandom } from '../simulation/random.ts';
import { limitedWork, type WorkBudget, WorkExceeded } from '../simulation/work-budget.ts';

export interface NetworkSpec extends NetworkConfig {
  seed: string;
  components: { kubeProxy: boolean };
}

/** Whether a program of the pod (`namespace/name`) listens at an instant, at one of the addresses of its namespace. */
export type Listens = (
  pod: string,
  at: { protocol: 'TCP' | 'UDP'; port: number; address: string },
  now: number,
) => boolean;

/** A pod by `namespace/name`, with the address that it has before its status says so, or a node. */
export type Origin = { pod: string; address?: string } | { node: string };

export interface Target {
  address: string;
  port: number;
  protocol: Protocol;
  /** The address that its socket is bound to; absent: what the way there gives it. */
  source?: string;
}

/** Steps of writing a node's rules for a connection that meets them: some half a second. Where they take more, connections are lost on the way. */
export const MAX_CONNECTION_RULE_STEPS = 10_000_000;

const KUBELET_PORT = 10_250;
const KUBE_PROXY_HEALTH_PORT = 10_256;

export class SimulatedNetwork {
  readonly #spec: NetworkSpec;
  readonly #reader: () => View;
  readonly #listens: Listens;
  readonly #ruleSteps: number;
  /** The nodes whose rules take more steps than connections may wait for, as long as no Service changes. */
  readonly #unwritten = new Remembered<Set<string>>();
  readonly #known = new ClusterWorld();
  readonly #names = new ClusterNames();

  constructor(spec: NetworkSpec, reader: () => View, listens: Listens, ruleSteps = MAX_CONNECTION_RULE_STEPS) {
    this.#spec = spec;
    this.#reader = reader;
    this.#listens = listens;
    this.#ruleSteps = ruleSteps;
  }

  /** What `iptables-save` prints on a node, nothing where no kube-proxy runs; undefined when there is no such node. Throws what `work` does. */
  iptables(node: string, work: WorkBudget, family?: 'IPv4' | 'IPv6'): string | undefined {
    const { components, podCIDR, serviceCIDR } = this.#spec;
    const view = this.#reader();
    const input = nodeProxyInput(view, node, { podCIDR, serviceCIDR }, family);
    if (!input) return undefined;
    const own = view.get('nodes', undefined, node);
    const ports = own && hostPortChains(own, podsOn(view, node), input.ipFamily ?? 'IPv4');
    // Nobody writes any but kube-proxy and the plugins of CNI.
    if (!components.kubeProxy) return ports ? natTable(ports) : '';
    const { nat, filter } = iptables(input, work, ports);
    return `${filter.trimEnd()}\n${nat.trimEnd()}\n`;
  }

  /** What connections go through, as it is `now`, in milliseconds; `work` is what writing the rules may cost. */
  world(now: number, work: WorkBudget): World {
    return this.#world(now, (node, family) => this.iptables(node, work, family) ?? '');
  }

  #world(now: number, rules: ClusterNetwork['rules']): World {
    const view = this.#reader();
    return this.#known.world({
      view,
      rules,
      podListens: (pod, protocol, port, address) => this.#podListens(pod, protocol, port, address, now),
      nodeListens: (node, protocol, port, address) =>
        isNodePort(protocol, port) || this.#listenerOn(node, protocol, port, address, now) !== undefined,
      outside: (address, protocol, port) => (isApiServer(view, address, protocol, port) ? 'accepted' : 'dropped'),
    });
  }

  #podListens({ metadata }: Pod, protocol: Protocol, port: number, { text }: PacketAddress, now: number): boolean {
    if (protocol === 'sctp') return false;
    const at = { protocol: protocol === 'udp' ? 'UDP' : 'TCP', port, address: text } as const;
    return this.#listens(`${metadata.namespace}/${metadata.name}`, at, now);
  }

  /** The pod in a node's network that listens. */
  #listenerOn(node: string, protocol: Protocol, port: number, address: PacketAddress, now: number): Pod | undefined {
    const pods = podsInNetworkOf(this.#reader(), node);
    return pods.find((pod) => this.#podListens(pod, protocol, port, address, now));
  }

  /**
   * A connection that a program in a pod (`namespace/name`) opens, or a node. `draw` tells it from others: the same one takes the same way.
   * `now` in milliseconds; `work` is what its way may cost. Throws `UnknownEnd` and `WorkExceeded`.
   */
  connect(from: Origin, to: Target, now: number, draw: string, work: WorkBudget): ConnectionResult {
    const whose = 'pod' in from ? from.pod : `node:${from.node}`;
    const chance = drawnChance(createRandom(this.#spec.seed, `connection/${whose}/${draw}`));
    const { address, port, protocol } = to;
    const world = this.#world(now, this.#connectionRules());
    const source = packetAddress(to.source ?? '');
    const result = connect(
      'pod' in from ? withAddress(world, from) : world,
      { from, to: { address }, port, protocol, ...(source ? { source } : {}) },
      { chance, now: now / 1000, work },
    );
    const { verdict, node, destination } = result;
    if (verdict !== 'accepted' || node === undefined) return result;
    const listener = this.#listenerOn(node, protocol, destination.port, destination.address, now)?.metadata;
    return listener ? { ...result, pod: `${listener.namespace}/${listener.name}` } : result;
  }

  /** Written for connections: what took too long is not tried again before it may take less. */
  #connectionRules(): ClusterNetwork['rules'] {
    const view = this.#reader();
    const unwritten = this.#unwritten.of([view.list('services'), view.list(SLICES)], () => new Set());
    return (node, family) => {
      if (unwritten.has(node)) throw new WorkExceeded(this.#ruleSteps);
      unwritten.add(node);
      const text = this.iptables(node, limitedWork(this.#ruleSteps), family) ?? '';
      unwritten.delete(node);
      return text;
    };
  }

  /** A connection that the API server opens, from the node that it runs on. Undefined: there is no node. Throws as `connect` does. */
  connectServer(to: Target, now: number, draw: string, work: WorkBudget): ConnectionResult | undefined {
    const node = serverNode(this.#reader());
    return node && this.connect({ node: node.metadata.name }, to, now, `server/${draw}`, work);
  }

  /** What the cluster's DNS server answers; whether the way to it is open, `connect` tells. */
  ask(question: DnsQuestion, now: number): DnsAnswer {
    return answer(this.#names.server(this.#reader(), now / 1000), question);
  }

  /** Throws `UnknownEnd` and `WorkExceeded`. `now` in milliseconds, as everywhere in the cluster. */
  trace(question: TraceQuestion, now: number, work: WorkBudget): Trace {
    const seed = `${this.#spec.seed}/${question.seed}`;
    const traced = { world: this.world(now, work), view: this.#reader(), names: this.#names };
    return traceConnection(traced, { ...question, seed }, now / 1000, work);
  }
}

/** The world with the address of a pod in it whose sandbox has one, though nobody has written that yet. */
function withAddress(world: World, { pod: key, address }: { pod: string; address?: string }): World {
  const pod = world.pod(key);
  const own = packetAddress(address ?? '');
  if (!pod || !own || pod.hostNetwork || pod.addresses.length > 0) return world;
  const known = { ...pod, addresses: [own] };
  return {
    ...world,
    pod: (asked) => (asked === key ? known : world.pod(asked)),
    podAt: (asked) => (asked === own.text ? known : world.podAt(asked)),
  };
}

/** The kubelet and kube-proxy. */
const isNodePort = (protocol: Protocol, port: number): boolean =>
  protocol === 'tcp' && (port === KUBELET_PORT || port === KUBE_PROXY_HEALTH_PORT);

const podsInNetworkOf = (view: View, node: string): Pod[] => podsOn(view, node).filter(({ spec }) => spec.hostNetwork);

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** Where the API server runs: on the first node of the control plane, or where all is on one, on that. */
function serverNode(view: View): Node | undefined {
  const nodes = view.list('nodes') as Node[];
  return nodes.find(({ metadata }) => metadata.labels?.[CONTROL_PLANE] !== undefined) ?? nodes[0];
}

/** What stands behind the Service `kubernetes` is no pod and no node. */
const isApiServer = (view: View, { text }: PacketAddress, protocol: Protocol, port: number): boolean =>
  protocol === 'tcp' &&
  slicesOf(view, 'default', 'kubernetes').some(
    ({ endpoints, ports }) =>
      endpoints?.some((endpoint) => endpoint.addresses.includes(text)) && ports?.some((p) => p.port === port),
  );
