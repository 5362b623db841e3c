/** A live cluster as the world that connections go through. What is made of its objects is remembered until they change. */
import type { Pod, Service } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { mappedPods } from '../attachment/host-ports.ts';
import { Notes } from '../packet/notes.ts';
import { type PacketAddress, type Protocol, packetAddress } from '../packet/packet.ts';
import { type Hooks, hooksOf } from '../packet/pass-host.ts';
import { parseRules } from '../packet/read-all.ts';
import type { World, WorldNode, WorldPod, WorldService } from '../packet/world.ts';
import { type CompiledPolicy, compilePolicy, namespaceLabels } from '../policy/compiled-policy.ts';
import { policyPod } from '../policy/subjects.ts';
import { clusterIPsOf, isReady, SLICES, slicesOf } from '../service-slices.ts';
import { nodeNetwork, worldNodes } from './nodes.ts';
import { Remembered } from './remembered.ts';

const POLICIES = 'networkpolicies.networking.k8s.io';

export interface ClusterNetwork {
  view: View;
  /** The text of a node's rules, as it is shown: nothing where there are none. */
  rules(node: string, family: 'IPv4' | 'IPv6'): string;
  /** Whether a program in the pod listens at an address of its namespace. */
  podListens(pod: Pod, protocol: Protocol, port: number, address: PacketAddress): boolean;
  /** The same of the node itself. */
  nodeListens(node: string, protocol: Protocol, port: number, address: PacketAddress): boolean;
  outside?: World['outside'];
}

interface Pods {
  byKey: Map<string, WorldPod>;
  byAddress: Map<string, WorldPod>;
  /** By node, which pods ports of it lead to, as one text. */
  mapped: Map<string, string>;
}

interface Nodes {
  all: WorldNode[];
  byName: Map<string, WorldNode>;
  byAddress: Map<string, WorldNode>;
}

export class ClusterWorld {
  readonly #worldPods = new WeakMap<Pod, WorldPod>();
  readonly #pods = new Remembered<Pods>();
  readonly #nodes = new Remembered<Nodes>();
  readonly #policies = new Remembered<CompiledPolicy[]>();
  readonly #hooks = new Remembered<Map<string, KnownHooks>>();
  readonly #external = new Remembered<Set<string>>();
  readonly #notes = new Map<string, Notes>();

  /** The world as it is now. */
  world(network: ClusterNetwork): World {
    const { view } = network;
    const pods = this.#podsOf(view.list('pods'));
    const nodes = this.#nodesOf(view);
    const services = view.list('services');
    // A world is of one instant: what there is is compared with what is known once.
    let hooks: Map<string, KnownHooks> | undefined;
    return {
      nodes: nodes.all,
      node: (name) => nodes.byName.get(name),
      nodeAt: (address) => nodes.byAddress.get(address),
      pod: (key) => pods.byKey.get(key),
      podAt: (address) => pods.byAddress.get(address),
      service: (key) => serviceOf(view, key),
      isExternal: (address) => this.#external.of([services], () => externalAddresses(services)).has(address),
      hooks: (node, family) => {
        hooks ??= this.#hooks.of([services, view.list(SLICES), view.list('nodes')], () => new Map());
        return hooksIn(hooks, network, { node, mapped: pods.mapped.get(node) }, family === 4 ? 'IPv4' : 'IPv6');
      },
      notes: (node) => this.#notesOf(node),
      policies: this.#policiesOf(view),
      listens: (place, protocol, port, address) => {
        if ('node' in place) return network.nodeListens(place.node.name, protocol, port, address);
        const [namespace, name = ''] = place.pod.key.split('/');
        const pod = view.get('pods', namespace, name);
        return pod !== undefined && network.podListens(pod, protocol, port, address);
      },
      ...(network.outside ? { outside: network.outside } : {}),
    };
  }

  #podsOf(list: readonly Pod[]): Pods {
    return this.#pods.of([list], () => {
      const byKey = new Map<string, WorldPod>();
      const byAddress = new Map<string, WorldPod>();
      for (const pod of list) {
        const known = this.#worldPods.get(pod) ?? policyPod(pod);
        this.#worldPods.set(pod, known);
        byKey.set(known.key, known);
        const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
        if (!known.hostNetwork && !isOver) for (const { text } of known.addresses) byAddress.set(text, known);
      }
      return { byKey, byAddress, mapped: mappedByNode(list) };
    });
  }

  #nodesOf(view: View): Nodes {
    const list = view.list('nodes');
    return this.#nodes.of([list], () => {
      const all = worldNodes(list.map(nodeNetwork));
      const own = (node: WorldNode) => [...node.addresses, ...node.gateways];
      return {
        all,
        byName: new Map(all.map((node) => [node.name, node])),
        byAddress: new Map(all.flatMap((node) => own(node).map(({ text }) => [text, node] as const))),
      };
    });
  }

  #policiesOf(view: View): CompiledPolicy[] {
    const policies = view.list(POLICIES);
    const namespaces = view.list('namespaces');
    return this.#policies.of([policies, namespaces], () => {
      const labels = namespaceLabels(namespaces);
      return policies.map((policy) => compilePolicy(policy, labels));
    });
  }

  #notesOf(node: string): Notes {
    const notes = this.#notes.get(node) ?? new Notes();
    this.#notes.set(node, notes);
    return notes;
  }
}

interface KnownHooks {
  hooks: Hooks;
  /** The pods that ports of the node led to. */
  mapped: string | undefined;
}

/** A node's text is parsed once, and what no packet meets is not. */
function hooksIn(
  known: Map<string, KnownHooks>,
  { rules }: ClusterNetwork,
  { node, mapped }: { node: string; mapped: string | undefined },
  family: 'IPv4' | 'IPv6',
): Hooks {
  const key = `${family} ${node}`;
  const before = known.get(key);
  if (before && before.mapped === mapped) return before.hooks;
  const hooks = hooksOf([parseRules(rules(node, family))]);
  known.set(key, { hooks, mapped });
  return hooks;
}

function mappedByNode(list: readonly Pod[]): Map<string, string> {
  const mapped = new Map<string, string>();
  for (const { metadata, spec, status } of mappedPods(list)) {
    const node = spec.nodeName ?? '';
    mapped.set(node, `${mapped.get(node) ?? ''} ${metadata.uid} ${status?.podIP}`);
  }
  return mapped;
}

const addresses = (texts: readonly (string | undefined)[]): PacketAddress[] =>
  texts.flatMap((text) => packetAddress(text ?? '') ?? []);

function externalAddresses(services: readonly Service[]): Set<string> {
  const texts = services.flatMap(({ spec, status }) => [
    ...(spec?.externalIPs ?? []),
    ...(status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip),
  ]);
  return new Set(addresses(texts).map(({ text }) => text));
}

function serviceOf(view: View, key: string): WorldService | undefined {
  const [namespace = '', name = ''] = key.split('/');
  const service = view.get('services', namespace, name);
  if (!service) return undefined;
  const { clusterIP, ports } = service.spec ?? {};
  return {
    key,
    clusterIPs: clusterIPsOf(service),
    ports: (ports ?? []).map((port) => ({ name: port.name ?? '', port: port.port, protocol: port.protocol ?? 'TCP' })),
    endpoints: clusterIP === 'None' ? readyAddresses(view, namespace, name) : [],
  };
}

function readyAddresses(view: View, namespace: string, name: string): PacketAddress[] {
  const endpoints = slicesOf(view, namespace, name).flatMap((slice) => slice.endpoints ?? []);
  return addresses(endpoints.filter(isReady).flatMap((e) => e.addresses));
}

/** The EndpointSlice of a Service that has an endpoint with the address. */
export function sliceWith(view: View, namespace: string, service: string, address: string): string | undefined {
  const found = slicesOf(view, namespace, service).find(({ endpoints }) =>
    endpoints?.some((e) => e.addresses.includes(address)),
  );
  return found?.metadata.name;
}
