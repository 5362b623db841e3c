/** The network of a node: its card, the bridge with a port for each pod, and routes to the pods of other nodes. */

import type { AttachedPod } from '../attachment/attached-pod.ts';
import { BRIDGE } from '../attachment/conflist.ts';
import { NodeMachine } from '../attachment/node-machine.ts';
import { loopbackUp } from '../cni/kernel/links.ts';
import { type Machine, newNetwork } from '../cni/machine.ts';
import { type IPNet, isIn, printIP, readIP, readNet } from '../ip-addresses.ts';
import { macOfAddress, multicastMACs } from './link-local.ts';
import {
  type ForwardingEntry,
  interfaceOf,
  type NamespaceView,
  type Neighbour,
  type NetworkInterface,
  routesOf,
} from './namespace-view.ts';
import { BRIDGE_INDEX, hostIndexOf, LOOPBACK_INDEX } from './pod-interfaces.ts';

export interface NodeNetwork {
  /** Of its card, with the prefix of the nodes' network: `172.18.0.2/16`. */
  addresses: readonly string[];
  /** Of the nodes' network. */
  router: string;
  podCIDRs: readonly string[];
}

const CARD = 'eth0';
const CARD_INDEX = 2;
/** Those who snoop on multicast, on a bridge. */
const BRIDGE_GROUPS = ['01:00:5e:00:00:6a', '33:33:00:00:00:6a'];

const netsOf = ({ addresses }: NodeNetwork): IPNet[] => addresses.flatMap((address) => readNet(address) ?? []);
const addressOf = (node: NodeNetwork, family: 4 | 6): string | undefined => {
  const net = netsOf(node).find(({ ip }) => ip.family === family);
  return net && printIP(net.ip);
};

/** Before its first pod: the card is up, and what other nodes' pods are sent goes by those nodes. */
function bareMachine(node: NodeNetwork, others: readonly NodeNetwork[]): NodeMachine {
  const network = newNetwork();
  const { host } = network;
  const mac = macOfAddress(addressOf(node, 4) ?? '0.0.0.0');
  const machine = new NodeMachine(node.podCIDRs, {
    network: {
      ...network,
      host: { ...host, links: [{ name: CARD, type: 'ether', mtu: 1500, mac, up: false, addresses: [] }] },
    },
  });
  machine.configure(CARD, netsOf(node));
  const router = readIP(node.router);
  if (router) machine.route(undefined, CARD, router);
  for (const other of others)
    for (const cidr of other.podCIDRs) {
      const dst = readNet(cidr);
      const address = dst && addressOf(other, dst.ip.family);
      const gateway = address === undefined ? undefined : readIP(address);
      if (dst && gateway && netsOf(node).some((net) => isIn(net, gateway))) machine.route(dst, CARD, gateway);
    }
  return machine;
}

/** The node with all of its pods, in the order of their addresses. */
export function nodeMachine(node: NodeNetwork, pods: readonly AttachedPod[], others: readonly NodeNetwork[]): Machine {
  const machine = bareMachine(node, others);
  const attached = pods.filter(({ addresses }) => addresses.length > 0);
  attached.sort((a, b) => hostIndexOf(a, node.podCIDRs) - hostIndexOf(b, node.podCIDRs));
  for (const pod of attached) machine.attach(pod);
  return machine.machine;
}

function interfacesOf(machine: Machine, pods: readonly AttachedPod[], podCIDRs: readonly string[]): NetworkInterface[] {
  const byNamespace = new Map(pods.map((pod) => [pod.sandbox.netns, pod]));
  const others = machine.network.host.links.map((link) => {
    if (link.name === CARD) return interfaceOf(link, CARD_INDEX);
    const pod = link.peer && byNamespace.get(link.peer.netns);
    if (!pod) return interfaceOf(link, BRIDGE_INDEX);
    const { netns } = pod.sandbox;
    return interfaceOf(link, hostIndexOf(pod, podCIDRs), { index: 2, netns: netns.slice(netns.lastIndexOf('/') + 1) });
  });
  return [interfaceOf(loopbackUp(), LOOPBACK_INDEX), ...others.sort((a, b) => a.index - b.index)];
}

/** The hardware address inside of a pod, by the name of the host's end. */
function podMACs({ network }: Machine): Map<string, string> {
  const macs = new Map<string, string>();
  for (const { links } of Object.values(network.containers))
    for (const { peer, mac } of links) if (peer) macs.set(peer.name, mac);
  return macs;
}

function neighboursOf(node: NodeNetwork, machine: Machine, others: readonly NodeNetwork[]): Neighbour[] {
  const ofPods = Object.values(machine.network.containers).flatMap(({ links }) =>
    links.flatMap(({ peer, mac, addresses }) =>
      peer
        ? addresses.map(({ address }) => ({
            address: address.split('/')[0]!,
            device: BRIDGE,
            mac,
            state: 'STALE' as const,
          }))
        : [],
    ),
  );
  const near = [node.router, ...others.flatMap((other) => addressOf(other, 4) ?? [])].filter((address) =>
    netsOf(node).some((net) => isIn(net, readIP(address) ?? { family: 6, value: 0n })),
  );
  const ofNodes = near.map((address) => ({
    address,
    device: CARD,
    mac: macOfAddress(address),
    state: 'REACHABLE' as const,
  }));
  return [...ofNodes, ...ofPods];
}

function forwardingOf(machine: Machine, interfaces: readonly NetworkInterface[]): ForwardingEntry[] {
  const inside = podMACs(machine);
  return interfaces.flatMap(({ name, kind, mac, master, addresses }) => {
    if (kind === 'loopback') return [];
    const isPermanent = true;
    const own = multicastMACs(addresses.map(({ net }) => net)).map((group) => ({
      mac: group,
      device: name,
      isPermanent,
    }));
    const [all, ...rest] = own;
    if (kind === 'bridge') {
      const groups = BRIDGE_GROUPS.map((group) => ({ mac: group, device: name, isPermanent }));
      return [all!, ...groups, ...rest, { mac, device: name, master: name, isPermanent }];
    }
    if (master === undefined) return own;
    const learnt = inside.get(name);
    const ofPod = learnt === undefined ? [] : [{ mac: learnt, device: name, master, isPermanent: false }];
    return [...ofPod, { mac, device: name, master, isPermanent }, ...own];
  });
}

/** `pods`: those on the node that have a network of their own; `others`: the other nodes. */
export function nodeInterfaces(
  node: NodeNetwork,
  pods: readonly AttachedPod[],
  others: readonly NodeNetwork[],
): NamespaceView {
  const machine = nodeMachine(node, pods, others);
  const interfaces = interfacesOf(machine, pods, node.podCIDRs);
  return {
    interfaces,
    routes: routesOf(machine.network.host),
    neighbours: neighboursOf(node, machine, others),
    forwarding: forwardingOf(machine, interfaces),
  };
}
