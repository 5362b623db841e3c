/** The network namespace of a pod as its programs see it: its own, from the calls of CNI that made it, or its node's. */
import type { DeviceQuery, NamespaceTexts, NetworkDevice } from '../machine/namespace-texts.ts';
import { attachedPod } from '../network/attachment/attached-pod.ts';
import { podCIDRsOf } from '../network/attachment/node-addresses.ts';
import {
  ipAddress,
  ipBriefAddress,
  ipBriefLink,
  ipLink,
  ipOneLineAddress,
  ipOneLineLink,
} from '../network/interfaces/ip-address-text.ts';
import { bridgeForwarding, ipNeighbour, ipRoute, ipRouteGet } from '../network/interfaces/ip-route-text.ts';
import type { NamespaceView, NetworkInterface } from '../network/interfaces/namespace-view.ts';
import { type NodeNetwork, nodeInterfaces } from '../network/interfaces/node-interfaces.ts';
import { podInterfaces } from '../network/interfaces/pod-interfaces.ts';
import { procArp, procDev, procInet6, procRoute, procTcp, procUdp } from '../network/interfaces/proc-net.ts';
import { printIP, readIP } from '../network/ip-addresses.ts';
import type { Node, Pod } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { podsOn } from '../resources/core/pod/places.ts';

/** A node's address in the network that nodes share. */
const prefixOf = (address: string): string => `${address}/${address.includes(':') ? 64 : 16}`;

/** `router`: the first address of the nodes' network. */
export function podNamespace(reader: View, pod: Pod, node: Node, router: string): NamespaceTexts {
  const podCIDRs = podCIDRsOf(node);
  if (!pod.spec.hostNetwork) return textsOf(podInterfaces(attachedPod(pod), podCIDRs));
  const networkOf = (one: Node): NodeNetwork => ({
    addresses: (one.status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP')
      .map(({ address }) => prefixOf(address)),
    router,
    podCIDRs: podCIDRsOf(one),
  });
  const others = reader.list('nodes').filter(({ metadata }) => metadata.name !== node.metadata.name);
  const attached = podsOn(reader, node.metadata.name).filter(({ spec, status }) => !spec.hostNetwork && status?.podIP);
  return textsOf(nodeInterfaces(networkOf(node), attached.map(attachedPod), others.map(networkOf)));
}

const deviceOf = ({ name, kind, mac, mtu, queueLength, isUp, addresses }: NetworkInterface): NetworkDevice => ({
  name,
  isLoopback: kind === 'loopback',
  mac,
  mtu,
  queueLength,
  isUp,
  addresses: addresses.map(({ net, broadcast, scope }) => ({
    address: printIP(net.ip),
    bits: net.bits,
    family: net.ip.family,
    scope,
    ...(broadcast === undefined ? {} : { broadcast }),
  })),
});

const FORMS = {
  long: { addresses: ipAddress, links: ipLink },
  brief: { addresses: ipBriefAddress, links: ipBriefLink },
  oneline: { addresses: ipOneLineAddress, links: ipOneLineLink },
};

const FILES = { dev: procDev, route: procRoute, arp: procArp, if_inet6: procInet6 };

function textsOf(view: NamespaceView): NamespaceTexts {
  const query = ({ dialect, family, device }: DeviceQuery) => ({
    dialect,
    ...(family === undefined ? {} : { family }),
    ...(device === undefined ? {} : { device }),
  });
  return {
    devices: view.interfaces.map(deviceOf),
    addresses: (asked) => FORMS[asked.form].addresses(view, query(asked)),
    links: (asked) => FORMS[asked.form].links(view, query(asked)),
    routes: (family, dialect) => ipRoute(view, family, dialect),
    routeTo(address) {
      const ip = readIP(address);
      return ip && ipRouteGet(view, ip);
    },
    neighbours: (family, dialect) => ipNeighbour(view, family, dialect),
    forwarding: () => bridgeForwarding(view),
    file: (name) => FILES[name](view),
    socketFile: (name, sockets) => (name.startsWith('tcp') ? procTcp : procUdp)(sockets, name.endsWith('6') ? 6 : 4),
  };
}

/** Without any device. */
export const EMPTY_NAMESPACE: NamespaceTexts = textsOf({ interfaces: [], routes: [], neighbours: [], forwarding: [] });
