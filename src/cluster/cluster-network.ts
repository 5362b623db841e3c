/** The network of a running cluster: the texts of its nodes' rules, and the world that connections go through, made of the same texts. */
import { iptables } from '../network/kube-proxy/iptables.ts';
import { type NetworkConfig, nodeProxyInput } from '../network/kube-proxy/node-input.ts';
import type { PacketAddress, Protocol } from '../network/packet/packet.ts';
import type { World } from '../network/packet/world.ts';
import { ClusterWorld } from '../network/world/cluster-world.ts';
import { type Trace, type TraceQuestion, traceConnection } from '../network/world/trace.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import type { WorkBudget } from '../simulation/work-budget.ts';

export interface NetworkSpec extends NetworkConfig {
  seed: string;
  components: { kubeProxy: boolean };
}

type PodListens = (pod: Pod, protocol: Protocol, port: number) => boolean;

const KUBELET_PORT = 10_250;
const KUBE_PROXY_HEALTH_PORT = 10_256;
const SLICES = 'endpointslices.discovery.k8s.io';

export class SimulatedNetwork {
  readonly #spec: NetworkSpec;
  readonly #reader: () => View;
  readonly #listens: PodListens;
  readonly #known = new ClusterWorld();

  /** `listens`: whether somebody who connects to a pod is answered. */
  constructor(spec: NetworkSpec, reader: () => View, listens: PodListens) {
    this.#spec = spec;
    this.#reader = reader;
    this.#listens = listens;
  }

  /** What `iptables-save` prints on a node, nothing where no kube-proxy runs; undefined when there is no such node. Throws what `work` does. */
  iptables(node: string, work: WorkBudget, family?: 'IPv4' | 'IPv6'): string | undefined {
    const { components, podCIDR, serviceCIDR } = this.#spec;
    const input = nodeProxyInput(this.#reader(), node, { podCIDR, serviceCIDR }, family);
    if (!input) return undefined;
    // Nobody else writes any.
    if (!components.kubeProxy) return '';
    const { nat, filter } = iptables(input, work);
    return `${filter.trimEnd()}\n${nat.trimEnd()}\n`;
  }

  /** What connections go through, as it is now; `work` is what writing the rules may cost. */
  world(work: WorkBudget): World {
    const view = this.#reader();
    return this.#known.world({
      view,
      rules: (node, family) => this.iptables(node, work, family) ?? '',
      podListens: this.#listens,
      nodeListens: (node, protocol, port) => nodeListens(view, this.#listens, node, protocol, port),
      outside: (address, protocol, port) => (isApiServer(view, address, protocol, port) ? 'accepted' : 'dropped'),
    });
  }

  /** Throws `UnknownEnd` and `WorkExceeded`. `now` in milliseconds, as everywhere in the cluster. */
  trace(question: TraceQuestion, now: number, work: WorkBudget): Trace {
    const seed = `${this.#spec.seed}/${question.seed}`;
    return traceConnection(this.world(work), this.#reader(), { ...question, seed }, now / 1000, work);
  }
}

/** A cluster's; its pump is there when something is asked. */
export const networkOf = (spec: NetworkSpec, pump: () => { reader(): View }, ends: { listens: PodListens }) =>
  new SimulatedNetwork(spec, () => pump().reader(), ends.listens);

/** The kubelet, kube-proxy, and pods in the node's own network. */
function nodeListens(view: View, podListens: PodListens, node: string, protocol: Protocol, port: number): boolean {
  if (protocol === 'tcp' && (port === KUBELET_PORT || port === KUBE_PROXY_HEALTH_PORT)) return true;
  return view
    .list('pods')
    .some((pod) => pod.spec.hostNetwork && pod.spec.nodeName === node && podListens(pod, protocol, port));
}

/** What stands behind the Service `kubernetes` is no pod and no node. */
const isApiServer = (view: View, { text }: PacketAddress, protocol: Protocol, port: number): boolean =>
  protocol === 'tcp' &&
  view
    .list(SLICES, 'default')
    .some(
      ({ metadata, endpoints, ports }) =>
        metadata.labels?.['kubernetes.io/service-name'] === 'kubernetes' &&
        endpoints?.some((endpoint) => endpoint.addresses.includes(text)) &&
        ports?.some((p) => p.port === port),
    );
