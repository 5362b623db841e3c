/** The network namespace of a pod, from the calls of CNI that made it. */

import type { AttachedPod } from '../attachment/attached-pod.ts';
import { BRIDGE } from '../attachment/conflist.ts';
import { NodeMachine } from '../attachment/node-machine.ts';
import type { Machine, Namespace } from '../cni/machine.ts';
import { readIP, readNet } from '../ip-addresses.ts';
import { interfaceOf, type NamespaceView, type Neighbour, routesOf } from './namespace-view.ts';

/** `lo` and `eth0` come first on a node, then the bridge. */
export const BRIDGE_INDEX = 3;
export const LOOPBACK_INDEX = 1;
const POD_INDEX = 2;

/** The index of the host's end of a pod: the later the address in the node's range, the higher. */
export function hostIndexOf({ addresses }: AttachedPod, podCIDRs: readonly string[]): number {
  const ip = addresses[0] === undefined ? undefined : readIP(addresses[0]);
  const range = podCIDRs.map(readNet).find((net) => net && ip && net.ip.family === ip.family);
  // The first address is the bridge's own.
  return BRIDGE_INDEX + (ip && range ? Number(ip.value - range.ip.value - 1n) : 1);
}

/** `machine`: on which the pod has been attached. */
export function viewOfPod(machine: Machine, pod: AttachedPod, podCIDRs: readonly string[]): NamespaceView {
  const namespace: Namespace | undefined = machine.network.containers[pod.sandbox.netns];
  if (!namespace) return { interfaces: [], routes: [], neighbours: [], forwarding: [] };
  const bridge = machine.network.host.links.find(({ name }) => name === BRIDGE);
  const neighbours: Neighbour[] = namespace.routes.flatMap(({ dst, gateway, dev }) =>
    dst === 'default' && gateway !== undefined && bridge
      ? [{ address: gateway, device: dev, mac: bridge.mac, state: 'REACHABLE' as const }]
      : [],
  );
  return {
    interfaces: namespace.links.map((link) =>
      link.type === 'loopback'
        ? interfaceOf(link, LOOPBACK_INDEX)
        : interfaceOf(link, POD_INDEX, { index: hostIndexOf(pod, podCIDRs) }),
    ),
    routes: routesOf(namespace),
    neighbours,
    forwarding: [],
  };
}

/** Of a pod with a network of its own. `podCIDRs`: the ranges of its node. */
export function podInterfaces(pod: AttachedPod, podCIDRs: readonly string[]): NamespaceView {
  const node = new NodeMachine(podCIDRs);
  node.attach(pod);
  return viewOfPod(node.machine, pod, podCIDRs);
}
